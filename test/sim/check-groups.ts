/** Who should stand in which group, and whether they do: forks, groups that are stuck, those left out of a successor. */
import { equal, hex } from "../../core/domain/bytes.ts"
import type { StoredGroup } from "../../core/store/client-store.ts"
import type { Conversation, Past } from "./past.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"
import type { GroupTruth } from "./truth.ts"
import type { Violation } from "./violation.ts"

export interface Rooms {
  readonly scene: Scene
  readonly past: Past
}

export interface Seat {
  readonly who: Person
  readonly row: StoredGroup
}

/** Where a conversation is now, and who should be in it. */
export interface Standing {
  readonly conversation: Conversation
  readonly group: GroupTruth
  /** Honest members of its last epoch, without those who can know of no way back. */
  readonly members: readonly Person[]
  /** Everybody honest in any group of it. */
  readonly seats: readonly Seat[]
}

type Whereabouts = Pick<Standing, "group" | "conversation">

export const honest = (scene: Scene): readonly Person[] => scene.people.filter((who) => who !== scene.hostile)

/** Whoever has broken a group and gone answers nobody. */
const here = (scene: Scene): readonly Person[] => (scene.isHostileGone ? honest(scene) : scene.people)

export const rowOf = (who: Person, { tag }: GroupTruth): StoredGroup | undefined =>
  who.groups().find((one) => hex(one.tag) === tag)

/** Neither lost nor left, and what the person is shown. */
function isStandingIn(who: Person, row: StoredGroup): boolean {
  const { id, status, leftAt, rejoin } = row
  if (status === "removed" || leftAt !== undefined || rejoin) return false
  return !who.store.successions().some(({ groupId, successor, moved }) => {
    return (moved && equal(groupId, id)) || (!moved && successor !== undefined && equal(successor, id))
  })
}

/** Conversations that anybody honest is in. */
export function standings(scene: Scene, past: Past): readonly Standing[] {
  return past.conversations.flatMap((conversation) => {
    const seats = honest(scene).flatMap((who) =>
      who
        .groups()
        .filter((row) => conversation.groups.some(({ tag }) => tag === hex(row.tag)) && isStandingIn(who, row))
        .map((row) => ({ who, row })),
    )
    const group = mostStandIn(conversation, seats)
    if (!group) return []
    const now = group.epochs.at(-1)?.members ?? []
    const members = honest(scene).filter(
      (who) =>
        now.includes(who.device) && !isHelpless(scene, past, who, group) && !isUninvited(scene, who, conversation),
    )
    return [{ conversation, group, members, seats }]
  })
}

function mostStandIn({ groups }: Conversation, seats: readonly Seat[]): GroupTruth | undefined {
  const count = ({ tag }: GroupTruth): number => seats.filter(({ row }) => hex(row.tag) === tag).length
  const most = Math.max(...groups.map(count))
  return groups.find((group) => count(group) === most && most > 0) ?? groups.findLast(({ epochs }) => epochs.length > 1)
}

/** Members who are where they should be, with their rows. */
export const present = ({ group, members, seats }: Standing): readonly Seat[] =>
  seats.filter(({ who, row }) => hex(row.tag) === group.tag && members.includes(who))

const isAble = ({ row }: Seat): boolean => row.status === "active"

/**
 * Who goes on from a copy of a time before it was invited, or invited again, or before all who are in the group now,
 * has nobody to ask; the person was told of mail that is missing.
 */
export function isHelpless(scene: Scene, past: Past, who: Person, group: GroupTruth): boolean {
  const gap = past.gaps(who, group).find(({ to, isOlderCopy }) => isOlderCopy && to === undefined)
  if (!gap) return false
  const row = rowOf(who, group)
  if (!row || row.status === "removed") return true
  const asked = group.epochs.at(Number(row.epoch))?.members ?? []
  const now = group.epochs.at(-1)?.members ?? []
  return !here(scene).some((other) => {
    const theirs = other !== who && asked.includes(other.device) && now.includes(other.device) && rowOf(other, group)
    return theirs && isStandingIn(other, theirs) && theirs.status === "active"
  })
}

/** Its Welcome expired before it was read: it knows of nothing, until somebody invites it again. */
const isUninvited = ({ truth, schedule }: Scene, who: Person, { groups }: Conversation): boolean =>
  groups.every((group) => !rowOf(who, group) || wasRemoved(who, group)) &&
  truth.letters.hasExpired(who.device, schedule.elapsed)

