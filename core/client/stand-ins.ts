/**
 * People whose last leaf in a group is a revoked device's: none of their own is there to let in the devices that their newest
 * list names. Whoever takes that leaf out lets these in with the same commit (docs/decisions/0054).
 */
import type { NodeService } from "../contract/node-service.ts"
import { equal, hex } from "../domain/bytes.ts"
import { hasCode } from "../domain/errors.ts"
import type { ErrorCode } from "../domain/errors.ts"
import type { AccountKey, DeviceKey, GroupId, MessageId } from "../domain/ids.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { ClientReads } from "../store/client-store.ts"
import { commitOnce } from "./commits.ts"
import type { CommitOrder } from "./commits.ts"
import { isNamed, listOf, mayHaveGone } from "./device-lists.ts"
import { nameOf } from "./directory.ts"
import { hasLeftEarly } from "./early-leave.ts"
import { takeDown } from "./group-shelf.ts"
import { packageIfAny } from "./invite.ts"
import { isLeaver } from "./leavers.ts"
import type { Rooms } from "./session-parts.ts"
import { trustOf } from "./trust.ts"

/** Of those who come, or of there being too many: it must not keep the revoked device in. */
const OF_WHO_COMES: readonly ErrorCode[] = ["E010", "E011", "E013", "E014", "E021", "E027", "E040", "E041"]

/**
 * The devices that come for the account; none unless all its leaves were listed once and are no more. Nobody is invited who
 * has left, whom the person has blocked, or whose key is in doubt.
 */
export function standInsFor(
  { store, me }: Pick<Rooms, "store" | "me">,
  { id, members }: Pick<MlsGroup, "id" | "members">,
  account: AccountKey,
): readonly DeviceKey[] {
  const list = listOf(store, account)
  const leaves = members.filter(({ accountKey }) => equal(accountKey, account))
  if (!list || leaves.length === 0 || equal(account, me.accountKey)) return []
  const isRevoked = (device: DeviceKey): boolean => !isNamed(list, device) && mayHaveGone(store, account, device)
  const isHere = ({ deviceKey }: { deviceKey: DeviceKey }): boolean =>
    isRevoked(deviceKey) && !hasLeftEarly(store, id, deviceKey)
  return leaves.every(isHere) && !isLeaver(store, id, account) && isWelcome(store, account) ? list.devices : []
}

/** Whether others come in the place of this leaf. */
export function isStoodInFor(rooms: Rooms, id: GroupId, device: DeviceKey): boolean {
  const { group } = takeDown(rooms, id)
  const member = group.members.find(({ deviceKey }) => equal(deviceKey, device))
  return member !== undefined && standInsFor(rooms, group, member.accountKey).length > 0
}

/**
 * As `commitOnce`, for a change that takes leaves out: with those who stand in for them, as far as they can come. If they
 * cannot, the leaves go all the same.
 */
export async function commitWithStandIns(
  rooms: Rooms,
  node: NodeService,
  order: CommitOrder,
): Promise<MessageId | undefined> {
  const add = await packagesFor(rooms, node, order)
  if (add.length === 0) return commitOnce(rooms, node, order)
  try {
    return await commitOnce(rooms, node, { ...order, change: { ...order.change, add } })
  } catch (thrown) {
    if (!hasCode(thrown, ...OF_WHO_COMES)) throw thrown
    return commitOnce(rooms, node, order)
  }
}

async function packagesFor(
  rooms: Rooms,
  node: NodeService,
  { groupId, change }: CommitOrder,
): Promise<readonly Uint8Array[]> {
  const { add = [], remove = [] } = change
  if (add.length > 0 || remove.length === 0 || rooms.store.group(groupId)?.leftAt !== undefined) return []
  const { group } = takeDown(rooms, groupId)
  const packages: Uint8Array[] = []
  for (const accountKey of takenOut(group, remove)) {
    for (const deviceKey of standInsFor(rooms, group, accountKey)) {
      const owner = { deviceKey, accountKey, name: nameOf(rooms, accountKey) }
      const found = await packageIfAny({ rooms, node, group }, owner).catch((thrown: unknown) => {
        if (!hasCode(thrown, ...OF_WHO_COMES)) throw thrown
        return undefined
      })
      if (found) packages.push(found)
    }
  }
  return packages
}

/** Accounts that have no leaf when these are gone. */
function takenOut({ members }: MlsGroup, remove: readonly DeviceKey[]): readonly AccountKey[] {
  const gone = new Set(remove.map(hex))
  const staying = new Set(members.flatMap((one) => (gone.has(hex(one.deviceKey)) ? [] : [hex(one.accountKey)])))
  const all = new Map(members.map(({ accountKey }) => [hex(accountKey), accountKey]))
  return [...all].flatMap(([name, account]) => (staying.has(name) ? [] : [account]))
}

function isWelcome(store: ClientReads, account: AccountKey): boolean {
  const { blocked, changed, mismatched } = trustOf(store, account)
  return !blocked && !changed && !mismatched
}
