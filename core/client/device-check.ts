/**
 * Leaves whose device is not on the newest list of their account: the account has revoked them, or the server slipped them
 * in. The server is asked once for a newer list; then they are wished away, and any member removes them by rank
 * (PROTOCOL.md sections 3 and 7).
 */
import type { NodeService } from "../contract/node-service.ts"
import { verifyAccountRecord } from "../crypto/account-proof.ts"
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import { concat, equal, hex, uintBytes } from "../domain/bytes.ts"
import { hasCode, QpqError } from "../domain/errors.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { Member, MlsGroup } from "../mls/group-engine.ts"
import type { ClientReads, ClientStore, ClientTx, StoredGroup } from "../store/client-store.ts"
import { deviceListsVersion, isNamed, listOf, mayHaveGone, noteRecord } from "./device-lists.ts"
import { forgetEarlyLeave, hasLeftEarly } from "./early-leave.ts"
import { isLeaver, noteLeaver } from "./leavers.ts"
import { nameOf } from "./directory.ts"
import { takeDown } from "./group-shelf.ts"
import { forgetProposer, proposerOf } from "./proposers.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

/** Call at the head of the mailbox. @throws what the link throws. */
export async function checkDevices(rooms: Rooms, node: NodeService): Promise<void> {
  for (const group of rooms.store.groups()) {
    const { status, leftAt, rejoin } = group
    if (status !== "active" || leftAt !== undefined || rejoin || isChecked(rooms.store, group)) continue
    const { group: state } = takeDown(rooms, group.id)
    const lists = deviceListsVersion(rooms.store)
    const isNew = rooms.store.setting(seenAt(group.id)) === undefined
    for (const account of accountsOf(state)) await checkAccount(rooms, node, { group, state, account, isNew })
    rooms.store.write((tx) => {
      tx.set(seenAt(group.id), stamp(group, lists))
    })
  }
}

/** Something may be unchecked: then it is looked at before the next wait. */
export const isCheckDue = ({ store }: Pick<Rooms, "store">): boolean =>
  store.groups().some((group) => {
    const { status, leftAt, rejoin } = group
    return status === "active" && leftAt === undefined && !rejoin && !isChecked(store, group)
  })

interface Membership {
  readonly group: StoredGroup
  readonly state: MlsGroup
  readonly account: AccountKey
  /** Not looked at before: who came in without being listed is for those to say who were there. */
  readonly isNew: boolean
}

async function checkAccount(
  rooms: Rooms,
  node: NodeService,
  { group, state, account, isNew }: Membership,
): Promise<void> {
  const { store, world } = rooms
  const own = state.members.filter((member) => equal(member.accountKey, account))
  withdraw(store, group.id, own)
  renewWishes(rooms, group.id, own)
  const isOpen = (member: Member): boolean =>
    !isWished(store, group.id, member) || hasLeftEarly(store, group.id, member.deviceKey)
  const first = unlisted(rooms, own).find(isOpen)
  if (!first) return
  await askAnew(rooms, node, first)
  withdraw(store, group.id, own)
  renewWishes(rooms, group.id, own)
  const isNews = (member: Member): boolean => !isWished(store, group.id, member)
  const gone = listOf(store, account) ? unlisted(rooms, own).filter(isNews) : []
  if (gone.length === 0) return
  store.write((tx) => {
    for (const { deviceKey } of gone) tx.wish(group.id, { deviceKey, since: world.clock.now() })
  })
  if (isNew || gone.every(({ deviceKey }) => mayHaveGone(store, account, deviceKey))) return
  tellOutcome(rooms, { trouble: new QpqError("E100", `${nameOf(rooms, account)} in ${group.name}`) })
}

/** What a device proposed that is listed no more, of leaves that are: it may be in anybody's hands. */
function withdraw(store: ClientStore, id: GroupId, own: readonly Member[]): void {
  const back = own.filter((member) => {
    const { accountKey, deviceKey } = member
    const by = proposerOf(store, id, deviceKey)
    const isOut = by !== undefined && !isListed(store, { accountKey, deviceKey: by })
    return isOut && isListed(store, member) && !isLeaver(store, id, accountKey)
  })
  if (back.length === 0) return
  store.write((tx) => {
    for (const { deviceKey } of back) {
      tx.unwish(id, deviceKey)
      forgetProposer(tx, id, deviceKey)
    }
  })
}

/** A device that a newer list names is not wished away, unless its person has left: then all of the account's go. */
function renewWishes({ store, world }: Rooms, id: GroupId, own: readonly Member[]): void {
  const wished = own.filter((member) => isWished(store, id, member))
  if (wished.length === own.length) return
  const back = wished.filter((member) => isListed(store, member))
  const [first] = back
  if (!first || isLeaver(store, id, first.accountKey)) return
  const hasLeft = back.some(({ deviceKey }) => hasLeftEarly(store, id, deviceKey))
  store.write((tx: ClientTx) => {
    for (const { deviceKey } of back) {
      forgetEarlyLeave(tx, id, deviceKey)
      if (!hasLeft) tx.unwish(id, deviceKey)
    }
    if (!hasLeft) return
    noteLeaver(tx, id, first.accountKey)
    for (const { deviceKey } of own) tx.wish(id, { deviceKey, since: world.clock.now() })
  })
}

/** Our own leaf is nobody's to doubt: the server refuses a device that is not listed. */
const unlisted = ({ store, me }: Rooms, own: readonly Member[]): readonly Member[] =>
  own.filter((member) => !isListed(store, member) && !equal(member.deviceKey, me.deviceKey))

function isListed(store: ClientReads, { accountKey, deviceKey }: DeviceIdentity): boolean {
  const list = listOf(store, accountKey)
  return list !== undefined && isNamed(list, deviceKey)
}

const isWished = (store: ClientReads, id: GroupId, { deviceKey }: Member): boolean =>
  store.wishes(id).some((wish) => equal(wish.deviceKey, deviceKey))

/** What the server shows counts only when it verifies and is not older than what is known. */
export async function askAnew({ store }: Rooms, node: NodeService, { accountKey, deviceKey }: Member): Promise<void> {
  try {
    const record = await node.resolveIdentity(deviceKey)
    const list = verifyAccountRecord(record)
    if (equal(record.accountKey, accountKey)) noteRecord(store, record, list)
  } catch (thrown) {
    if (!hasCode(thrown, "E015", "E017")) throw thrown
  }
}

function accountsOf({ members }: MlsGroup): readonly AccountKey[] {
  return [...new Map(members.map(({ accountKey }) => [hex(accountKey), accountKey])).values()]
}

const seenAt = (id: GroupId): string => `devices-checked-${hex(id)}`

const stamp = ({ epoch }: StoredGroup, lists: bigint): Uint8Array => concat(uintBytes(epoch, 8), uintBytes(lists, 8))

function isChecked(store: ClientReads, group: StoredGroup): boolean {
  const seen = store.setting(seenAt(group.id))
  return seen !== undefined && equal(seen, stamp(group, deviceListsVersion(store)))
}