/** And knows it. */
const wasRemoved = (who: Person, group: GroupTruth): boolean =>
  rowOf(who, group)?.status === "removed" && group.epochs.at(-1)?.members.includes(who.device) === false

/** What keeps a conversation from being at rest. */
export function unsettled({ scene, past }: Rooms, standing: Standing): string | undefined {
  const { group, members, seats } = standing
  for (const who of members) {
    const row = rowOf(who, group)
    const what = row
      ? unsettledSeat({ scene, past }, { who, row }, standing)
      : hasLeft(who, standing) || hasRefused(who, standing)
        ? undefined
        : "has no row of it"
    if (what !== undefined) return `${who.name} ${what} (${row?.name ?? group.tag.slice(0, 8)})`
  }
  const isElsewhere = ({ who }: Seat): boolean =>
    isOut(who, standing) || hasRefused(who, standing) || isAmongStrangers(past, who, standing)
  const astray = seats.find(
    (seat) => hex(seat.row.tag) !== group.tag && !isElsewhere(seat) && !isGuest(past, seat, standing),
  )
  if (astray) return `${astray.who.name} is in another group of the conversation "${astray.row.name}"`
  const missing = leftOut(scene, standing)
  return missing && `${missing.name} was left out of a successor`
}

function unsettledSeat(rooms: Rooms, { who, row }: Seat, standing: Standing): string | undefined {
  const { group } = standing
  if (row.status === "removed" && row.leftAt === undefined)
    return isOver(rooms.scene, standing) || isAmongStrangers(rooms.past, who, standing)
      ? undefined
      : "thinks it was removed"
  if (row.rejoin ?? row.leftAt) return waitingSeat(rooms, { who, row }, standing)
  if (row.epoch !== BigInt(group.epochs.length - 1)) return `is in epoch ${row.epoch}, not ${group.epochs.length - 1}`
  if (!isStandingIn(who, row)) return "does not stand in it"
  return row.owesUpdate && row.status === "active" ? "owes an update" : undefined
}

function waitingSeat(rooms: Rooms, { who, row }: Seat, standing: Standing): string | undefined {
  if (isAmongStrangers(rooms.past, who, standing)) return undefined
  if (row.leftAt !== undefined) return present(standing).some(isAble) ? "is still in" : undefined
  return isUnheard(rooms, who, standing) ? undefined : "waits to rejoin"
}

const isUnheard = ({ scene, past }: Rooms, who: Person, standing: Standing): boolean =>
  isForsaken(scene, who, standing) || isInTheDark(scene, past, who, standing.group)

/** Has lost the group, and of those whom it knows in it nobody could hear it: the others came later. */
function isAmongStrangers(past: Past, who: Person, standing: Standing): boolean {
  const { group } = standing
  const gap = past.gaps(who, group).find(({ to }) => to === undefined)
  const known = gap && group.epochs[gap.from - 1]?.members
  return known !== undefined && !present(standing).some((seat) => isAble(seat) && known.includes(seat.who.device))
}

/** A successor from an epoch that it had already gone beyond. */
export function hasRefused(who: Person, { group: { before }, conversation }: Whereabouts): boolean {
  const old = conversation.groups.find(({ tag }) => tag === before?.tag)
  const row = old && rowOf(who, old)
  return before !== undefined && row !== undefined && row.epoch > BigInt(before.epoch)
}

/** Of those who were in the group only who broke it is left, and has gone: there is nobody to go on with. */
export const isForsaken = (
  scene: Scene,
  who: Person,
  { members, ...standing }: Pick<Standing, "members" | "conversation">,
): boolean => scene.isHostileGone && members.every((other) => other === who || hasLeft(other, standing))

/**
 * Whoever broke the group alone has its state, and has gone; no other member knows whose commit it was that did not come.
 * They are told daily that nobody lets them in, but it might be that one who is away has the state.
 */
export function isInTheDark(scene: Scene, past: Past, who: Person, group: GroupTruth): boolean {
  const now = group.epochs.at(-1)?.members ?? []
  const { hostile } = scene
  if (!scene.isHostileGone || !hostile || !now.includes(hostile.device)) return false
  const knowsNothing = (one: Person): boolean => {
    const gap = past.gaps(one, group).find(({ to, isOlderCopy }) => to === undefined && !isOlderCopy)
    return gap !== undefined && group.epochs[gap.from]?.unseen.includes(one.device) === true
  }
  const members = honest(scene).filter(({ device }) => now.includes(device))
  return members.includes(who) && members.every(knowsNothing)
}

