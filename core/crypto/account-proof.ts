/** The whole proof that a name has an account key and an account key has its devices (PROTOCOL.md section 3). */
import type { AccountRecord } from "../contract/account-record.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { isUserName } from "../domain/user-name.ts"
import { verifyAccountName } from "./account-statements.ts"
import { verifyDeviceCertificate } from "./device-certificate.ts"
import { verifyDeviceList } from "./device-list.ts"
import type { DeviceList } from "./device-list.ts"

/**
 * The device list of a record in which everything fits: the name's statement, the list and its signature, and exactly
 * one certificate for every listed device. Whether key and counter are the pinned ones is the caller's to compare.
 * @throws E017
 */
export function verifyAccountRecord(record: AccountRecord): DeviceList {
  if (!isUserName(record.name)) throw new QpqError("E017", "user name")
  if (!verifyAccountName(record.name, record.accountKey, record.signature))
    throw new QpqError("E017", "account statement signature")
  const list = verifyDeviceList(record.deviceList, record.deviceListSignature)
  if (!equal(list.accountKey, record.accountKey)) throw new QpqError("E017", "device list of another account")
  checkCertificates(record, list)
  return list
}

function checkCertificates(record: AccountRecord, list: DeviceList): void {
  if (record.certificates.length !== list.devices.length) throw new QpqError("E017", "certificates do not fit the list")
  const listed = new Set(list.devices.map(hex))
  for (const certificate of record.certificates) {
    const certified = verifyDeviceCertificate(certificate)
    if (!equal(certified.accountKey, record.accountKey)) throw new QpqError("E017", "certificate of another account")
    if (!listed.delete(hex(certified.deviceKey))) throw new QpqError("E017", "certificate of a device not listed")
  }
}
