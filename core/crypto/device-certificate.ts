/** Device certificate v1: the account key says which device keys are its own (PROTOCOL.md section 3). */
import { concat, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { accountKey, deviceKey } from "../domain/ids.ts"
import type { AccountKey, DeviceKey } from "../domain/ids.ts"
import { ED25519_SIGNATURE_BYTES, signEd25519, verifyEd25519 } from "./ed25519.ts"

/** version(1) ‖ accountKey(32) ‖ deviceKey(32) ‖ signature(64); the identity of an MLS BasicCredential. */
export const DEVICE_CERTIFICATE_BYTES = 129

const VERSION = 1
const LABEL = utf8("qpq-device-v1")
const ACCOUNT_AT = 1
const DEVICE_AT = 33
const SIGNATURE_AT = DEVICE_CERTIFICATE_BYTES - ED25519_SIGNATURE_BYTES

export interface DeviceIdentity {
  readonly accountKey: AccountKey
  readonly deviceKey: DeviceKey
}

/** @param accountSeed 32 bytes, secret. @returns 129 bytes. */
export function issueDeviceCertificate(accountSeed: Uint8Array, identity: DeviceIdentity): Uint8Array {
  const keys = concat(identity.accountKey, identity.deviceKey)
  return concat(Uint8Array.of(VERSION), keys, signEd25519(accountSeed, concat(LABEL, keys)))
}

/** Whose device it is, after every check. @throws E017 for another length, another version or a bad signature. */
export function verifyDeviceCertificate(certificate: Uint8Array, verify = verifyEd25519): DeviceIdentity {
  if (certificate.length !== DEVICE_CERTIFICATE_BYTES) throw new QpqError("E017", "device certificate length")
  if (certificate[0] !== VERSION) throw new QpqError("E017", "device certificate version")
  const keys = certificate.subarray(ACCOUNT_AT, SIGNATURE_AT)
  const account = accountKey(certificate.slice(ACCOUNT_AT, DEVICE_AT))
  if (!verify(account, concat(LABEL, keys), certificate.subarray(SIGNATURE_AT)))
    throw new QpqError("E017", "device certificate signature")
  return { accountKey: account, deviceKey: deviceKey(certificate.slice(DEVICE_AT, SIGNATURE_AT)) }
}
