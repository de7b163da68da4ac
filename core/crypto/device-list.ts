/** Device list v1: which devices an account has now, signed by the account key (PROTOCOL.md section 3). */
import { concat, hex, uintBytes, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { accountKey, deviceKey, KEY_BYTES } from "../domain/ids.ts"
import type { AccountKey, DeviceKey } from "../domain/ids.ts"
import { signEd25519, verifyEd25519 } from "./ed25519.ts"

export const DEVICES_PER_ACCOUNT_MAX = 32

const VERSION = 1
const LABEL = utf8("qpq-devices-v1")
/** version(1) ‖ accountKey(32) ‖ counter(8) ‖ time(8); the device keys follow. */
const HEADER_BYTES = 49

export interface DeviceList {
  readonly accountKey: AccountKey
  /** From 1, one more with every change; lower ones are refused. */
  readonly counter: bigint
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  /** 1 to 32, each once. */
  readonly devices: readonly DeviceKey[]
}

/** version ‖ accountKey ‖ counter(8) ‖ time(8) ‖ device keys. @throws E017 for no, too many or repeated devices. */
export function encodeDeviceList(list: DeviceList): Uint8Array {
  checkDevices(list.devices)
  const header = [Uint8Array.of(VERSION), list.accountKey, uintBytes(list.counter, 8), uintBytes(list.time, 8)]
  return concat(...header, ...list.devices)
}

/** Account key over "qpq-devices-v1" ‖ list, 64 bytes. */
export const signDeviceList = (accountSeed: Uint8Array, encoded: Uint8Array): Uint8Array =>
  signEd25519(accountSeed, concat(LABEL, encoded))

/** The list after every check; whether `accountKey` is the expected one is the caller's to compare. @throws E017 */
export function verifyDeviceList(encoded: Uint8Array, signature: Uint8Array): DeviceList {
  const list = decodeDeviceList(encoded)
  if (!verifyEd25519(list.accountKey, concat(LABEL, encoded), signature))
    throw new QpqError("E017", "device list signature")
  return list
}

/** Structure only: for lists whose signature was checked when they were stored. @throws E017 */
export function decodeDeviceList(encoded: Uint8Array): DeviceList {
  const keyBytes = encoded.length - HEADER_BYTES
  if (keyBytes < KEY_BYTES || keyBytes % KEY_BYTES !== 0 || keyBytes > DEVICES_PER_ACCOUNT_MAX * KEY_BYTES)
    throw new QpqError("E017", "device list length")
  if (encoded[0] !== VERSION) throw new QpqError("E017", "device list version")
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const time = Number(view.getBigUint64(41))
  if (!Number.isSafeInteger(time)) throw new QpqError("E017", "device list time")
  const devices: DeviceKey[] = []
  for (let at = HEADER_BYTES; at < encoded.length; at += KEY_BYTES)
    devices.push(deviceKey(encoded.slice(at, at + KEY_BYTES)))
  checkDevices(devices)
  return { accountKey: accountKey(encoded.slice(1, 33)), counter: view.getBigUint64(33), time, devices }
}

function checkDevices(devices: readonly DeviceKey[]): void {
  if (devices.length === 0 || devices.length > DEVICES_PER_ACCOUNT_MAX) throw new QpqError("E017", "device list length")
  if (new Set(devices.map(hex)).size !== devices.length) throw new QpqError("E017", "a device listed twice")
}
