/** What was said and what changed as the JSON lines of docs/CLI.md. */
import type { ChangeView, TimelineView } from "../core/client/client-api.ts"
import type { AnnotationView } from "../core/client/recv-api.ts"

/** A JSON line: its type, then its fields. Texts are exactly as sent. */
export type JsonLine = { readonly type: string } & Readonly<Record<string, unknown>>

export function messageLine(row: TimelineView): JsonLine {
  const { group, groupId, id, sender, text, epoch, verified, replyTo, edited, deleted, reactions, attachment } = row
  return {
    type: "message",
    ...{ group, groupId, id, sender, text, sentAt: timeText(row.sentAt), epoch, verified },
    ...(attachment && { attachment }),
    ...(replyTo && { replyTo: replyTo.id }),
    ...(edited && { edited }),
    ...(deleted && { deleted }),
    ...(row.expiresAfter !== undefined && { expiresAfter: row.expiresAfter, ...endOf(row) }),
    ...(row.seen.length > 0 && { seen: row.seen.map(({ by, state }) => ({ by, state })) }),
    ...(reactions.length > 0 && { reactions: reactions.map(({ emoji, by }) => ({ emoji, by })) }),
  }
}

/** What was said about a message, whose id it has. */
export function annotationLine(said: AnnotationView): JsonLine {
  const { kind, group, groupId, id, author, sender, body, verified } = said
  return {
    type: kind,
    ...{ group, groupId, id, sender },
    ...(kind === "edit" && { text: body }),
    ...(kind === "reaction" && { author, emoji: body }),
    ...{ sentAt: timeText(said.sentAt), verified },
  }
}

export interface TimerLine {
  readonly group: string
  readonly groupId: string
  /** 0: messages stay. */
  readonly seconds: number
  /** Who set it; without it what holds is told. */
  readonly by?: string
}

export const timerLine = (timer: TimerLine): JsonLine => ({ type: "timer", ...timer })

export function changeLine(change: ChangeView): JsonLine {
  const { groupId, group, epoch, added, removed, updated, left, rejoined, by, timer } = change
  if (timer !== undefined) return timerLine({ group, groupId, seconds: timer, by })
  const { newDevices, goneDevices } = change
  return { type: "change", group, groupId, epoch, added, removed, updated, left, rejoined, newDevices, goneDevices, by }
}

/** A line of the timeline, whatever it is. Changes and notices have their time here, for nothing else dates them. */
export function timelineLine(row: TimelineView): JsonLine {
  const { kind, change, group, groupId, id, text } = row
  if (kind === "change" && change) return { ...changeLine(change), sentAt: timeText(row.sentAt) }
  if (kind === "notice" || kind === "change") {
    return { type: "notice", group, groupId, id, text, sentAt: timeText(row.sentAt) }
  }
  return kind === "unknown" ? { ...messageLine(row), unknown: true } : messageLine(row)
}

const endOf = ({ expiresAt }: TimelineView): object =>
  expiresAt === undefined ? {} : { expiresAt: timeText(expiresAt) }

const timeText = (at: number): string => new Date(at).toISOString()
