/** Which lines of the open conversation are in view, and where scrolling leads. */
import { headLines, rowLines } from "./timeline-lines.ts"
import type { LinesContext } from "./timeline-lines.ts"
import type { Line } from "./line.ts"
import type { Anchor, OpenGroup } from "./screen-state.ts"

type Rows = Pick<OpenGroup, "rows" | "anchor">
type Row = OpenGroup["rows"][number]

/** At most `height` lines, ending at the anchor. */
export function linesInView({ rows, anchor }: Rows, height: number, context: LinesContext): readonly Line[] {
  return piecesInView({ rows, anchor }, height, context).flatMap(({ lines }) => lines)
}

/** The message of which the line in view is; day lines and the like are none's. */
export function messageAtLine(view: Rows, line: number, height: number, context: LinesContext): Row | undefined {
  let above = 0
  for (const { at, first, lines } of piecesInView(view, height, context)) {
    const row = view.rows[at]
    if (row && line < above + lines.length) {
      const isMessage = row.kind === "text" || row.kind === "unknown"
      const isHead = first + line - above < headLines(row, view.rows[at - 1], context).length
      return isMessage && !isHead ? row : undefined
    }
    above += lines.length
  }
  return undefined
}

interface Piece {
  /** Of its row. */
  readonly at: number
  /** Lines of the row above the first that is shown. */
  readonly first: number
  readonly lines: readonly Line[]
}

function piecesInView({ rows, anchor }: Rows, height: number, context: LinesContext): readonly Piece[] {
  const pieces: Piece[] = []
  let room = height
  let at = anchor ? rows.findLastIndex(({ place }) => place <= anchor.place) : rows.length - 1
  let hidden = anchor?.hidden ?? 0
  while (at >= 0 && room > 0) {
    const own = linesOf(rows, at, context)
    const end = Math.max(0, own.length - hidden)
    const first = Math.max(0, end - room)
    pieces.unshift({ at, first, lines: own.slice(first, end) })
    room -= end - first
    hidden = 0
    at -= 1
  }
  return pieces
}

/** The anchor `by` lines further up (or down, when negative). undefined: live. */
export function scrolledBy(view: Rows, by: number, height: number, context: LinesContext): Anchor | undefined {
  const { rows } = view
  const below = linesBelow(view, context) + by
  if (below <= 0) return undefined
  let rest = Math.min(below, Math.max(0, linesAbove(rows, rows.length, context) - height))
  for (let at = rows.length - 1; at >= 0 && rest > 0; at -= 1) {
    const own = linesOf(rows, at, context).length
    if (rest < own) return { place: rows[at]?.place ?? 0, hidden: rest }
    rest -= own
    const next = rows[at - 1]
    if (rest === 0 && next) return { place: next.place, hidden: 0 }
  }
  return undefined
}

/** The anchor with which the row at `place` is in view, moved as little as can be. */
export function revealed(view: Rows, place: number, height: number, context: LinesContext): Anchor | undefined {
  const { rows } = view
  const at = rows.findIndex((row) => row.place === place)
  if (at < 0) return view.anchor
  let below = 0
  for (let later = at + 1; later < rows.length; later += 1) below += linesOf(rows, later, context).length
  const start = linesBelow(view, context)
  const own = Math.min(height, linesOf(rows, at, context).length)
  const wanted = below < start ? below : Math.max(start, below + own - height)
  return wanted === start ? view.anchor : scrolledBy({ rows, anchor: undefined }, wanted, height, context)
}

/** Whether fewer than `height` lines stand above the view: older rows are wanted. */
export function isNearTop({ rows, anchor }: Rows, height: number, context: LinesContext): boolean {
  if (!anchor) return linesAboveReach(rows, rows.length, height, context) < height
  const end = rows.findLastIndex(({ place }) => place <= anchor.place) + 1
  return linesAboveReach(rows, end, 2 * height, context) < 2 * height
}

/** Whether fewer than two views of lines stand below this one: newer rows are wanted. */
export function isNearBottom(view: Rows, height: number, context: LinesContext): boolean {
  const { rows, anchor } = view
  let below = 0
  for (let at = rows.length - 1; at >= 0 && (rows[at]?.place ?? 0) > (anchor?.place ?? 0); at -= 1) {
    below += linesOf(rows, at, context).length
    if (below >= 2 * height) return false
  }
  return true
}

function linesBelow({ rows, anchor }: Rows, context: LinesContext): number {
  if (!anchor) return 0
  let below = anchor.hidden
  for (let at = rows.length - 1; at >= 0 && (rows[at]?.place ?? 0) > anchor.place; at -= 1) {
    below += linesOf(rows, at, context).length
  }
  return below
}

const linesAbove = (rows: Rows["rows"], end: number, context: LinesContext): number =>
  linesAboveReach(rows, end, Number.POSITIVE_INFINITY, context)

function linesAboveReach(rows: Rows["rows"], end: number, enough: number, context: LinesContext): number {
  let above = 0
  for (let at = end - 1; at >= 0 && above < enough; at -= 1) above += linesOf(rows, at, context).length
  return above
}

function linesOf(rows: Rows["rows"], at: number, context: LinesContext): readonly Line[] {
  const row = rows[at]
  return row ? rowLines(row, rows[at - 1], context) : []
}
