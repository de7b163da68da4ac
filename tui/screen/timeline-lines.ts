/** The rows of a conversation as lines: clock, author, text, delivery mark; day lines, changes and where the new ones begin. */
import type { ChangeView, ReactionView, ReplyView, TimelineView } from "../../core/client/client-api.ts"
import { durationText } from "../../core/domain/duration.ts"
import { mentionsOf } from "../../core/domain/mention.ts"
import { dayText } from "./days.ts"
import { isFailed } from "./failed-message.ts"
import { fileText, transferText } from "./file-lines.ts"
import { fitLine, lineWidth, plain, ruled, span, spread } from "./line.ts"
import type { Line, Span } from "./line.ts"
import { linked, linksIn } from "./links.ts"
import { nameStyle } from "./look.ts"
import type { Look } from "./look.ts"
import type { Transfers } from "./screen-state.ts"
import type { Style } from "./style.ts"
import { fit, pad, safeLine, safeText, widthOf, wrapSpans, wrapText } from "./text-cells.ts"

export interface LinesContext {
  readonly width: number
  readonly look: Look
  /** Where it is called, it stands out. */
  readonly ownName: string
  readonly newFrom: number | undefined
  readonly newCount: number
  /** Place of the selected row. */
  readonly marked: number | undefined
  /** What keys do with a selected row that failed; without it, or without room, the mark says less. */
  readonly failedHint?: string | undefined
  readonly transfers: Transfers
}

const CLOCK_WIDTH = 5
/** Below it the clock gives way. */
const CLOCK_COLUMNS_MIN = 44
const WIDE_COLUMNS = 64

const memory = new WeakMap<TimelineView, { readonly key: string; readonly lines: readonly Line[] }>()

/** @param before the row above; its day decides whether a day line comes first. */
export function rowLines(row: TimelineView, before: TimelineView | undefined, context: LinesContext): readonly Line[] {
  const dayLine = startsDay(row, before)
  const isFirstNew = row.place === context.newFrom
  const { width, look } = context
  const isMarked = row.place === context.marked
  const key = `${width} ${dayLine} ${isMarked} ${isMarked ? context.failedHint : ""} ${isFirstNew ? context.newCount : 0} ${look.glyphs.horizontal}${look.sgr.accent} ${context.transfers[row.id]?.bytes ?? ""}`
  const known = memory.get(row)
  if (known?.key === key) return known.lines
  const lines = [
    ...headLines(row, before, context),
    ...contentLines(row, context).map((line) => (isMarked ? selected(line, width) : line)),
  ]
  memory.set(row, { key, lines })
  return lines
}

/** What stands above a row and is not its own: the day, and where the new ones begin. */
export function headLines(row: TimelineView, before: TimelineView | undefined, context: LinesContext): readonly Line[] {
  const { width, look, newCount, newFrom } = context
  return [
    ...(startsDay(row, before) ? [ruled(dayText(shownAt(row)), width, look)] : []),
    ...(row.place === newFrom ? [ruled(newText(newCount), width, look, "accent")] : []),
  ]
}

const startsDay = (row: TimelineView, before: TimelineView | undefined): boolean =>
  !before || dayText(shownAt(before)) !== dayText(shownAt(row))

const selected = (line: Line, width: number): Line =>
  fitLine(
    line.map(({ text, link }) => span(text, "selected", link)),
    width,
  )

/** By the sender's clock, but never later than it came. */
export const shownAt = (row: Pick<TimelineView, "sentAt" | "receivedAt">): number =>
  Math.min(row.sentAt, row.receivedAt)

const newText = (count: number): string => (count === 1 ? "1 new message" : `${count} new messages`)

