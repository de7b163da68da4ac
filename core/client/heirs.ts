/** Where a broken group's conversation goes on: recognising its successor, moving to it, and back (PROTOCOL.md section 7). */
import { EMPTY, equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import type { DeviceKey, GroupId } from "../domain/ids.ts"
import type { Member, MlsGroup, WelcomeView } from "../mls/group-engine.ts"
import type { ClientTx, StoredGroup, Succession, TimelineRow } from "../store/client-store.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import { nameOf } from "./directory.ts"
import { conversationOf, HEIRS_STORED, takeDown } from "./group-shelf.ts"
import { noteLeftOut } from "./left-out.ts"
import { isLeaveQueued, leaveAgain, noteLeftElsewhere } from "./leave.ts"
import { NO_ATTEMPT } from "./lost.ts"
import { moveFollowed } from "./recv-cursor.ts"
import { noteBeginning, sayAgain, wasAnswered } from "./say-again.ts"
import type { Rooms } from "./session-parts.ts"
import type { Origin } from "./welcome-note.ts"

const ID_BYTES = 32
/** Attempts beyond the one at hand that are looked for. */
const ATTEMPTS_AHEAD = 16

export interface Heir extends Rank {
  /** The group that broke. */
  readonly old: StoredGroup
}

/** Of two successors of one group. */
interface Rank {
  /** The old group's, from which it goes on. */
  readonly epoch: bigint
  readonly attempt: number
}

/**
 * Is this Welcome to the successor of a group of ours?
 * @param origin what the inviter says of that. @returns "early" while the old group is not known to be broken.
 * @throws E035 when it counts for nothing.
 */
export async function heirOf(
  rooms: Rooms,
  seen: WelcomeView,
  origin: Origin | undefined,
): Promise<Heir | "early" | undefined> {
  const id = seen.groupId
  const found = storedHeir(rooms, id) ?? (await laterHeir(rooms, id)) ?? namedHeir(rooms, seen, origin)
  const old = found && rooms.store.group(found.groupId)
  if (!old || isOut(rooms, old) || isOver(rooms.store.group(seen.groupId))) return undefined
  if (rooms.store.direct(old.id)) throw new QpqError("E035", "a 1:1 conversation goes on in its channel")
  const succession = rooms.store.succession(old.id)
  if (hasMovedTo(succession, seen.groupId)) return undefined
  if (found.epoch < old.epoch) throw new QpqError("E035", "the successor of a group that goes on without it")
  if (!old.rejoin) return "early"
  checkMakers(rooms, old, seen, found)
  if (succession) checkAfter(rooms, old, succession, { ...found, id })
  return { old, epoch: found.epoch, attempt: found.attempt }
}

function checkAfter(rooms: Rooms, old: StoredGroup, succession: Succession, found: Ranked): void {
  if (hasLeft(rooms, succession)) throw new QpqError("E035", "a conversation that was left")
  if (isStanding(rooms, succession) && !isAfter(found, standing(old, succession)))
    throw new QpqError("E035", "an earlier attempt than ours")
}

interface Ranked extends Rank {
  readonly id: GroupId | undefined
}

const standing = (old: StoredGroup, { epoch = old.epoch, attempt, successor }: Succession): Ranked => ({
  epoch,
  attempt,
  id: successor,
})

/** All sides see the same numbers, so that who went on apart ends in one group. */
function isAfter(one: Ranked, other: Ranked): boolean {
  if (one.epoch !== other.epoch) return one.epoch > other.epoch
  if (one.attempt !== other.attempt) return one.attempt > other.attempt
  return hex(one.id ?? EMPTY) < hex(other.id ?? EMPTY)
}

/** We were in it, and it has ended for us: who invites us again means a group like any. */
const isOver = (known: StoredGroup | undefined): boolean =>
  known !== undefined && (known.status === "removed" || known.leftAt !== undefined)

/** Who has left comes along only to be heard; once that was done, a Welcome into it is an invitation like any. */
const isOut = ({ store }: Rooms, { id, status, leftAt }: StoredGroup): boolean =>
  status === "removed" || (leftAt !== undefined && !isLeaveQueued(store, id))

/** The conversation is there already: for who was removed from it, or lost its state, it is a group like any. */
const hasMovedTo = (succession: Succession | undefined, id: GroupId): boolean =>
  succession?.moved === true && succession.successor !== undefined && equal(succession.successor, id)

/** Where it went on the person has left it, or declined, or forgotten it. */
function hasLeft({ store }: Rooms, { successor, moved }: Succession): boolean {
  if (!moved || !successor) return false
  const last = store.group(conversationOf(store, successor))
  return last === undefined || last.leftAt !== undefined
}

interface Found extends Rank {
  readonly groupId: GroupId
}

function storedHeir({ store }: Rooms, id: GroupId): Found | undefined {
  for (const { groupId, epoch, heirs } of store.epochKeys()) {
    for (let at = 0; at * ID_BYTES < heirs.length; at++) {
      if (equal(heirs.subarray(at * ID_BYTES, (at + 1) * ID_BYTES), id)) return { groupId, epoch, attempt: at }
    }
  }
  return undefined
}

/** A bad author may have taken the first attempts. */
async function laterHeir(rooms: Rooms, id: GroupId): Promise<Found | undefined> {
  for (const { groupId, attempt: current } of rooms.store.successions()) {
    const { group } = takeDown(rooms, groupId)
    for (let attempt = HEIRS_STORED; attempt <= current + ATTEMPTS_AHEAD; attempt++) {
      if (equal(await rooms.engine.successorId(group, attempt), id)) return { groupId, epoch: group.epoch, attempt }
    }
  }
  return undefined
}

/**
 * Its id says nothing to who lost the old group before the epoch from which it goes on: then a member's word counts. Of a
 * group that is known here already it does not: that one comes back, and no conversation goes round in a circle.
 */
function namedHeir(rooms: Rooms, { groupId: id, inviter }: WelcomeView, origin: Origin | undefined): Found | undefined {
  const old = origin && rooms.store.group(origin.groupId)
  if (!old || rooms.store.group(id)) return undefined
  // Whoever says so has missed more of it than we have, perhaps also that it was removed.
  if (origin.epoch < old.epoch) return origin
  return old.status !== "removed" && isMember(takeDown(rooms, old.id).group, inviter) ? origin : undefined
}

type Named = Pick<Member, "deviceKey" | "accountKey">

const isMember = ({ members }: MlsGroup, { deviceKey, accountKey }: Named): boolean =>
  members.some((member) => equal(deviceKey, member.deviceKey) && equal(accountKey, member.accountKey))

function checkMakers(rooms: Rooms, old: StoredGroup, { inviter, members }: WelcomeView, { epoch }: Rank): void {
  const succession = rooms.store.succession(old.id)
  const { group } = takeDown(rooms, old.id)
  const isBlamed = (key: Uint8Array): boolean => succession?.blamed.some((one) => equal(one, key)) === true
  if (isBlamed(inviter.deviceKey)) throw new QpqError("E035", "a successor by whoever broke the group")
  if (!isMember(group, inviter)) throw new QpqError("E035", "a successor by no member")
  // Whom the others have found good since then is theirs to say.
  if (epoch > old.epoch) return
  const [bad] = succession?.blamed ?? []
  if (bad && members.some(({ deviceKey }) => equal(deviceKey, bad)))
    throw new QpqError("E035", "a successor with whoever broke the group")
}

/** It has others in it, or we were invited: not just our own attempt at it. */
export function isStanding({ store }: Pick<Rooms, "store">, { successor }: Succession): boolean {
  const group = successor && store.group(successor)
  return group !== undefined && (group.inviter !== undefined || group.epoch > 1n)
}

/** What a Welcome into `id` says of where that comes from; to those who can make something of it. */
export function originOf(rooms: Rooms, id: GroupId, invited: readonly Named[]): Origin | undefined {
  const row = rooms.store.successions().find(({ successor, epoch }) => {
    return epoch !== undefined && successor !== undefined && equal(successor, id)
  })
  if (row?.epoch === undefined) return undefined
  const { group } = takeDown(rooms, row.groupId)
  if (!invited.some((member) => isMember(group, member))) return undefined
  return { groupId: row.groupId, epoch: row.epoch, attempt: row.attempt }
}

/** Not yet, or no longer, what the person should see. */
export function isBehindTheScenes({ store }: Pick<Rooms, "store">, group: StoredGroup): boolean {
  const own = store.succession(group.id)
  if (own?.moved === true) return true
  const asHeir = store.successions().find(({ successor }) => successor && equal(successor, group.id))
  return asHeir !== undefined && !asHeir.moved
}

/** The conversation goes on in `heir`: what was said, what waits, how far it was read. */
export function moveTo(rooms: Rooms, tx: ClientTx, { old, epoch, attempt }: Heir, group: MlsGroup): void {
  const { id: heir } = group
  const now = rooms.world.clock.now()
  const succession = tx.succession(old.id) ?? { groupId: old.id, blamed: [], since: now, attempt, ...NO_ATTEMPT }
  const { successor: earlier, moved } = succession
  if (earlier && !equal(earlier, heir)) {
    const last = moved ? conversationOf(tx, earlier) : earlier
    if (moved) sayAgain(tx, rooms.me.accountKey, { successor: earlier, id: last })
    abandon(rooms, tx, last, heir)
  }
  moveFollowed(tx, old.id, heir)
  tx.saveSuccession({ ...succession, epoch, attempt, successor: heir, moved: true })
  const { members } = takeDown(rooms, old.id).group
  const author = members.find(({ deviceKey }) => succession.blamed[0] && equal(deviceKey, succession.blamed[0]))
  const gone = tx.wishes(old.id).map(({ deviceKey }) => hex(deviceKey))
  const wanted = members.filter((member) => member !== author && !gone.includes(hex(member.deviceKey)))
  // Who lost the old group before that epoch may take somebody for a member who was removed since.
  const missing = epoch === old.epoch ? noteLeftOut(tx, old.id, group, wanted) : new Set<string>()
  const later = wanted.filter(({ deviceKey }) => missing.has(hex(deviceKey)))
  if (old.leftAt !== undefined) noteLeftElsewhere(tx, old)
  else tx.addTimeline(notice(rooms, group, brokenText(rooms, author, later)))
  noteBeginning(tx, heir, rooms.me.accountKey, now)
}

function brokenText(rooms: Rooms, author: Member | undefined, later: readonly Member[]): string {
  const name = author && rooms.store.contactByKey(author.accountKey)?.name
  const whose = name === undefined ? "A change" : `A change by ${name}`
  const without = name === undefined ? "" : `, without ${name}`
  const names = [...new Set(later.map(({ accountKey }) => nameOf(rooms, accountKey)))]
  const others =
    names.length === 0 ? "" : ` Not there yet: ${names.join(", ")}; this device lets them in when they are back.`
  return `${whose} could not be applied. The conversation goes on in a new group${without}.${others}`
}

/** When the person left what is let in again, or the group in which its conversation had gone on. */
export function leftSince(rooms: Rooms, { id, leftAt }: StoredGroup): number | undefined {
  const { store, world } = rooms
  const succession = store.succession(id)
  if (leftAt !== undefined || !succession?.successor || !hasLeft(rooms, succession)) return leftAt
  return store.group(conversationOf(store, succession.successor))?.leftAt ?? world.clock.now()
}

/** Back only to say that the person has left: the conversation stays where that was. */
export function leaveBehind({ world }: Rooms, tx: ClientTx, id: GroupId, succession: Succession | undefined): void {
  if (succession) tx.saveSuccession(succession)
  leaveAgain(world, tx, id)
}

/**
 * We are in the old group again: its successor ends for us, and what we said there is said again; but not to whoever
 * broke the group and wants us back, when others were with us: it was said without the one who broke it.
 */
export function moveBack(
  rooms: Rooms,
  tx: ClientTx,
  { successor, moved, blamed }: Succession,
  { old, by }: Return,
): void {
  if (!successor) return
  if (!moved) {
    tx.dropGroup(successor)
    return
  }
  // It may have broken too, and have a successor of its own.
  const last = conversationOf(tx, successor)
  const isByBlamed = blamed[0] !== undefined && equal(blamed[0], by)
  const isShared = tx.group(successor)?.inviter !== undefined || wasAnswered(tx, successor, last)
  if (!isByBlamed || !isShared) sayAgain(tx, rooms.me.accountKey, { successor, id: last })
  abandon(rooms, tx, last, old)
}

interface Return {
  readonly old: GroupId
  /** Who has let us in again. */
  readonly by: DeviceKey
}

/** The others take us out of it. */
function abandon({ world }: Rooms, tx: ClientTx, from: GroupId, to: GroupId): void {
  moveFollowed(tx, from, to)
  const group = tx.group(from)
  if (!group) return
  if (group.inviter === undefined && group.epoch <= 1n) {
    tx.dropGroup(from)
    return
  }
  const now = world.clock.now()
  const id = messageId(world.random.bytes(16))
  tx.unstageCommit(from)
  const row = { groupId: from, blamed: [], attempt: 0, since: now, ...NO_ATTEMPT, successor: to, moved: true }
  tx.saveSuccession(row)
  tx.saveGroup({ ...group, leftAt: now }, group.version)
  const content = encodeAppMessage({ id, sentAt: now, content: { kind: "leave" } })
  tx.queue({ groupId: from, messageId: id, content, since: now })
}

/** A line of our own that explains. */
export function notice(
  { world, me }: Rooms,
  { id, epoch }: { readonly id: GroupId; readonly epoch: bigint },
  body: string,
): Omit<TimelineRow, "place"> {
  const now = world.clock.now()
  const what = { groupId: id, kind: "notice", messageId: messageId(world.random.bytes(16)), own: true } as const
  return { ...what, senderKey: me.accountKey, body, epoch, sentAt: now, receivedAt: now, delivery: "received" }
}
