/** Groups whose state here is not the one that the others go on from. */
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { ClientTx } from "../store/client-store.ts"
import { isLeaveWaiting } from "./leave.ts"

/** If nobody has let us in again by then, the group itself is broken. */
const BROKEN_AFTER_MS = 60_000

/**
 * From now on nothing is sealed or committed in the group; what was staged can no longer be ours.
 * @param author whose winning commit failed here, if that is why.
 */
export function markLost(tx: ClientTx, id: GroupId, now: number, author?: DeviceKey): void {
  const row = tx.group(id)
  if (!row || row.status === "removed") return
  // Who has left must come back only to be heard, and goes on in no other group.
  if (row.leftAt !== undefined && !isLeaveWaiting(tx, id)) return
  if (author && row.leftAt === undefined && !tx.succession(id)) {
    const since = now + BROKEN_AFTER_MS
    tx.saveSuccession({ groupId: id, blamed: [author], attempt: 0, since, ...NO_ATTEMPT })
  }
  if (row.rejoin) return
  tx.saveGroup({ ...row, rejoin: { since: now, asked: 0 } }, row.version)
  tx.unstageCommit(id)
}

export const NO_ATTEMPT = { winner: undefined, successor: undefined, epoch: undefined, moved: false }
