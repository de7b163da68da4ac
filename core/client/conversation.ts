/** What a group's mail means: texts for the timeline, wishes to go, commits that bring the next epoch. */
import type { Envelope } from "../contract/node-service.ts"
import { isRemark } from "../domain/app-message.ts"
import type { AppContent, AppMessage } from "../domain/app-message.ts"
import type { AttachedFile } from "../domain/attached-file.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import { mentionsOf } from "../domain/mention.ts"
import type { Member, OpenedApplication, OpenedProposal } from "../mls/group-engine.ts"
import type { Annotation, ClientReads, ClientTx, StoredGroup, TimelineRow } from "../store/client-store.ts"
import { decodeAppMessage } from "../wire/app-message.ts"
import { annotationOf, noteAnnotation } from "./annotations.ts"
import { answerIn, takeAnswer } from "./answers.ts"
import { isHeard } from "./blocks.ts"
import type { ChangeNote } from "./change-note.ts"
import { noteSaidList } from "./device-mail.ts"
import { noteEarlyLeave } from "./early-leave.ts"
import { leaving } from "./leave.ts"
import { noteLeaver } from "./leavers.ts"
import { openCommit } from "./group-commit.ts"
import { conversationOf, stepWithNode, storedGroup, takeDown } from "./group-shelf.ts"
import { nothing } from "./outcome.ts"
import { heardFrom, passingOutcome, receivedLine } from "./passing-mail.ts"
import type { Outcome } from "./outcome.ts"
import { noteProposer } from "./proposers.ts"
import type { Rooms } from "./session-parts.ts"

/** Standalone proposals that a group keeps as wishes; others are dropped. */
const WISHES_MAX = 16
const NOBODY: ReturnType<typeof leaving> = { leaves: [], isEarly: false }

/** @throws E030, E033, E034, E036, E039, E043 when it must be dropped. */
export async function openGroupMessage(rooms: Rooms, row: Envelope, message: Uint8Array): Promise<Outcome> {
  const header = rooms.engine.headerOf(message)
  const { id } = storedGroup(rooms.store, header.groupId)
  return rooms.inTurn(hex(id), async () => {
    const isCommit = header.kind === "commit"
    if (isCommit !== (row.commit !== undefined)) throw new QpqError("E043", "a commit travels only as a commit")
    return isCommit ? openCommit(rooms, row, id, message) : openPlain(rooms, row, id, message)
  })
}

async function openPlain(rooms: Rooms, row: Envelope, id: GroupId, message: Uint8Array): Promise<Outcome> {
  const held = takeDown(rooms, id)
  const opened = await rooms.engine.open(held.group, { message })
  if (opened.kind === "proposal") {
    const { spent, touched } = opened
    return {
      ...nothing,
      spent,
      apply(tx) {
        stepWithNode(tx, held.row, touched)
        noteProposal(tx, id, opened, rooms.world.clock.now())
      },
    }
  }
  if (opened.kind !== "application") throw new QpqError("E043", "a commit outside a commit row")
  return applicationOutcome(rooms, held.row, row, opened)
}

/** A device takes out by a proposal whom it takes along when it leaves: of a revoked one that is nobody but itself. */
function noteProposal(tx: ClientTx, id: GroupId, { group, by, removal }: OpenedProposal, since: number): void {
  const target = leaving(tx, group, by).leaves.find((leaf) => leaf.leafIndex === removal?.leafIndex)?.deviceKey
  const wishes = tx.wishes(id)
  if (!target || wishes.length >= WISHES_MAX || wishes.some(({ deviceKey }) => equal(deviceKey, target))) return
  tx.wish(id, { deviceKey: target, since })
  noteProposer(tx, id, target, by.deviceKey)
}

function applicationOutcome(rooms: Rooms, group: StoredGroup, row: Envelope, opened: OpenedApplication): Outcome {
  const now = rooms.world.clock.now()
  const step = { ...nothing, spent: opened.spent, group: group.id, seen: [opened.sender] }
  const message = decoded(opened.plaintext)
  if (message instanceof QpqError) {
    return { ...step, trouble: message, apply: (tx) => stepWithNode(tx, group, opened.touched) }
  }
  if (!isHeard(rooms.store, opened.sender.accountKey, message.content))
    return { ...step, seen: [], apply: (tx) => stepWithNode(tx, group, opened.touched) }
  const into = conversationOf(rooms.store, group.id)
  const spoken = { ...step, heard: heardFrom(opened, message, into) }
  const passing = passingOutcome(rooms, spoken, { group, into, row, opened, message })
  if (passing) return passing
  const annotation = annotationOf(into, opened.sender.accountKey, message)
  if (annotation) return annotationOutcome(spoken, annotation, (tx) => stepWithNode(tx, group, opened.touched))
  const { leaves: gone, isEarly } =
    message.content.kind === "leave" ? leaving(rooms.store, opened.group, opened.sender) : NOBODY
  const line = isKnown(rooms.store, group.id, gone) ? undefined : lineOf(rooms, row, opened, { into, message })
  const { file, name, said } = carriedBy(message.content)
  const answer = answerIn(rooms, group, opened.sender, message.content)
  return {
    ...spoken,
    ...(name === undefined && answer === undefined && { held: { row: group, group: opened.group } }),
    ...(answer === "declined" && { gone: group.id }),
    ...(line && { line: { group: into, sender: opened.sender.accountKey, id: line.messageId, isNew: true } }),
    apply(tx) {
      stepWithNode(tx, group, opened.touched)
      if (line && !isRepeated(tx, line)) addLine(tx, line, file)
      for (const { deviceKey } of gone) tx.wish(group.id, { deviceKey, since: now })
      if (isEarly) noteEarlyLeave(tx, group.id, opened.sender.deviceKey)
      else if (gone.length > 0) noteLeaver(tx, group.id, opened.sender.accountKey)
      if (name !== undefined) rename(tx, group.id, name)
      if (answer) takeAnswer(tx, group.id, answer, now)
      if (said) noteSaidList(rooms, tx, { groupId: group.id, sender: opened.sender, said })
    },
  }
}