/** The group goes on without it, or that of which it is the successor did: taken out by a commit that it could not read. */
function isOut(who: Person, { group, conversation }: Whereabouts, upTo = group.epochs.length): boolean {
  const isIn = group.epochs.slice(0, upTo + 1).map(({ members }) => members.includes(who.device))
  if (isIn.includes(true)) return isIn.at(-1) === false
  const { before } = group
  const old = conversation.groups.find(({ tag }) => tag === before?.tag)
  return before !== undefined && old !== undefined && isOut(who, { group: old, conversation }, before.epoch)
}

/**
 * For whom a successor that came to nothing is a group like any: invited into it by whoever made it, or again after having
 * been in it, or removed from the old group before.
 */
function isGuest(past: Past, { who, row }: Seat, { conversation }: Standing): boolean {
  const heir = conversation.groups.find(({ tag }) => tag === hex(row.tag))
  const old = conversation.groups.find(({ tag }) => tag === heir?.before?.tag)
  const from = heir?.before?.epoch
  if (!heir || !old || from === undefined) return false
  if (old.epochs.at(from)?.members.includes(who.device) !== true) return true
  return isInvitedAnew(who, heir) || hadBeenRemoved(past, who, { heir, old })
}

interface Branch {
  readonly heir: GroupTruth
  readonly old: GroupTruth
}

/**
 * Whoever made the successor had lost the commit that took it out, which lay before the Welcome in its own mailbox and could
 * be read there: then that is an invitation like any (docs/decisions/0013), and another one into the old group ends nothing.
 */
function hadBeenRemoved(past: Past, who: Person, { heir, old }: Branch): boolean {
  const invitedAt = heir.epochs.find(({ added }) => added.has(who.device))?.since ?? 0
  const then = old.epochs.filter(({ since }) => since < invitedAt)
  const lastIn = then.findLastIndex(({ members }) => members.includes(who.device))
  if (lastIn < 0 || lastIn === then.length - 1) return false
  return past.gaps(who, old).every(({ from, to = Infinity }) => lastIn + 1 < from || lastIn + 1 >= to)
}

/** Taken out, and in again later. */
function isInvitedAnew({ device }: Person, { epochs }: GroupTruth): boolean {
  const isIn = epochs.map(({ members }) => members.includes(device))
  const out = isIn.indexOf(false, isIn.indexOf(true))
  return isIn.includes(true) && out >= 0 && isIn.includes(true, out)
}

const hasLeft = (who: Person, { conversation }: Pick<Standing, "conversation">): boolean =>
  who.left.some(({ tag }) => conversation.groups.some((group) => group.tag === tag))

/** All who were in it last have left or are revoked: nobody is there to take out the others, and each ends it for itself. */
const isOver = (scene: Scene, standing: Standing): boolean =>
  standing.group.epochs.at(-1)?.members.every((device) => {
    const who = scene.everybody.find((one) => one.device === device)
    return scene.truth.revoked.has(device) || (who !== undefined && hasLeft(who, standing))
  }) === true

/** Of the epoch from which the successor was made, and never taken along. */
function leftOut(scene: Scene, { group, conversation }: Standing): Person | undefined {
  const { before } = group
  if (!before || group.isDirect) return undefined
  const broken = conversation.groups.find(({ tag }) => tag === before.tag)?.epochs.at(before.epoch)
  return honest(scene).find((who) => {
    const isIn = group.epochs.some(({ members }) => members.includes(who.device))
    return broken?.members.includes(who.device) === true && !isIn && !hasLeft(who, { conversation })
  })
}

export function forks(scene: Scene, past: Past): readonly Violation[] {
  return standings(scene, past).flatMap((standing) => {
    const states = present(standing).map(({ who, row }) => {
      return [who.name, `${row.epoch}/${who.authenticator(row).slice(0, 12)}`] as const
    })
    if (new Set(states.map(([, state]) => state)).size <= 1) return []
    return [{ check: "forks", what: JSON.stringify(states) }]
  })
}

/** A conversation of two has these two in it, and nobody else. */
export function thirds(scene: Scene, past: Past): readonly Violation[] {
  return past.conversations.flatMap(({ groups }) => {
    if (!groups.some(({ isDirect }) => isDirect)) return []
    const everybody = new Set(groups.flatMap(({ epochs }) => epochs.flatMap(({ members }) => members)))
    const names = new Set([...everybody].map((device) => scene.userOf(device)))
    if (names.size <= 2) return []
    return [{ check: "a third", what: [...names].join(", ") }]
  })
}
