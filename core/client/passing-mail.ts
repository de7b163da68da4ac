/** What a group's mail means that is no message: receipts, that somebody writes, after how long messages disappear. */
import type { Envelope } from "../contract/node-service.ts"
import type { AppMessage } from "../domain/app-message.ts"
import { equal } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { OpenedApplication } from "../mls/group-engine.ts"
import type { ClientTx, StoredGroup, TimelineName, TimelineRow } from "../store/client-store.ts"
import { isOwnDevice } from "./answers.ts"
import { stepWithNode } from "./group-shelf.ts"
import { noteTimer } from "./group-timer.ts"
import type { Heard } from "./heard.ts"
import { nothing } from "./outcome.ts"
import type { Outcome } from "./outcome.ts"
import { noteReadElsewhere } from "./read-marks.ts"
import { noteReceipts } from "./receipts.ts"
import type { Rooms } from "./session-parts.ts"

interface Said {
  readonly group: StoredGroup
  /** Where its conversation is now. */
  readonly into: GroupId
  readonly row: Envelope
  readonly opened: OpenedApplication
  readonly message: AppMessage
}

/** @returns undefined for what is of another kind. */
export function passingOutcome(rooms: Rooms, spoken: Outcome, said: Said): Outcome | undefined {
  const { group, opened, message } = said
  const keep = (tx: ClientTx): void => {
    stepWithNode(tx, group, opened.touched)
  }
  const { spent, seen, heard } = spoken
  const quiet = { ...nothing, spent, seen, ...(heard && { heard }), held: { row: group, group: opened.group } }
  const { content } = message
  if (content.kind === "receipt") return receiptOutcome(rooms, quiet, said, keep)
  if (content.kind === "typing") return { ...quiet, apply: keep }
  return content.kind === "timer" ? timerOutcome(spoken, said, keep, content.seconds) : undefined
}

function receiptOutcome(rooms: Rooms, quiet: Outcome, said: Said, keep: Outcome["apply"]): Outcome {
  const { into, opened, message } = said
  const { content } = message
  if (content.kind === "receipt" && equal(opened.sender.accountKey, rooms.me.accountKey))
    return readOutcome(rooms, quiet, said, keep)
  const lines: TimelineName[] = []
  const heard = {
    groupId: into,
    me: rooms.me.accountKey,
    by: opened.sender.accountKey,
    at: rooms.world.clock.now(),
  }
  return {
    ...quiet,
    lines,
    apply(tx) {
      keep(tx)
      if (content.kind === "receipt") lines.splice(0, lines.length, ...noteReceipts(tx, heard, content))
    },
  }
}

/** Of a device of one's own; one that no list names has read nothing. */
function readOutcome(
  rooms: Rooms,
  quiet: Outcome,
  { into, opened, message: { content } }: Said,
  keep: Outcome["apply"],
): Outcome {
  const isRead = content.kind === "receipt" && content.state === "read"
  if (!isRead || !isOwnDevice(rooms, opened.sender)) return { ...quiet, apply: keep }
  return {
    ...quiet,
    group: into,
    apply(tx) {
      keep(tx)
      noteReadElsewhere(tx, into, content.of)
    },
  }
}

function timerOutcome(spoken: Outcome, said: Said, keep: Outcome["apply"], seconds: number): Outcome {
  const { into, row, opened, message } = said
  const by = opened.sender.accountKey
  return {
    ...spoken,
    group: into,
    line: { group: into, sender: by, id: message.id },
    apply(tx) {
      keep(tx)
      const timer = { groupId: into, by, message, seconds, receivedAt: row.receivedAt }
      noteTimer(tx, timer, receivedLine(row, opened, said))
    },
  }
}

/** What lines of others have in common. */
export function receivedLine(
  row: Envelope,
  opened: OpenedApplication,
  { into, message }: Pick<Said, "into" | "message">,
): Omit<TimelineRow, "place" | "kind" | "body"> {
  return {
    groupId: into,
    messageId: message.id,
    senderKey: opened.sender.accountKey,
    own: false,
    epoch: opened.epoch,
    sentAt: message.sentAt,
    receivedAt: row.receivedAt,
    delivery: "received",
  }
}

export const heardFrom = ({ sender }: OpenedApplication, { sentAt, content }: AppMessage, groupId: GroupId): Heard => ({
  groupId,
  by: sender.accountKey,
  device: sender.deviceKey,
  sentAt,
  typing: content.kind === "typing" ? content.active : undefined,
})