/** What a message brings besides its line. */
const carriedBy = (content: AppContent) => ({
  file: content.kind === "attachment" ? content : undefined,
  name: content.kind === "groupDetails" ? content.name : undefined,
  said: content.kind === "deviceList" ? content : undefined,
})

/** Of the line that it is about, the faces are told. */
function annotationOutcome(step: Outcome, annotation: Annotation, keep: (tx: ClientTx) => void): Outcome {
  const { groupId, senderKey, messageId } = annotation
  return {
    ...step,
    line: { group: groupId, sender: senderKey, id: messageId },
    apply(tx) {
      keep(tx)
      noteAnnotation(tx, annotation)
    },
  }
}

/** Who lets somebody in after having left says so once more. */
function isKnown(store: ClientReads, id: GroupId, gone: readonly Member[]): boolean {
  const wished = store.wishes(id).map(({ deviceKey }) => hex(deviceKey))
  return gone.length > 0 && gone.every(({ deviceKey }) => wished.includes(hex(deviceKey)))
}

/** A message that is damaged inside has used up its key all the same: the step is kept, the damage reported. */
function decoded(plaintext: Uint8Array): AppMessage | QpqError {
  try {
    return decodeAppMessage(plaintext)
  } catch (thrown) {
    return toQpqError(thrown)
  }
}

function lineOf(
  { me, world }: Rooms,
  row: Envelope,
  opened: OpenedApplication,
  { into, message }: { readonly into: GroupId; readonly message: AppMessage },
): Omit<TimelineRow, "place"> | undefined {
  const what = substanceOf(message.content, opened)
  return (
    what && {
      ...what,
      ...receivedLine(row, opened, { into, message }),
      ...endOf(message, world.clock.now()),
      mention: isMention(me, message.content),
    }
  )
}

/** From when it is here: who was away has as long to read it as the others. */
function endOf(
  { content, expiresAfter = 0 }: AppMessage,
  now: number,
): Pick<TimelineRow, "expiresAfter" | "expiresAt"> {
  const isSaid = content.kind === "text" || content.kind === "reply" || content.kind === "attachment"
  return isSaid && expiresAfter > 0 ? { expiresAfter, expiresAt: now + expiresAfter * 1000 } : {}
}

/** Whether it calls this person, or answers them. */
function isMention({ accountKey, name }: Rooms["me"], content: AppContent): boolean {
  if (content.kind === "reply" && equal(content.to.author, accountKey)) return true
  return (content.kind === "text" || content.kind === "reply") && mentionsOf(content.text, [name]).length > 0
}

/** undefined for what adds no line. */
function substanceOf(
  content: AppContent,
  { sender }: OpenedApplication,
): Pick<TimelineRow, "kind" | "body" | "replyTo"> | undefined {
  if (isRemark(content)) return undefined
  switch (content.kind) {
    case "text":
      return { kind: "text", body: content.text }
    case "reply":
      return { kind: "text", body: content.text, replyTo: content.to }
    case "attachment":
      return { kind: "text", body: content.name }
    case "leave": {
      const note: ChangeNote = { added: [], removed: [], updated: [], left: [hex(sender.accountKey)] }
      return { kind: "change", body: JSON.stringify(note) }
    }
    case "unknown":
      return { kind: "unknown", body: "" }
    case "reaction":
    case "edit":
    case "delete":
    case "groupDetails":
    case "deviceList":
      return undefined
  }
}

function addLine(tx: ClientTx, line: Omit<TimelineRow, "place">, file: AttachedFile | undefined): void {
  if (file && !tx.timelineRow(line)) tx.attach(line, file)
  tx.addTimeline(line)
}

/** Said again in another group of the conversation, to one who had left this one's predecessor (PROTOCOL.md section 8). */
const isRepeated = (tx: ClientTx, line: Omit<TimelineRow, "place">): boolean =>
  line.kind !== "change" && (tx.hasLine(line) || tx.hasVanished(line))

function rename(tx: ClientTx, id: GroupId, name: string): void {
  const group = tx.group(id)
  if (group && group.name !== name && !tx.direct(id)) tx.saveGroup({ ...group, name }, group.version)
}
