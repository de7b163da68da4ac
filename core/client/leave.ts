/** Leaving a group: the wish that the others are told, what still waited to be said, and the end of it (PROTOCOL.md section 7). */
import { equal, hex, textFrom, utf8 } from "../domain/bytes.ts"
import { messageId } from "../domain/ids.ts"
import type { GroupId, MessageId } from "../domain/ids.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { World } from "../domain/world.ts"
import type { Member, MlsGroup } from "../mls/group-engine.ts"
import type { ClientReads, ClientTx, OutboxRow, StoredGroup } from "../store/client-store.ts"
import { decodeAppMessage, encodeAppMessage } from "../wire/app-message.ts"
import { otherDevices } from "./answers.ts"
import { isUnwanted } from "./blocks.ts"
import { isNamed, listOf } from "./device-lists.ts"
import { faceIdOf, storedGroup, takeDown } from "./group-shelf.ts"
import { forgetWaitsFor } from "./outbox-pass.ts"
import type { Rooms } from "./session-parts.ts"
import { waitingCount } from "./waiting-row.ts"

const HIDDEN_MS_MAX = 30 * DAY_MS
const LEAVING_MS_MAX = 30 * DAY_MS

const ROWS_PER_LOOK = 64

/** The wish to be removed, and the end of what still waited to be said. */
export function leaveGroup({ store, world, events }: Rooms, { id }: StoredGroup): void {
  const now = world.clock.now()
  const own = messageId(world.random.bytes(16))
  store.write((tx) => {
    const current = storedGroup(tx, id)
    tx.saveGroup({ ...current, leftAt: now }, current.version)
    dropOutbox(tx, id)
    queueLeave(tx, id, own, now)
  })
  events.emit({ kind: "queue", queued: waitingCount(store) })
}

/** One is out of it already, and wants to see no more of it. */
export function putAway({ store, world }: Rooms, id: GroupId): void {
  store.write((tx) => {
    const current = storedGroup(tx, id)
    tx.saveGroup({ ...current, leftAt: world.clock.now() }, current.version)
  })
}

/** Who was let in since could not read it. Under another id, for the server takes each but once. */
export function leaveAgain({ clock, random }: World, tx: ClientTx, id: GroupId): void {
  tx.unset(elsewhere(id))
  if (tx.group(id)?.leftAt === undefined || isLeaveQueued(tx, id)) return
  queueLeave(tx, id, messageId(random.bytes(16)), clock.now())
}

/**
 * Others have changed the group, and we are still in it. A day and more after, what we said expired before they read it;
 * whom they have added cannot read it, and may be all that are left of them soon.
 */
export function leaveOnceMore(world: World, tx: ClientTx, { id, leftAt }: StoredGroup, isAnyAdded: boolean): void {
  if (leftAt !== undefined && (isAnyAdded || world.clock.now() - leftAt > DAY_MS)) leaveAgain(world, tx, id)
}

/** It is said where the conversation goes on: should this group go on after all, nobody in it may have heard that. */
export function noteLeftElsewhere(tx: ClientTx, { id, leftAt }: StoredGroup): void {
  tx.set(elsewhere(id), utf8(String(leftAt)))
}

function isLeftElsewhere(store: ClientReads, id: GroupId): boolean {
  const noted = store.setting(elsewhere(id))
  return noted !== undefined && textFrom(noted) === String(store.group(id)?.leftAt)
}

const elsewhere = (id: GroupId): string => `left-elsewhere-${hex(id)}`

function queueLeave(tx: ClientTx, groupId: GroupId, own: MessageId, since: number): void {
  const content = encodeAppMessage({ id: own, sentAt: since, content: { kind: "leave" } })
  tx.queue({ groupId, messageId: own, content, since })
}

export function forgetGroup({ store, events }: Rooms, id: GroupId): void {
  store.write((tx) => {
    dropOutbox(tx, id)
    tx.dropGroup(id)
  })
  events.emit({ kind: "queue", queued: waitingCount(store) })
}

/** What still waited to be said is not said. */
export function dropOutbox(tx: ClientTx, id: GroupId): void {
  for (let after = 0; ;) {
    const rows = tx.outbox(ROWS_PER_LOOK, after)
    for (const row of rows) {
      after = row.place
      if (!equal(row.groupId, id)) continue
      tx.setDelivery(id, row.messageId, "failed", row.since)
      tx.unqueue(row.place)
      forgetWaitsFor(tx, row)
    }
    if (rows.length < ROWS_PER_LOOK) return
  }
}

/** The person left, and the others have not heard of it yet, or only those who have gone on in another group. */
export const isLeaveWaiting = (store: ClientReads, id: GroupId): boolean =>
  isLeaveQueued(store, id) || isLeftElsewhere(store, id)

/** The person left, and nobody has heard of it yet. */
export function isLeaveQueued(store: ClientReads, id: GroupId): boolean {
  if (store.group(id)?.leftAt === undefined) return false
  for (let after = 0; ;) {
    const rows = store.outbox(ROWS_PER_LOOK, after)
    const isTold = ({ groupId, content }: OutboxRow): boolean =>
      equal(groupId, id) && decodeAppMessage(content).content.kind === "leave"
    if (rows.some(isTold)) return true
    const newest = rows.at(-1)
    if (!newest || rows.length < ROWS_PER_LOOK) return false
    after = newest.place
  }
}

interface Going {
  readonly leaves: readonly Member[]
  /** The device is on no list that was seen: a newer one may name it. */
  readonly isEarly: boolean
}

/** Who goes when one of them says that they leave: all leaves of the account, but of a device that is not listed only its own. */
export function leaving(
  store: ClientReads,
  { members }: Pick<MlsGroup, "members">,
  { accountKey, deviceKey }: Pick<Member, "accountKey" | "deviceKey">,
): Going {
  const list = listOf(store, accountKey)
  const isEarly = list !== undefined && !isNamed(list, deviceKey)
  const leaves = members.filter((member) => equal(member.accountKey, accountKey))
  return { leaves: isEarly ? leaves.filter((member) => equal(member.deviceKey, deviceKey)) : leaves, isEarly }
}

const isWaiting = ({ status, leftAt }: StoredGroup): boolean => status === "hidden" && leftAt === undefined

/** Not where another device of the person's is in it: it may have accepted, and to leave is to take out all of them. */
const isTooOld = (rooms: Rooms, { id, joinedAt }: StoredGroup): boolean =>
  rooms.world.clock.now() - joinedAt > HIDDEN_MS_MAX && otherDevices(rooms, takeDown(rooms, id).group).length === 0

/** What time does: invitations that were not answered, groups that one left and nobody removed one from. */
export function tidyGroups(rooms: Rooms): void {
  const now = rooms.world.clock.now()
  for (const group of rooms.store.groups()) {
    if (isWaiting(group) && (isTooOld(rooms, group) || isUnwanted(rooms.store, group))) {
      leaveGroup(rooms, group)
      rooms.events.emit({ kind: "groupGone", groupId: faceIdOf(rooms.store, group.id) })
    }
    if (group.leftAt === undefined || group.status === "removed" || now - group.leftAt <= LEAVING_MS_MAX) continue
    rooms.store.write((tx) => {
      tx.saveGroup({ ...group, status: "removed" }, group.version)
      tx.unstageCommit(group.id)
    })
  }
}