export const clockText = (at: number): string => {
  const date = new Date(at)
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`
}

const twoDigits = (value: number): string => String(value).padStart(2, "0")

function contentLines(row: TimelineView, context: LinesContext): readonly Line[] {
  const { width, look } = context
  switch (row.kind) {
    case "text":
      return messageLines(row, context)
    case "unknown":
      return messageLines(row, context)
    case "notice":
      return wrapText(safeText(row.text), Math.max(1, width - 2)).map((text) => plain(`  ${text}`, "dim"))
    case "change":
      return row.change ? [ruled(changeText(row.change, look), width, look)] : []
  }
}

/** "epoch 11 → 12: alice added dave" */
export function changeText(change: ChangeView, look: Look): string {
  if (change.timer !== undefined) return timerChange(change.by, change.timer)
  if (change.left.length > 0) return `${change.left.map(safeLine).join(", ")} left`
  const deeds = [
    deed("added", change.added),
    deed("removed", change.removed),
    deed("let in again", change.rejoined),
    deed("added a device of", change.newDevices),
    deed("removed a device of", change.goneDevices),
    deed(
      "updated the keys of",
      change.updated.filter((name) => name !== change.by),
    ),
    change.updated.includes(change.by) ? "updated keys" : "",
  ].filter((text) => text !== "")
  const epochs = change.epoch > 0 ? `epoch ${change.epoch - 1} ${look.glyphs.arrow} ${change.epoch}` : "epoch 0"
  const what = deeds.length === 0 ? "changed the group" : deeds.join(", ")
  return `${epochs}: ${safeLine(change.by)} ${what}`
}

/** "alice set messages to disappear after 1 day" */
export const timerChange = (by: string, seconds: number): string =>
  seconds === 0
    ? `${safeLine(by)} set messages to stay`
    : `${safeLine(by)} set messages to disappear after ${durationText(seconds)}`

const deed = (verb: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `${verb} ${names.map(safeLine).join(", ")}`

function messageLines(row: TimelineView, context: LinesContext): readonly Line[] {
  const { width, look } = context
  const mark = row.own ? deliveryMark(row, context) : undefined
  const fullMark = failedMark(row, context)
  const prefix = prefixOf(row, context)
  const prefixWidth = prefix.reduce((sum, piece) => sum + widthOf(piece.text), 0)
  const markWidth = row.own ? markRoom(context) : 0
  const room = Math.max(8, width - prefixWidth - markWidth)
  const transfer = row.attachment && context.transfers[row.id]
  const rows: readonly Line[] = [
    ...(row.replyTo ? [plain(fit(replyText(row.replyTo, context), room, look.glyphs.ellipsis), "dim")] : []),
    ...bodyLines(row, room, context),
    ...(transfer ? [plain(transferText(transfer, room, look), "accent")] : []),
    ...wrapText(reactionsText(row.reactions), room)
      .filter((part) => part !== "")
      .map((part) => plain(part, "accent")),
  ]
  return rows.map((pieces, at) => {
    const left: Line = [...(at === 0 ? prefix : [span(" ".repeat(prefixWidth))]), ...pieces]
    if (!mark || at < rows.length - 1) return left
    const fits = fullMark && lineWidth([...left, fullMark]) <= width
    return spread(left, [fits ? fullMark : mark], width, look.glyphs.ellipsis)
  })
}

/** What is said, with its links: in nothing else of a row is an address one. */
function bodyLines(row: TimelineView, room: number, { ownName }: LinesContext): readonly Line[] {
  const { text, style } = bodyOf(row)
  const links = row.kind === "text" && style === "plain" ? linksIn(text) : []
  return wrapSpans(text, room).map(({ start, end }) => {
    const part = text.slice(start, end).trimEnd()
    const line = row.mention && style === "plain" ? calling(part, ownName) : plain(part, style)
    return linked(line, start, links, String(row.place))
  })
}

/** The own name, where it is called, in another style. */
function calling(text: string, ownName: string): Line {
  const pieces: Span[] = []
  let at = 0
  for (const { from, to } of mentionsOf(text, [ownName])) {
    pieces.push(span(text.slice(at, from)), span(text.slice(from, to), "warn"))
    at = to
  }
  return [...pieces, span(text.slice(at))]
}

function bodyOf({ kind, text, edited, deleted, attachment }: TimelineView): {
  readonly text: string
  readonly style: Style
} {
  if (kind === "unknown") return { text: "(needs a newer version of this program)", style: "dim" }
  if (deleted) return { text: "(deleted)", style: "dim" }
  if (attachment) return { text: fileText(attachment), style: "accent" }
  return { text: `${safeText(text)}${edited ? " (edited)" : ""}`, style: "plain" }
}

const replyText = ({ sender, text }: ReplyView, { look, ownName }: LinesContext): string =>
  `${look.glyphs.reply} ${safeLine(sender) === ownName ? "you" : safeLine(sender)}: ${text === "" ? "(not here)" : safeLine(text)}`

/** Different ones that are shown, and the cells of each: whatever was sent as one. */
const REACTIONS_SHOWN_MAX = 8
const EMOJI_CELLS_MAX = 8

function reactionsText(reactions: readonly ReactionView[]): string {
  const shown = reactions
    .slice(0, REACTIONS_SHOWN_MAX)
    .map(({ emoji, by, own }) => `${fit(safeLine(emoji), EMOJI_CELLS_MAX)} ${by.length}${own ? " you" : ""}`)
  const more = reactions.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("   ")
}

function prefixOf(row: TimelineView, { width, look }: LinesContext): readonly Span[] {
  const name = row.own ? "you" : safeLine(row.sender)
  const style = row.own ? "bold" : nameStyle(row.sender)
  const nameWidth = width >= WIDE_COLUMNS ? 12 : 9
  if (width < CLOCK_COLUMNS_MIN) return [span(`${fit(name, nameWidth, look.glyphs.ellipsis)} `, style)]
  const clock = clockText(shownAt(row)).padEnd(CLOCK_WIDTH)
  return [span(`${clock} `, "dim"), span(`${pad(name, nameWidth, look.glyphs.ellipsis)} `, style)]
}

/** Kept free at the right of own rows, whatever their mark, so that a text never wraps anew when it is stored. */
const markRoom = ({ width, look }: LinesContext): number =>
  width >= WIDE_COLUMNS ? 10 : Math.max(widthOf(look.glyphs.queued), widthOf(look.glyphs.seen)) + 1

/** "✓✓ read 3": how many have read it; of one that nobody has read, how many have got it. Without room "✓✓" is read. */
function seenMark({ seen }: TimelineView, { width, look }: LinesContext): string {
  if (seen.length === 0) return look.glyphs.stored
  const read = seen.filter(({ state }) => state === "read").length
  if (width < WIDE_COLUMNS) return read > 0 ? look.glyphs.seen : look.glyphs.stored
  return `${look.glyphs.seen} ${read > 0 ? "read" : "got"} ${read > 0 ? read : seen.length}`
}

/** "✕ failed: enter = retry, d = discard" of the selected row. */
function failedMark(row: TimelineView, { look, marked, failedHint = "" }: LinesContext): Span | undefined {
  const isMeant = isFailed(row) && row.place === marked && failedHint !== ""
  return isMeant ? span(` ${look.glyphs.failed} failed: ${failedHint}`, "bad") : undefined
}

function deliveryMark(row: TimelineView, context: LinesContext): Span {
  const { width, look } = context
  const wide = width >= WIDE_COLUMNS
  switch (row.delivery) {
    case "queued":
      return span(` ${look.glyphs.queued}${wide ? " queued" : ""}`, "warn")
    case "failed":
      return span(row.deleted ? "" : ` ${look.glyphs.failed}${wide ? " failed" : ""}`, "bad")
    case "stored":
    case "received":
      return span(` ${seenMark(row, context)}`, "good")
  }
}
