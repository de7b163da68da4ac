/** What was said and what changed as the JSON lines of docs/CLI.md. */
import type { ChangeView, TimelineView } from "../core/client/client-api.ts"

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
    ...(reactions.length > 0 && { reactions: reactions.map(({ emoji, by }) => ({ emoji, by })) }),
  }
}

export function changeLine({
  groupId,
  group,
  epoch,
  added,
  removed,
  updated,
  left,
  rejoined,
  by,
}: ChangeView): JsonLine {
  return { type: "change", group, groupId, epoch, added, removed, updated, left, rejoined, by }
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

const timeText = (at: number): string => new Date(at).toISOString()
