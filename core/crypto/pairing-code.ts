/**
 * Pairing: a listed device shows a 128-bit code, the new one is given it, and what they leave for each other at the server
 * is sealed under it (docs/decisions/0051). Who knows the code within its ten minutes can become a device.
 */
import { concat, textFrom, uintBytes, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { deviceKey } from "../domain/ids.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { PAIRING_ID_BYTES } from "../domain/limits.ts"
import { ED25519_SIGNATURE_BYTES, signEd25519, verifyEd25519 } from "./ed25519.ts"
import { GCM_NONCE_BYTES, gcmOpen, gcmSeal, hkdfExpand, hkdfExtract } from "./hash.ts"

const LABEL = utf8("qpq-pairing-v1")
const NO_SALT = new Uint8Array(0)
const KEY_BYTES = 32
const VERSION = 1
const LENGTH_BYTES = 2

type Part = "id" | "request" | "answer"

const derived = (code: Uint8Array, part: Part, bytes: number): Uint8Array =>
  hkdfExpand(hkdfExtract(NO_SALT, code), concat(LABEL, utf8(` ${part}`)), bytes)

/** Where the two meet: 16 bytes of HKDF-SHA256(code, "qpq-pairing-v1 id"). */
export const pairingIdOf = (code: Uint8Array): Uint8Array => derived(code, "id", PAIRING_ID_BYTES)

export interface NewcomerRequest {
  readonly deviceKey: DeviceKey
  /** SHA-256 of its first refresh token, 32 bytes. */
  readonly refreshHash: Uint8Array
  readonly deviceName: string
}

/** What a new device becomes one with. */
export interface PairingGrant {
  readonly name: string
  /** 32 bytes, secret; empty when the account key stays on the first device. */
  readonly accountSeed: Uint8Array
  /** 32 bytes, secret: `deviceNamesKey`. */
  readonly namesKey: Uint8Array
  readonly certificate: Uint8Array
  readonly deviceList: Uint8Array
  readonly deviceListSignature: Uint8Array
}

/**
 * nonce(12) ‖ AES-256-GCM of: version(1) ‖ uint16 length ‖ each of device key, refresh hash, name, signature; the device
 * key's over "qpq-pairing-v1" ‖ pairing id ‖ device key ‖ refresh hash proves that it holds it.
 */
export function sealRequest(
  code: Uint8Array,
  request: NewcomerRequest & { readonly deviceSeed: Uint8Array },
  nonce: Uint8Array,
): Uint8Array {
  const signature = signEd25519(request.deviceSeed, statement(code, request))
  return sealed(code, "request", nonce, [request.deviceKey, request.refreshHash, utf8(request.deviceName), signature])
}

/** @throws E095 when it was not sealed under this code, or does not prove its key. */
export function openRequest(code: Uint8Array, bytes: Uint8Array): NewcomerRequest {
  const [device, refreshHash, name, signature] = opened(code, "request", bytes, 4)
  if (device?.length !== KEY_BYTES || refreshHash?.length !== KEY_BYTES || !name || !signature) throw refused()
  const request = { deviceKey: deviceKey(device), refreshHash, deviceName: textFrom(name) }
  if (signature.length !== ED25519_SIGNATURE_BYTES) throw refused()
  if (!verifyEd25519(request.deviceKey, statement(code, request), signature)) throw refused()
  return request
}

/** nonce(12) ‖ AES-256-GCM of: version(1) ‖ uint16 length ‖ each of the grant's fields in their order. */
export function sealGrant(code: Uint8Array, grant: PairingGrant, nonce: Uint8Array): Uint8Array {
  const { name, accountSeed, namesKey, certificate, deviceList, deviceListSignature } = grant
  return sealed(code, "answer", nonce, [
    utf8(name),
    accountSeed,
    namesKey,
    certificate,
    deviceList,
    deviceListSignature,
  ])
}

/** What is in it is the reader's to verify. @throws E095 when it was not sealed under this code. */
export function openGrant(code: Uint8Array, bytes: Uint8Array): PairingGrant {
  const [name, accountSeed, namesKey, certificate, deviceList, deviceListSignature] = opened(code, "answer", bytes, 6)
  if (!name || !accountSeed || !namesKey || !certificate || !deviceList || !deviceListSignature) throw refused()
  return { name: textFrom(name), accountSeed, namesKey, certificate, deviceList, deviceListSignature }
}

const refused = (): QpqError => new QpqError("E095", "what was left there was not made with this code")

const statement = (
  code: Uint8Array,
  { deviceKey: key, refreshHash }: Omit<NewcomerRequest, "deviceName">,
): Uint8Array => concat(LABEL, pairingIdOf(code), key, refreshHash)

function sealed(code: Uint8Array, part: Part, nonce: Uint8Array, fields: readonly Uint8Array[]): Uint8Array {
  const plaintext = concat(
    Uint8Array.of(VERSION),
    ...fields.flatMap((field) => [uintBytes(field.length, LENGTH_BYTES), field]),
  )
  return concat(nonce, gcmSeal({ key: derived(code, part, KEY_BYTES), nonce, aad: pairingIdOf(code) }, plaintext))
}

function opened(code: Uint8Array, part: Part, bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const nonce = bytes.subarray(0, GCM_NONCE_BYTES)
  if (nonce.length < GCM_NONCE_BYTES) throw refused()
  const key = { key: derived(code, part, KEY_BYTES), nonce, aad: pairingIdOf(code) }
  const plaintext = gcmOpen(key, bytes.subarray(GCM_NONCE_BYTES))
  if (plaintext?.[0] !== VERSION) throw refused()
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength)
  const fields: Uint8Array[] = []
  let at = 1
  while (fields.length < count && at + LENGTH_BYTES <= plaintext.length) {
    const from = at + LENGTH_BYTES
    at = from + view.getUint16(at)
    fields.push(plaintext.slice(from, at))
  }
  if (fields.length !== count || at !== plaintext.length) throw refused()
  return fields
}
