/** Fresh keys after many messages in one epoch: whoever missed too many of them could read no later one of it (docs/decisions/0018). */
import type { NodeService } from "../contract/node-service.ts"
import type { GroupId } from "../domain/ids.ts"
import { GENERATIONS_AHEAD_MAX } from "../mls/group-engine.ts"
import { commitOnce } from "./commits.ts"
import { storedGroup, takeDown } from "./group-shelf.ts"
import type { Held } from "./group-shelf.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

/** Late, for whoever misses the change must be let in again and loses what waits; early enough to fail a few times. */
const UPDATE_FROM = 8192
/** Here texts wait for it. Some are left for who leaves: they make no change, and must be heard. */
const SEALED_MAX = GENERATIONS_AHEAD_MAX - 40

/** Nobody is there to miss anything where we are alone, and only those who belong to a group change it. */
const canUpdate = ({ row: { status, leftAt, rejoin }, group }: Held): boolean =>
  status === "active" && leftAt === undefined && !rejoin && group.active && group.members.length > 1

export const owesFreshKeys = (held: Held): boolean => held.group.ownGeneration >= UPDATE_FROM && canUpdate(held)

/** No more may be sealed before the epoch has changed. */
export const isEpochUsedUp = (held: Held): boolean => held.group.ownGeneration >= SEALED_MAX && canUpdate(held)

/** Within a turn, at the head of the mailbox. A lost race is as good: it has changed the epoch. */
export async function freshKeys(rooms: Rooms, node: NodeService, groupId: GroupId): Promise<void> {
  if (rooms.store.groupVersion(groupId) === undefined || !owesFreshKeys(takeDown(rooms, groupId))) return
  const { name, epoch } = storedGroup(rooms.store, groupId)
  const id = await commitOnce(rooms, node, { groupId, epoch, change: {}, welcomeName: name })
  const line = id && { group: groupId, sender: rooms.me.accountKey, id }
  if (line) tellOutcome(rooms, { group: groupId, line })
}
