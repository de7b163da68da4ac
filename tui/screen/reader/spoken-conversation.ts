/** The open conversation in lines: what is said on opening it, what came, what has changed, what is looked back at. */
import type { TimelineView } from "../../../core/client/client-api.ts"
import { dayText } from "../days.ts"
import { failedKeys, isFailed } from "../failed-message.ts"
import { canSpeak, failedTarget } from "../message-target.ts"
import { openGroupView } from "../selectors.ts"
import type { OpenGroup, ScreenState } from "../screen-state.ts"
import { isSameRow } from "../window.ts"
import { pageOf } from "./reader-pages.ts"
import { counted, groupText } from "./spoken-groups.ts"
import { changeOfRow, isMessage, spokenRows } from "./spoken-rows.ts"
import type { SaysSent } from "./spoken-rows.ts"
import { safeLine } from "../text-cells.ts"
import { shownAt } from "../timeline-lines.ts"

/** New messages read out on opening a group; of more the last ones. */
const NEW_ROWS_MAX = 20
/** Read out where nothing is new, to say what it was about. */
const CONTEXT_ROWS = 3

export interface Saying {
  /** Own messages that were said to wait. */
  readonly waiting: Set<string>
  readonly saysSent: boolean
}

/** @param isFirst it opens by itself at the start: nobody asked to hear it. */
export const openingLines = (state: ScreenState, open: OpenGroup, isFirst: boolean): readonly string[] => [
  ...groupLines(state, open, isFirst),
  ...draftLine(state),
]

/** What was begun there stands in the line again. */
const draftLine = ({ composer }: ScreenState): readonly string[] =>
  composer.text === "" ? [] : [`Begun here and not sent: ${safeLine(composer.text)}`]

function groupLines(state: ScreenState, open: OpenGroup, isFirst: boolean): readonly string[] {
  const group = openGroupView(state)
  const head = group ? [groupText(state, group)] : []
  if (open.marked !== undefined && state.focus === "messages") return head
  const fresh = unheard(open, open.newFrom)
  if (isFirst) return [...head, ...(fresh.length === 0 ? [] : [`${newText(fresh)}: /unread reads them.`])]
  if (fresh.length === 0) return [...head, ...said(open.rows.slice(-CONTEXT_ROWS), state)]
  const read = fresh.slice(-NEW_ROWS_MAX)
  const less = read.length < fresh.length ? `, the last ${read.length} of them; /unread reads all` : ""
  return [...head, `${newText(fresh)}${less}:`, ...said(read, state)]
}

/** From the first that was not read on. */
export const unheard = ({ rows }: OpenGroup, from: number | undefined): readonly TimelineView[] =>
  from === undefined ? [] : rows.filter(({ place }) => place >= from)

export const newText = (rows: readonly TimelineView[]): string =>
  counted(rows.filter((row) => isMessage(row) && !row.own).length, "new message")

/** Each day that is not today is named. */
export const said = (rows: readonly TimelineView[], { now }: ScreenState): readonly string[] =>
  spokenRows(rows, dayText(now))

/** What came since, and what of before has changed. */
export function rowChanges(before: OpenGroup, after: ScreenState, open: OpenGroup, saying: Saying): readonly string[] {
  if (before.rows === open.rows) return []
  const old = new Map(before.rows.map((row) => [nameOfRow(row), row]))
  const changed = open.rows.flatMap((row) => {
    const known = old.get(nameOfRow(row))
    if (known === undefined || known === row) return []
    const lines = changeOfRow(known, row, sentWords(known, saying))
    if (isFailed(known) && row.delivery === "queued") saying.waiting.add(row.id)
    return [...lines, ...retryLine(known, row, after)]
  })
  const fresh = freshRows(before, open).map((row) => asItStands(row, after, saying))
  return [...changed, ...spokenRows(fresh, dayBefore(fresh[0], before.rows.at(-1), after))]
}

/** Where one is not a member any more nothing can be done about it. */
const retryLine = (known: TimelineView, row: TimelineView, state: ScreenState): readonly string[] =>
  isFailed(row) && !isFailed(known) && canSpeak(state) ? ["/retry sends it again to those who lack it."] : []

const nameOfRow = ({ id, senderKey }: TimelineView): string => `${senderKey} ${id}`

/** The day that needs not be named: today, or the one of the row before. */
function dayBefore(
  row: TimelineView | undefined,
  before: TimelineView | undefined,
  { now }: Pick<ScreenState, "now">,
): string {
  const today = dayText(now)
  return !row || !before || dayText(shownAt(row)) === today ? today : dayText(shownAt(before))
}

/** Behind all that were there, and not there before. What a jump brought is no news. */
export function freshRows(before: OpenGroup, after: OpenGroup): readonly TimelineView[] {
  if (!before.atEnd || !after.atEnd || before.rows === after.rows) return []
  const last = before.rows.at(-1)?.place ?? 0
  return after.rows.filter((row) => row.place > last && !before.rows.some((other) => isSameRow(other, row)))
}

function sentWords({ id }: TimelineView, { waiting, saysSent }: Saying): SaysSent {
  if (waiting.delete(id)) return "quote"
  return saysSent ? "word" : "nothing"
}

/** That a message waits is said only where it will wait long. */
function asItStands(row: TimelineView, { link }: ScreenState, { waiting }: Saying): TimelineView {
  if (!row.own || row.delivery !== "queued") return row
  if (link.state === "online") return { ...row, delivery: "stored" }
  waiting.add(row.id)
  return row
}

const rowAt = ({ rows }: OpenGroup, at: number | undefined): TimelineView | undefined =>
  rows.find(({ place }) => place === at)

/** The page or the message that a key went to. */
export function lookedAt(before: ScreenState, after: ScreenState, open: OpenGroup): readonly string[] {
  const old = before.open?.groupId === open.groupId ? before.open : undefined
  if (after.focus === "messages") return markedLines(before.focus === "messages" ? old : undefined, after, open)
  if (!old || before.overlay || before.focus === "messages") return []
  return pageLines(old, open)
}

function markedLines(old: OpenGroup | undefined, after: ScreenState, open: OpenGroup): readonly string[] {
  const row = old && old.marked === open.marked ? undefined : rowAt(open, open.marked)
  return row ? [...spokenRows([row], dayBefore(row, old && rowAt(old, old.marked), after)), ...wayOn(row, after)] : []
}

/** "enter sends it again, d discards it.", of a message that not everybody got. */
function wayOn(row: TimelineView, state: ScreenState): readonly string[] {
  const words = { again: "sends it again", discard: "discards it", between: " " }
  return failedTarget(state) === row ? [`${failedKeys(state.keys, words).join(", ")}.`] : []
}

function pageLines(old: OpenGroup, open: OpenGroup): readonly string[] {
  if (old.anchor?.place === open.anchor?.place) return []
  if (!open.anchor) return ["Back at the newest message."]
  const page = pageOf(open)
  const day = page[0] ? dayText(shownAt(page[0])) : ""
  return page.length === 0 ? [] : [`${counted(page.length, "line")} of ${day}:`, ...spokenRows(page, day)]
}
