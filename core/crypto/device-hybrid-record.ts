/** Hybrid key record: a device's public envelope keys, signed by it (PROTOCOL.md section 6). Knows no KEM: lengths only. */
import { concat, uintBytes, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { exactly } from "../domain/ids.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { HYBRID_KEY_AHEAD_MS_MAX } from "../domain/limits.ts"
import { signEd25519, verifyEd25519 } from "./ed25519.ts"

/** version(1) ‖ keyId(4) ‖ x25519(32) ‖ mlkem(1184) ‖ notAfter(8). */
export const HYBRID_RECORD_BYTES = 1229
export const HYBRID_KEY_ID_BYTES = 4

const VERSION = 1
const LABEL = utf8("qpq-hybrid-key-v1")
const X25519_AT = 5
const MLKEM_AT = 37
const NOT_AFTER_AT = 1221

export interface HybridKeyRecord {
  /** 4 bytes; not unique, only a hint which private key to try first. */
  readonly keyId: Uint8Array
  /** X25519 public key, 32 bytes. */
  readonly x25519: Uint8Array
  /** ML-KEM-768 encapsulation key, 1184 bytes. */
  readonly mlkem: Uint8Array
  /** Milliseconds since the Unix epoch. */
  readonly notAfter: number
}

/** 1229 bytes. @throws E024 for a field of another length. */
export function encodeHybridRecord(record: HybridKeyRecord): Uint8Array {
  const keyId = exactly(record.keyId, HYBRID_KEY_ID_BYTES, "key id")
  const x25519 = exactly(record.x25519, MLKEM_AT - X25519_AT, "X25519 key")
  const mlkem = exactly(record.mlkem, NOT_AFTER_AT - MLKEM_AT, "ML-KEM key")
  return concat(Uint8Array.of(VERSION), keyId, x25519, mlkem, uintBytes(record.notAfter, 8))
}

/** Device key over "qpq-hybrid-key-v1" ‖ record, 64 bytes. */
export const signHybridRecord = (deviceSeed: Uint8Array, encoded: Uint8Array): Uint8Array =>
  signEd25519(deviceSeed, concat(LABEL, encoded))

/** Structure only. @throws E013 for another length or version. */
export function decodeHybridRecord(encoded: Uint8Array): HybridKeyRecord {
  if (encoded.length !== HYBRID_RECORD_BYTES) throw new QpqError("E013", "hybrid key record length")
  if (encoded[0] !== VERSION) throw new QpqError("E013", "hybrid key record version")
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  return {
    keyId: encoded.slice(1, X25519_AT),
    x25519: encoded.slice(X25519_AT, MLKEM_AT),
    mlkem: encoded.slice(MLKEM_AT, NOT_AFTER_AT),
    notAfter: Number(view.getBigUint64(NOT_AFTER_AT)),
  }
}

export interface SignedHybridRecord {
  /** The 1229 bytes. */
  readonly record: Uint8Array
  /** 64 bytes. */
  readonly signature: Uint8Array
  readonly deviceKey: DeviceKey
}

/**
 * What a server checks at upload and a client before use: lengths, signature, not expired, at most 31 days ahead.
 * @param now milliseconds since the Unix epoch.
 * @throws E013
 */
export function verifyHybridKeyRecord(signed: SignedHybridRecord, now: number): HybridKeyRecord {
  const decoded = decodeHybridRecord(signed.record)
  if (!verifyEd25519(signed.deviceKey, concat(LABEL, signed.record), signed.signature))
    throw new QpqError("E013", "hybrid key record signature")
  if (decoded.notAfter <= now) throw new QpqError("E013", "hybrid key expired")
  if (decoded.notAfter > now + HYBRID_KEY_AHEAD_MS_MAX) throw new QpqError("E013", "hybrid key lives too long")
  return decoded
}
