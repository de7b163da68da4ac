/** Account records on the wire, and the methods that look them up. */
import type { AccountRecord } from "../contract/account-record.ts"
import { QpqError } from "../domain/errors.ts"
import { accountKey, type DeviceKey, deviceKey } from "../domain/ids.ts"
import { RESOLVE_NAMES_MAX } from "../domain/limits.ts"
import { type UserName, userName } from "../domain/user-name.ts"
import { checkPartVersion, WIRE_VERSION } from "../domain/versions.ts"
import { atMost, bytesFrom, countAtMost, exactBytes, put, roomFor, roomForList, roomForText } from "./field-codec.ts"
import type { Account } from "./generated/node.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

export const SIGNATURE_BYTES = 64
/** version ‖ accountKey(32) ‖ deviceKey(32) ‖ signature(64). */
export const CERTIFICATE_BYTES = 129
export const DEVICES_MAX = 256
/** version ‖ accountKey(32) ‖ counter(8) ‖ time(8) ‖ device keys. */
export const DEVICE_LIST_BYTES_MAX = 49 + 32 * DEVICES_MAX
/** Struct Account. */
const ACCOUNT_BYTES = 64

export const resolveUserCodec = methodCodec(NODE_METHODS[15], {
  requestBytes: (name: UserName) => roomForText(name),
  writeRequest(params, name) {
    params.name = name
  },
  readRequest: (params) => userName(params.name),
  answerBytes: recordBytes,
  writeAnswer: (results, record: AccountRecord) => writeRecord(results._initAccount(), record),
  readAnswer: (results) => readFound(results.account),
})

export const resolveUsersCodec = methodCodec(NODE_METHODS[16], {
  check: (names: readonly UserName[]) => countAtMost(names.length, RESOLVE_NAMES_MAX, "names"),
  requestBytes: (names) => roomForList(names.length, 8) + names.reduce((bytes, name) => bytes + roomForText(name), 0),
  writeRequest(params, names) {
    const list = params._initNames(names.length)
    for (const [index, name] of names.entries()) list.get(index).name = name
  },
  readRequest: (params) =>
    Array.from({ length: params.names.length }, (_, index) => userName(params.names.get(index).name)),
  answerBytes: (records: readonly (AccountRecord | undefined)[]) =>
    records.reduce(
      (bytes, record) => bytes + ACCOUNT_BYTES + (record === undefined ? 0 : recordBytes(record)),
      roomForList(0, 0),
    ),
  writeAnswer(results, records) {
    const list = results._initAccounts(records.length)
    for (const [index, record] of records.entries()) {
      const account = list.get(index)
      if (record === undefined) account.version = WIRE_VERSION
      else writeRecord(account, record)
    }
  },
  readAnswer(results): readonly (AccountRecord | undefined)[] {
    countAtMost(results.accounts.length, RESOLVE_NAMES_MAX, "accounts")
    return Array.from({ length: results.accounts.length }, (_, index) => {
      const account = results.accounts.get(index)
      return account.found ? readRecord(account) : undefined
    })
  },
})

export const resolveIdentityCodec = methodCodec(NODE_METHODS[17], {
  requestBytes: (identityKey: DeviceKey) => roomFor(identityKey),
  writeRequest: (params, identityKey) => put((length) => params._initIdentityKey(length), identityKey),
  readRequest: (params) => deviceKey(bytesFrom(params.identityKey)),
  answerBytes: recordBytes,
  writeAnswer: (results, record: AccountRecord) => writeRecord(results._initAccount(), record),
  readAnswer: (results) => readFound(results.account),
})

/** @throws E024, E027 for what no account has. */
export function checkRecord(record: AccountRecord): void {
  atMost(record.deviceList, DEVICE_LIST_BYTES_MAX, "device list")
  countAtMost(record.certificates.length, DEVICES_MAX, "certificates")
}

export function recordBytes(record: AccountRecord): number {
  return (
    ACCOUNT_BYTES +
    roomForText(record.name) +
    roomFor(record.accountKey, record.signature, record.deviceList, record.deviceListSignature) +
    roomForList(record.certificates.length, 8) +
    roomFor(...record.certificates)
  )
}

export function writeRecord(account: Account, record: AccountRecord): void {
  account.version = WIRE_VERSION
  account.found = true
  account.name = record.name
  put((length) => account._initAccountKey(length), record.accountKey)
  put((length) => account._initSignature(length), record.signature)
  put((length) => account._initDeviceList(length), record.deviceList)
  put((length) => account._initDeviceListSignature(length), record.deviceListSignature)
  const list = account._initCertificates(record.certificates.length)
  for (const [index, certificate] of record.certificates.entries()) {
    put((length) => list.get(index)._initCertificate(length), certificate)
  }
}

/** @throws E016, E020, E024, E027 */
export function readRecord(account: Account): AccountRecord {
  checkPartVersion(account.version)
  const record = {
    name: userName(account.name),
    accountKey: accountKey(bytesFrom(account.accountKey)),
    signature: exactBytes(account.signature, SIGNATURE_BYTES, "account signature"),
    deviceList: bytesFrom(account.deviceList),
    deviceListSignature: exactBytes(account.deviceListSignature, SIGNATURE_BYTES, "device list signature"),
    certificates: Array.from({ length: account.certificates.length }, (_, index) =>
      exactBytes(account.certificates.get(index).certificate, CERTIFICATE_BYTES, "device certificate"),
    ),
  }
  checkRecord(record)
  return record
}

function readFound(account: Account): AccountRecord {
  if (!account.found) throw new QpqError("E015")
  return readRecord(account)
}
