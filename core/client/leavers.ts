/**
 * Accounts that have said that they leave a group and are still in it. All leaves of theirs go, those that come in later too:
 * the note is kept until none of its account's leaves is to go any more.
 */
import { concat, equal, hex } from "../domain/bytes.ts"
import { accountKey } from "../domain/ids.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

const KEY_BYTES = 32

export function noteLeaver(tx: ClientTx, id: GroupId, account: AccountKey): void {
  if (!isLeaver(tx, id, account)) save(tx, id, [...leavers(tx, id), account])
}

export const isLeaver = (store: ClientReads, id: GroupId, account: AccountKey): boolean =>
  leavers(store, id).some((key) => equal(key, account))

/** Of a group that this device comes into, nothing that was heard before counts. */
export function forgetLeavers(tx: ClientTx, id: GroupId): void {
  if (tx.setting(nameOf(id))) tx.unset(nameOf(id))
}

/** After a change of the group, once the wishes that it has fulfilled are gone. */
export function followLeavers(tx: ClientTx, { id, members }: Pick<MlsGroup, "id" | "members">, now: number): void {
  const known = leavers(tx, id)
  if (known.length === 0) return
  const wished = new Set(tx.wishes(id).map(({ deviceKey }) => hex(deviceKey)))
  const leavesOf = (account: AccountKey) => members.filter((member) => equal(member.accountKey, account))
  const going = known.filter((account) => leavesOf(account).some(({ deviceKey }) => wished.has(hex(deviceKey))))
  for (const { deviceKey } of going.flatMap(leavesOf)) tx.wish(id, { deviceKey, since: now })
  if (going.length < known.length) save(tx, id, going)
}

function leavers(store: ClientReads, id: GroupId): readonly AccountKey[] {
  const stored = store.setting(nameOf(id))
  if (!stored) return []
  return Array.from({ length: stored.length / KEY_BYTES }, (_, at) =>
    accountKey(stored.slice(at * KEY_BYTES, (at + 1) * KEY_BYTES)),
  )
}

function save(tx: ClientTx, id: GroupId, accounts: readonly AccountKey[]): void {
  if (accounts.length === 0) forgetLeavers(tx, id)
  else tx.set(nameOf(id), concat(...accounts))
}

const nameOf = (id: GroupId): string => `leavers-${hex(id)}`
