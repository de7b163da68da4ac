/** The newest device list of each account, pinned at its highest counter (PROTOCOL.md section 3). */
import type { AccountRecord } from "../contract/account-record.ts"
import { decodeDeviceList, verifyDeviceList } from "../crypto/device-list.ts"
import type { DeviceList } from "../crypto/device-list.ts"
import { EMPTY, equal, hex, uintBytes } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { AccountKey, DeviceKey } from "../domain/ids.ts"
import type { Member } from "../mls/group-engine.ts"
import type { ClientReads, ClientStore, ClientTx } from "../store/client-store.ts"
import type { StoredDeviceList } from "../store/device-lists.ts"

/** One more with every list that changes: who looked at the lists before has to look again. */
const VERSION = "device-lists-version"

export interface SignedList {
  /** Device list v1. */
  readonly list: Uint8Array
  /** 64 bytes. */
  readonly signature: Uint8Array
}

export function deviceListsVersion(store: ClientReads): bigint {
  const stored = store.setting(VERSION)
  return stored ? Buffer.from(stored).readBigUInt64BE() : 0n
}

/** Keeps the list of a record that was verified. @throws E017 when a newer one is known. */
export function noteRecord(store: ClientStore, record: AccountRecord, { counter }: DeviceList): void {
  const known = store.deviceList(record.accountKey)
  if (known && counter < known.counter) throw new QpqError("E017", `device list of ${record.name} went back`)
  if (known?.counter === counter && known.list.length > 0) return
  store.write((tx) => {
    noteList(tx, { list: record.deviceList, signature: record.deviceListSignature })
  })
}

/**
 * Keeps a signed list if it is newer than what is known. One that comes late, between the newest and the one before, is
 * known as the one before from now on. @returns whether it is the newest. @throws E017 when it does not verify.
 */
export function noteList(tx: ClientTx, { list, signature }: SignedList): boolean {
  const { accountKey, counter } = verifyDeviceList(list, signature)
  const known = tx.deviceList(accountKey)
  const isOnlyCounted = known?.counter === counter && known.list.length === 0
  if (known && counter <= known.counter && !isOnlyCounted) {
    noteLate(tx, known, { list, counter })
    return false
  }
  if (known) noteGone(tx, known.list, list)
  tx.saveDeviceList({ accountKey, counter, list, signature, previous: known?.list ?? EMPTY })
  tx.set(VERSION, uintBytes(deviceListsVersion(tx) + 1n, 8))
  return true
}

function noteLate(
  tx: ClientTx,
  known: StoredDeviceList,
  { list, counter }: { list: Uint8Array; counter: bigint },
): void {
  noteGone(tx, list, known.list)
  if (counter < known.counter && counter > counterOf(known.previous)) tx.saveDeviceList({ ...known, previous: list })
}

/** Whom an older list names and the newest does not. */
function noteGone(tx: ClientTx, older: Uint8Array, newest: Uint8Array): void {
  if (older.length === 0 || newest.length === 0) return
  const { counter, devices } = decodeDeviceList(newest)
  const left = new Set(devices.map(hex))
  for (const device of decodeDeviceList(older).devices.map(hex))
    if (!left.has(device) && !tx.setting(goneOf(device))) tx.set(goneOf(device), uintBytes(counter, 8))
}

const goneOf = (device: string): string => `device-gone-${device}`

/** undefined while no list of the account was seen. */
export function listOf(store: ClientReads, account: AccountKey): DeviceList | undefined {
  const stored = store.deviceList(account)
  return stored && stored.list.length > 0 ? decodeDeviceList(stored.list) : undefined
}

/**
 * Whether a device that the newest list does not name may have gone as its person wanted: an older one named it, or the one
 * before is not known. Its certificate is the account's in any case.
 */
export function mayHaveGone(store: ClientReads, account: AccountKey, device: DeviceKey): boolean {
  const { counter, previous } = store.deviceList(account) ?? { counter: 0n, previous: EMPTY }
  return store.setting(goneOf(hex(device))) !== undefined || counterOf(previous) + 1n < counter
}

/** 0 for none. */
const counterOf = (list: Uint8Array): bigint => (list.length > 0 ? decodeDeviceList(list).counter : 0n)

/** The newest list of its account that was seen leaves it out; false while none was seen. */
export function isUnlisted(
  store: ClientReads,
  { accountKey, deviceKey }: Pick<Member, "accountKey" | "deviceKey">,
): boolean {
  const list = listOf(store, accountKey)
  return list !== undefined && !isNamed(list, deviceKey)
}

export const isNamed = ({ devices }: DeviceList, device: DeviceKey): boolean =>
  devices.some((key) => equal(key, device))
