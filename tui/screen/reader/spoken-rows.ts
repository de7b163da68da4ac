/** The rows of a conversation as lines to be heard: "bob, 9:32: looks right to me". */
import type { ChangeView, TimelineView } from "../../../core/client/client-api.ts"
import { dayText } from "../days.ts"
import { fileText } from "../file-lines.ts"
import { safeLine, safeText } from "../text-cells.ts"
import { shownAt, timerChange } from "../timeline-lines.ts"

/** Of a message that is only pointed to. */
const QUOTE_LETTERS_MAX = 60

/** "9:32" */
export function timeText(at: number): string {
  const date = new Date(at)
  return `${date.getHours()}:${String(date.getMinutes()).padStart(2, "0")}`
}

/** Rows one after the other, each day named before its first. @param day the one that was named last. */
export function spokenRows(rows: readonly TimelineView[], day: string): readonly string[] {
  let named = day
  return rows.flatMap((row) => {
    const own = dayText(shownAt(row))
    const head = own === named ? [] : [own]
    named = own
    return [...head, ...spokenRow(row)]
  })
}

/** Nobody's text can pass for another's line: each line of it begins with who said it. */
export function spokenRow(row: TimelineView): readonly string[] {
  switch (row.kind) {
    case "notice":
      return oneLine(safeText(row.text))
    case "change":
      return row.change ? [changeText(row.change)] : []
    case "text":
    case "unknown": {
      const [first = "", ...more] = bodyOf(row).split("\n")
      const who = nameOf(row)
      const head = [who, timeText(shownAt(row)), ...circumstances(row)].join(", ")
      return [`${head}: ${first}`, ...more.map((line) => `${who}: ${line}`)]
    }
  }
}

const oneLine = (text: string): readonly string[] => [text.replaceAll("\n", " ")]

export const nameOf = ({ own, sender }: Pick<TimelineView, "own" | "sender">): string =>
  own ? "you" : safeLine(sender)

function circumstances(row: TimelineView): readonly string[] {
  const { replyTo, mention, edited, deleted, own, delivery, reactions } = row
  const answered =
    replyTo && `answering ${safeLine(replyTo.sender)}${replyTo.text === "" ? "" : ` on ${quoted(replyTo.text)}`}`
  const waits = own && delivery === "queued" ? "waiting to be sent" : undefined
  const failed = own && delivery === "failed" && !deleted ? "not delivered to everybody" : undefined
  const reacted = reactions.map(({ emoji, by }) => `${safeLine(emoji)} ${by.length}`).join(" ")
  const facts = [answered, mention ? "calls you" : "", edited ? "edited" : "", waits, failed, reacted]
  return facts.filter((fact) => fact !== undefined && fact !== "") as readonly string[]
}

function bodyOf({ kind, text, deleted, attachment }: TimelineView): string {
  if (kind === "unknown") return "needs a newer version of this program"
  if (deleted) return "deleted"
  return attachment ? fileText(attachment) : safeText(text)
}

export const isMessage = ({ kind }: TimelineView): boolean => kind === "text" || kind === "unknown"

/** The beginning, in quotes. */
export function quoted(text: string): string {
  const line = safeLine(text)
  const letters = Array.from(line)
  return `"${letters.length > QUOTE_LETTERS_MAX ? `${letters.slice(0, QUOTE_LETTERS_MAX).join("")}...` : line}"`
}

/** "alice added dave, epoch 12" */
export function changeText(change: ChangeView): string {
  const { left, added, removed, rejoined, updated, newDevices, goneDevices, by, epoch, timer } = change
  if (timer !== undefined) return timerChange(by, timer)
  if (left.length > 0) return `${names(left)} left`
  const others = updated.filter((name) => name !== by)
  const deeds = [
    added.length > 0 ? `added ${names(added)}` : "",
    removed.length > 0 ? `removed ${names(removed)}` : "",
    rejoined.length > 0 ? `let ${names(rejoined)} in again` : "",
    newDevices.length > 0 ? `added a device of ${names(newDevices)}` : "",
    goneDevices.length > 0 ? `removed a device of ${names(goneDevices)}` : "",
    others.length > 0 ? `updated the keys of ${names(others)}` : "",
    updated.includes(by) ? "updated keys" : "",
  ].filter((deed) => deed !== "")
  return `${safeLine(by)} ${deeds.length === 0 ? "changed the group" : deeds.join(", ")}, epoch ${epoch}`
}

const names = (list: readonly string[]): string => list.map(safeLine).join(" and ")

/** How it is said that the server has a message: not at all, by a word, or with what was sent. */
export type SaysSent = "nothing" | "word" | "quote"

/** What has become of a row that was heard before. */
export function changeOfRow(before: TimelineView, after: TimelineView, saysSent: SaysSent): readonly string[] {
  const who = nameOf(after)
  const about = quoted(before.attachment ? before.attachment.name : before.text)
  if (after.deleted && !before.deleted) return [`${who} deleted ${about}`]
  const edited =
    after.text !== before.text && after.edited
      ? [`${who} changed ${about} to: ${safeText(after.text).replaceAll("\n", " ")}`]
      : []
  return [...edited, ...reactionsOf(before, after), ...deliveryOf(before, after, saysSent)]
}

function reactionsOf(before: TimelineView, after: TimelineView): readonly string[] {
  const flat = ({ reactions }: TimelineView): readonly string[] =>
    reactions.flatMap(({ emoji, by }) => by.map((name) => `${safeLine(name)} reacts ${safeLine(emoji)}`))
  const known = new Set(flat(before))
  return flat(after)
    .filter((one) => !known.has(one))
    .map((one) => `${one} to ${nameOf(after)}: ${quoted(after.attachment?.name ?? after.text)}`)
}

function deliveryOf(before: TimelineView, after: TimelineView, saysSent: SaysSent): readonly string[] {
  if (!after.own || before.delivery === after.delivery) return []
  const what = quoted(after.attachment?.name ?? after.text)
  if (after.delivery === "failed") return [`Not delivered to everybody: ${what}.`]
  if (before.delivery === "failed") return [after.delivery === "queued" ? `Sending again: ${what}` : `sent: ${what}`]
  if (after.delivery !== "stored" || saysSent === "nothing") return []
  return [saysSent === "word" ? "sent" : `sent: ${what}`]
}
