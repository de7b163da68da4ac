/** The rows of a conversation that are in memory: a window that moves over its history. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { isMessageOfOthers } from "./new-mark.ts"
import type { Anchor, OpenGroup, ScreenState } from "./screen-state.ts"

/** Rows held in memory; others are read when they are scrolled to. */
export const ROWS_MAX = 2000

/** The view where it is to be. Where newer rows are not in memory, it never shows the newest. */
export function withAnchor(open: OpenGroup, anchor: Anchor | undefined): OpenGroup {
  const last = open.rows.at(-1)
  if (!anchor && !open.atEnd && last) return { ...open, anchor: { place: last.place, hidden: 0 } }
  return { ...open, anchor, newBelow: anchor ? open.newBelow : 0 }
}

/** To the newest row; where that is not in memory, it is asked for. */
export function returned(state: ScreenState): ScreenState {
  const { open } = state
  if (!open) return state
  const next = open.atEnd ? withAnchor(open, undefined) : { ...open, wantsNewest: true }
  return { ...state, open: next, cameFrom: undefined }
}

/** One and the same message, wherever it stands: one's own takes another place when it was sent, and while mail comes in. */
export const isSameRow = (one: TimelineView, { id, senderKey }: TimelineView): boolean =>
  one.id === id && one.senderKey === senderKey

/** With a row that came, has changed, or stands elsewhere. */
export function withRow(open: OpenGroup, row: TimelineView): OpenGroup {
  const at = open.rows.findIndex((other) => isSameRow(other, row))
  const known = open.rows[at]
  if (known?.place === row.place)
    return { ...open, rows: open.rows.with(at, row).map((other) => answering(other, row)) }
  if (!known) return withNewRow(open, row)
  const marked = open.marked === known.place ? row.place : open.marked
  return { ...withNewRow({ ...open, rows: open.rows.toSpliced(at, 1) }, row), marked, newBelow: open.newBelow }
}

function withNewRow(open: OpenGroup, row: TimelineView): OpenGroup {
  const { rows } = open
  const last = rows.at(-1)
  if (last && row.place < last.place) return { ...open, rows: inserted(rows, row, open.complete) }
  const newBelow = open.anchor && isMessageOfOthers(row) ? open.newBelow + 1 : open.newBelow
  return open.atEnd ? bounded({ ...open, rows: [...rows, row], newBelow }) : { ...open, newBelow }
}

/** Among the others; not before the first of them, where there are older ones that are not here. */
function inserted(rows: readonly TimelineView[], row: TimelineView, isComplete: boolean): readonly TimelineView[] {
  const at = rows.findIndex(({ place }) => place > row.place)
  return at === 0 && !isComplete ? rows : rows.toSpliced(at, 0, row)
}

/** With rows that were read before or behind those in memory. */
export function joined(open: OpenGroup, rows: readonly TimelineView[]): OpenGroup {
  const first = open.rows[0]?.place ?? Number.POSITIVE_INFINITY
  const last = open.rows.at(-1)?.place ?? Number.POSITIVE_INFINITY
  const older = rows.filter(({ place }) => place < first)
  const newer = rows.filter(({ place }) => place > last)
  return bounded({ ...open, rows: [...older, ...open.rows, ...newer] })
}

/** Drops the rows that are farthest from what is in view. */
function bounded(open: OpenGroup): OpenGroup {
  const { rows, anchor } = open
  const surplus = rows.length - ROWS_MAX
  if (surplus <= 0) return open
  const at = anchor ? rows.findLastIndex(({ place }) => place <= anchor.place) : rows.length - 1
  return at >= rows.length / 2
    ? { ...open, rows: rows.slice(surplus), complete: false }
    : { ...open, rows: rows.slice(0, ROWS_MAX), atEnd: false }
}

/** What it answers reads otherwise now. */
function answering(row: TimelineView, { id, sender, text }: TimelineView): TimelineView {
  const { replyTo } = row
  const isMeant = replyTo?.id === id && replyTo.sender === sender && replyTo.text !== text
  return isMeant ? { ...row, replyTo: { ...replyTo, text } } : row
}
