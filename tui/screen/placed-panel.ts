/** Where a panel stands and what of it is seen: rows are wrapped, and what has no room is on further pages. */
import type { CursorCell, FrameSize } from "./frame-writer.ts"
import { fitLine, lineWidth, span, wrappedLine } from "./line.ts"
import type { Line } from "./line.ts"
import type { Look } from "./look.ts"
import { EDGES, spareRow } from "./panel.ts"
import type { Panel, PanelRow } from "./panel.ts"
import { fit, widthOf } from "./text-cells.ts"

export interface PlacedPanel {
  readonly lines: readonly Line[]
  readonly left: number
  readonly top: number
  readonly cursor: CursorCell | undefined
}

/** Which page is before the person, from 0, and the key that leads to the next. */
export interface PanelTurn {
  readonly page: number
  readonly key: string | undefined
}

/** Upper and lower edge; one row of the screen stays free. */
const FRAME_ROWS = 3
const ELSEWHERE: PanelTurn = { page: 0, key: undefined }

export function placePanel(panel: Panel, size: FrameSize, look: Look, turn = ELSEWHERE): PlacedPanel {
  const pages = panelPages(panel, size)
  const page = Math.min(turn.page, pages.length - 1)
  const rows = pages[page] ?? []
  const lines = frame(panel, rows, look, pageMark(page, pages.length, turn.key))
  const left = Math.max(0, Math.floor((size.columns - panel.width) / 2))
  const top = Math.max(0, Math.floor((size.rows - lines.length) / 2.5))
  const at = rows.findIndex(({ cursor }) => cursor !== undefined)
  const column = left + 2 + (rows[at]?.cursor ?? 0)
  return { lines, left, top, cursor: at < 0 ? undefined : { column, row: top + 1 + at } }
}

/** The first holds what matters most; where that leaves something out, all there is comes page by page. At least one. */
export function panelPages(panel: Panel, size: FrameSize): readonly (readonly PanelRow[])[] {
  const most = Math.max(1, size.rows - FRAME_ROWS)
  const all = [spareRow(), ...panel.rows, spareRow()].flatMap((row) => wrappedRow(row, panel.width - EDGES))
  const first = fitting(all, most)
  const texts = all.filter((row) => !isBlank(row))
  if (texts.every((row) => first.includes(row))) return [first]
  const starts = Array.from({ length: Math.ceil(texts.length / most) }, (_, at) => at * most)
  const whole = starts.map((start) => texts.slice(start, start + most))
  return texts.slice(most).every(({ spare }) => spare === true) ? whole : [first, ...whole]
}

const isBlank = ({ spare, line }: PanelRow): boolean => spare === true && line.length === 0

/** What is written in stays in its row; what can be chosen goes on behind its mark. */
function wrappedRow(row: PanelRow, width: number): readonly PanelRow[] {
  if (row.field !== undefined || lineWidth(row.line) <= width) return [row]
  const indent = row.choice === undefined ? "" : "  "
  return wrappedLine(row.line, width - indent.length).map((line, at) => ({
    ...row,
    line: at === 0 || indent === "" ? line : [span(indent, line[0]?.style), ...line],
  }))
}

/** Blank rows go first, then what can be spared, each from below. */
function fitting(rows: readonly PanelRow[], most: number): readonly PanelRow[] {
  const dense = without(rows, isBlank, rows.length - most)
  const kept = without(dense, ({ spare }) => spare === true, dense.length - most)
  if (kept.length <= most) return kept
  const at = kept.findLastIndex(({ cursor, marked }) => cursor !== undefined || marked === true)
  const from = Math.max(0, Math.min(at - most + 1, kept.length - most))
  return kept.slice(from, from + most)
}

/** As many less, from below, as there are such. */
function without(rows: readonly PanelRow[], isSuch: (row: PanelRow) => boolean, count: number): readonly PanelRow[] {
  if (count <= 0) return rows
  const going = new Set(rows.filter(isSuch).slice(-count))
  return rows.filter((row) => !going.has(row))
}

const pageMark = (page: number, count: number, key: string | undefined): string =>
  count < 2 ? "" : ` ${page + 1}/${count}${key === undefined ? "" : ` ${key}`} `

function frame({ title, buttons, width }: Panel, rows: readonly PanelRow[], look: Look, mark: string): readonly Line[] {
  const { corners, vertical, horizontal } = look.glyphs
  const inside = width - EDGES
  const edged = (line: Line): Line => [
    span(`${vertical} `, "dim"),
    ...fitLine(line, inside, look.glyphs.ellipsis),
    span(` ${vertical}`, "dim"),
  ]
  const label = fit(` ${title} `, width - 4 - widthOf(mark), look.glyphs.ellipsis)
  const top = [
    span(corners[0] + horizontal, "dim"),
    span(label, "heading"),
    span(horizontal.repeat(Math.max(0, width - 4 - widthOf(label) - widthOf(mark))), "dim"),
    span(mark, "accent"),
    span(horizontal + corners[1], "dim"),
  ]
  const keys = buttonText(buttons, width - 4)
  const bottom = [
    span(corners[2] + horizontal.repeat(Math.max(0, width - 3 - widthOf(keys))), "dim"),
    span(keys, "accent"),
    span(horizontal + corners[3], "dim"),
  ]
  return [top, ...rows.map(({ line }) => edged(line)), bottom]
}

/** As many as fit; the last ones matter most. */
function buttonText(buttons: readonly string[], width: number): string {
  for (let from = 0; from < buttons.length; from += 1) {
    const text = ` ${buttons.slice(from).join("  ")} `
    if (widthOf(text) <= width) return text
  }
  return ""
}
