/** Where the prefix of a 0x03 row ends and its shared body begins (PROTOCOL.md section 6): the server must see that, and nothing else. */
import { ENVELOPE_PREFIX_BYTES_MAX } from "./limits.ts"

const KIND = 0x03
/** kind(1) ‖ keyId(4) ‖ x25519_eph(32) ‖ mlkem_ct(1088) ‖ nonce(12). */
export const PREFIX_LENGTH_AT = 1137
const LENGTH_BYTES = 4
/** nonce(12) ‖ tag(16). */
export const SHARED_BYTES_MIN = 28

/** Where the sealed part of the prefix begins, behind its length. */
export const PREFIX_SEALED_AT = PREFIX_LENGTH_AT + LENGTH_BYTES

/** Where the prefix ends by its own length; undefined when it is none, or longer than a prefix may be. */
export function prefixEnd(payload: Uint8Array): number | undefined {
  if (payload[0] !== KIND || payload.length < PREFIX_SEALED_AT) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const end = PREFIX_SEALED_AT + view.getUint32(PREFIX_LENGTH_AT)
  return end <= Math.min(payload.length, ENVELOPE_PREFIX_BYTES_MAX) ? end : undefined
}

/** What the sender may have handed to the server as body: all of a row's payload, or what follows a prefix. */
export function possibleBodies(payload: Uint8Array): readonly Uint8Array[] {
  const end = prefixEnd(payload)
  return end === undefined ? [payload] : [payload, payload.subarray(end)]
}

/** Whether who gets prefix ‖ body can tell the two apart: nothing, or all of 0x03 but its body. */
export const isPrefixOf = (prefix: Uint8Array, body: Uint8Array): boolean =>
  prefix.length === 0 || (prefixEnd(prefix) === prefix.length && body.length >= SHARED_BYTES_MIN)
