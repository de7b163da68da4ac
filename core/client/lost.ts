/** Groups whose state here is not the one that the others go on from. */
import { equal, hex } from "../domain/bytes.ts"
import { deviceKey } from "../domain/ids.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { ClientTx, StoredGroup } from "../store/client-store.ts"
import { takeDown } from "./group-shelf.ts"
import { isLeaveWaiting } from "./leave.ts"
import type { Rooms } from "./session-parts.ts"

/** If nobody has let us in again by then, the group itself is broken. */
const BROKEN_AFTER_MS = 60_000

/**
 * From now on nothing is sealed or committed in the group; what was staged can no longer be ours. For who has left and
 * was heard it is over: nobody could be let in or taken out from that state.
 * @param author whose winning commit failed here, if that is why.
 */
export function markLost(tx: ClientTx, id: GroupId, now: number, author?: DeviceKey): void {
  const row = tx.group(id)
  if (!row || row.status === "removed") return
  // Who has left must come back only to be heard, and goes on in no other group.
  if (row.leftAt !== undefined && !isLeaveWaiting(tx, id)) {
    endGroup(tx, row)
    return
  }
  if (author && row.leftAt === undefined) breakUp(tx, id, [author], now)
  if (row.rejoin) return
  tx.saveGroup({ ...row, rejoin: { since: now, asked: 0 } }, row.version)
  tx.unstageCommit(id)
}

/** We are out of it. A declined invitation leaves nothing behind, unless a conversation had come to it. */
export function endGroup(tx: ClientTx, row: StoredGroup): void {
  if (row.status === "hidden" && row.leftAt !== undefined && !hasPast(tx, row.id)) {
    tx.dropGroup(row.id)
    return
  }
  tx.saveGroup({ ...row, status: "removed" }, row.version)
  tx.unstageCommit(row.id)
}

const hasPast = (tx: ClientTx, id: GroupId): boolean =>
  tx.successions().some(({ successor }) => successor !== undefined && equal(successor, id))

/** All others whom we know wait as we do, or have left: nobody has the state, and nobody lets anybody in (docs/decisions/0016). */
export function noticeAllLost(rooms: Rooms, { id, rejoin, leftAt }: StoredGroup): void {
  const { store, world } = rooms
  if (!rejoin || leftAt !== undefined || store.succession(id)) return
  const now = world.clock.now()
  const asked = store
    .rejoinRequests(id)
    .filter(({ since, keyPackage }) => keyPackage && since >= rejoin.since && now - since < DAY_MS)
  if (asked.length === 0) return
  const gone = store.wishes(id)
  const [waiting, known] = [keysOf(asked), keysOf([...asked, ...gone])]
  const { members, ownLeaf } = takeDown(rooms, id).group
  const others = members.filter(({ leafIndex }) => leafIndex !== ownLeaf).map(({ deviceKey }) => hex(deviceKey))
  if (!others.some((one) => waiting.has(one)) || !others.every((one) => known.has(one))) return
  store.write((tx) => {
    breakUp(tx, id, [NOBODY], now)
  })
}

function breakUp(tx: ClientTx, groupId: GroupId, blamed: readonly DeviceKey[], now: number): void {
  const since = now + BROKEN_AFTER_MS
  if (!tx.succession(groupId)) tx.saveSuccession({ groupId, blamed, attempt: 0, since, ...NO_ATTEMPT })
}

const keysOf = (rows: readonly { readonly deviceKey: DeviceKey }[]): ReadonlySet<string> =>
  new Set(rows.map(({ deviceKey }) => hex(deviceKey)))

/** Stands where the author of the commit that broke a group would: those behind have failed an attempt at its successor. */
const NOBODY = deviceKey(new Uint8Array(32))

export const NO_ATTEMPT = { winner: undefined, successor: undefined, epoch: undefined, moved: false }
