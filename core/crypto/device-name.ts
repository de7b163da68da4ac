/** Names of devices as the server keeps them: readable to the account's own devices alone. */
import { concat, textFrom, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { DeviceKey } from "../domain/ids.ts"
import { KEY_BYTES } from "../domain/ids.ts"
import { GCM_NONCE_BYTES, gcmOpen, gcmSeal, hkdfExpand, hkdfExtract } from "./hash.ts"

/** UTF-8. */
export const DEVICE_NAME_BYTES_MAX = 64

const INFO = utf8("qpq-device-name-v1")
const NO_SALT = new Uint8Array(0)

/** HKDF-SHA256 of the account's seed, 32 bytes. Secret. */
export const deviceNamesKey = (accountSeed: Uint8Array): Uint8Array =>
  hkdfExpand(hkdfExtract(NO_SALT, accountSeed), INFO, KEY_BYTES)

export interface NamedDevice {
  readonly deviceKey: DeviceKey
  /** `deviceNamesKey`. */
  readonly key: Uint8Array
}

/** nonce(12) ‖ AES-256-GCM of the name, AAD = device key. @throws E070 for one that is empty or longer than 64 bytes. */
export function sealDeviceName({ deviceKey, key }: NamedDevice, name: string, nonce: Uint8Array): Uint8Array {
  const bytes = utf8(name)
  if (bytes.length === 0 || bytes.length > DEVICE_NAME_BYTES_MAX)
    throw new QpqError("E070", `a device's name has 1 to ${DEVICE_NAME_BYTES_MAX} bytes`)
  return concat(nonce, gcmSeal({ key, nonce, aad: deviceKey }, bytes))
}

/** undefined for what was not sealed for this device under this key. */
export function openDeviceName({ deviceKey, key }: NamedDevice, sealed: Uint8Array): string | undefined {
  const nonce = sealed.subarray(0, GCM_NONCE_BYTES)
  if (nonce.length < GCM_NONCE_BYTES) return undefined
  const name = gcmOpen({ key, nonce, aad: deviceKey }, sealed.subarray(GCM_NONCE_BYTES))
  return name && textFrom(name)
}
