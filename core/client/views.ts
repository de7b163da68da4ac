/** The store's rows as the faces see them. */
import { sha256 } from "../crypto/hash.ts"
import { equal, hex } from "../domain/bytes.ts"
import { accountKey, groupId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import { unhex } from "../domain/bytes.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { Annotation, ClientReads, StoredGroup, TimelineRow } from "../store/client-store.ts"
import type {
  AttachmentView,
  ChangeView,
  GroupView,
  MemberView,
  ReactionView,
  ReplyView,
  TimelineView,
} from "./client-api.ts"
import type { GroupHealth } from "./group-health.ts"
import type { ChangeNote } from "./change-note.ts"
import { choicesFor } from "./choices.ts"
import { nameOf } from "./directory.ts"
import { fingerprintText } from "./fingerprint.ts"
import { faceIdOf } from "./group-shelf.ts"
import { timerIn } from "./group-timer.ts"
import { isBehindTheScenes } from "./heirs.ts"
import type { SeenView } from "./passing-api.ts"
import type { Rooms } from "./session-parts.ts"
import { signalsIn } from "./signals.ts"
import { trustOf } from "./trust.ts"

export function groupView(rooms: Rooms, row: StoredGroup, group: MlsGroup): GroupView {
  const [last] = rooms.store.timeline({ groupId: row.id, limit: 1 })
  const direct = rooms.store.direct(row.id)
  const peer = direct && nameOf(rooms, direct.peer)
  return {
    groupId: faceIdOf(rooms.store, row.id),
    name: peer ?? row.name,
    peer,
    peerTrust: direct && trustOf(rooms.store, direct.peer),
    status: row.leftAt === undefined ? row.status : "left",
    suite: row.suite,
    epoch: Number(row.epoch),
    members: [...new Set(group.members.map((member) => nameOf(rooms, member.accountKey)))],
    unread: rooms.store.unread(row.id),
    mentions: rooms.store.unreadMentions(row.id),
    ...chosen(rooms.store, row.id),
    lastAt: last?.receivedAt ?? row.joinedAt,
    inviter: row.inviter && nameOf(rooms, row.inviter),
    rekeyedAt: row.epochAt,
  }
}

function chosen(
  store: ClientReads,
  id: GroupId,
): Pick<GroupView, "notify" | "draft" | "timer" | "receipts" | "typing"> {
  const { notify, draft } = choicesFor(store, id)
  return { notify, draft, timer: timerIn(store, id) ?? 0, ...signalsIn(store, id) }
}

/** Of the groups that the person is in and sees, and those that nobody let this device into again. */
export function groupHealths(rooms: Rooms): readonly GroupHealth[] {
  const groups = rooms.store.groups().filter(({ leftAt, status, rejoin }) => {
    return leftAt === undefined && (status !== "removed" || rejoin !== undefined)
  })
  return groups
    .filter((group) => !isBehindTheScenes(rooms, group))
    .map(({ id, rejoin, status }) => ({
      groupId: faceIdOf(rooms.store, id),
      name: groupName(rooms, id),
      state: rejoin ? (status === "removed" ? "out" : "waiting") : "well",
      since: rejoin?.since,
    }))
}

export function memberViews(rooms: Rooms, group: MlsGroup): readonly MemberView[] {
  return group.members.map((member) => ({
    name: nameOf(rooms, member.accountKey),
    accountKey: hex(member.accountKey),
    deviceKey: hex(member.deviceKey),
    leafFingerprint: fingerprintText(sha256(rooms.engine.leafKey(group, member.leafIndex))),
    ...trustOf(rooms.store, member.accountKey),
    firstSeen: rooms.store.contactByKey(member.accountKey)?.firstSeen,
    self: equal(member.accountKey, rooms.me.accountKey),
    current: equal(member.deviceKey, rooms.me.deviceKey),
  }))
}

export function timelineView(rooms: Rooms, row: TimelineRow): TimelineView {
  const { place, kind, epoch, sentAt, receivedAt } = row
  const own = isOwn(rooms, row)
  return {
    place,
    groupId: faceIdOf(rooms.store, row.groupId),
    group: groupName(rooms, row.groupId),
    id: hex(row.messageId),
    kind,
    sender: nameOf(rooms, row.senderKey),
    senderKey: hex(row.senderKey),
    own,
    text: kind === "text" || kind === "notice" ? row.body : "",
    ...saidAbout(rooms, row),
    expiresAfter: row.expiresAfter,
    expiresAt: row.expiresAt,
    change: kind === "change" ? changeView(rooms, row) : undefined,
    epoch: Number(epoch),
    sentAt,
    receivedAt,
    // The server gave it to this device too.
    delivery: own && !row.own ? "stored" : row.delivery,
    mention: row.mention ?? false,
    verified: own || trustOf(rooms.store, row.senderKey).verified,
  }
}

/** Said by this person, here or on another device. */
const isOwn = ({ me }: Rooms, { own, senderKey }: TimelineRow): boolean => own || equal(senderKey, me.accountKey)

type SaidAbout = "attachment" | "replyTo" | "edited" | "editedAt" | "deleted" | "reactions" | "seen"

/** What belongs to a line and was said about it. */
function saidAbout(rooms: Rooms, row: TimelineRow): Pick<TimelineView, SaidAbout> {
  const said = row.kind === "text" ? rooms.store.annotations(row) : []
  const attachment = attachmentView(rooms, row)
  const deleted = said.some((about) => about.kind === "delete")
  const edit = deleted || attachment ? undefined : said.find((about) => about.kind === "edit")
  return {
    attachment,
    replyTo: deleted ? undefined : replyView(rooms, row),
    edited: edit !== undefined,
    editedAt: edit?.sentAt,
    deleted,
    reactions: deleted ? [] : reactionViews(rooms, said),
    seen: isOwn(rooms, row) && row.kind === "text" ? seenViews(rooms, row) : [],
  }
}

function attachmentView({ store }: Rooms, row: TimelineRow): AttachmentView | undefined {
  const file = row.kind === "text" ? store.attachment(row) : undefined
  return file && { name: file.name, size: file.size, mediaType: file.mediaType }
}

function replyView(rooms: Rooms, { groupId: id, replyTo }: TimelineRow): ReplyView | undefined {
  if (!replyTo) return undefined
  const { author, id: messageId } = replyTo
  const target = rooms.store.timelineRow({ groupId: id, senderKey: author, messageId })
  return { id: hex(messageId), sender: nameOf(rooms, author), text: target?.kind === "text" ? target.body : "" }
}

const seenViews = (rooms: Rooms, row: TimelineRow): readonly SeenView[] =>
  rooms.store.receipts(row).map(({ by, state, at }) => ({ by: nameOf(rooms, by), state, at }))

function reactionViews(rooms: Rooms, said: readonly Annotation[]): readonly ReactionView[] {
  const byEmoji = new Map<string, Annotation[]>()
  for (const about of said) {
    if (about.kind !== "reaction" || about.body === "") continue
    byEmoji.set(about.body, [...(byEmoji.get(about.body) ?? []), about])
  }
  return [...byEmoji].map(([emoji, alike]) => ({
    emoji,
    by: alike.map(({ by }) => nameOf(rooms, by)),
    own: alike.some(({ by }) => equal(by, rooms.me.accountKey)),
  }))
}

export function changeView(rooms: Rooms, row: TimelineRow): ChangeView {
  const note = JSON.parse(row.body) as ChangeNote
  const names = (keys: readonly string[]): readonly string[] => keys.map((key) => nameOf(rooms, accountKey(unhex(key))))
  return {
    groupId: faceIdOf(rooms.store, row.groupId),
    group: groupName(rooms, row.groupId),
    epoch: Number(row.epoch),
    added: names(note.added),
    removed: names(note.removed),
    updated: names(note.updated),
    left: names(note.left ?? []),
    rejoined: names(note.rejoined ?? []),
    newDevices: names(note.newDevices ?? []),
    goneDevices: names(note.goneDevices ?? []),
    by: nameOf(rooms, row.senderKey),
    ...(note.timer !== undefined && { timer: note.timer }),
  }
}

/** A 1:1 conversation is called by the other's name. */
export function groupName(rooms: Rooms, id: GroupId): string {
  const direct = rooms.store.direct(id)
  return direct ? nameOf(rooms, direct.peer) : (rooms.store.groupName(id) ?? "")
}

/** The id under which a conversation's lines stand now. */
export function idFrom(store: ClientReads, hexId: string): GroupId {
  const id = groupId(unhex(hexId))
  return store.direct(id)?.groupId ?? id
}
