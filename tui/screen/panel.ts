/** A framed box over the screen: a title, lines, buttons with their keys. Fits itself to the room there is. */
import type { Composer } from "./composer.ts"
import type { CursorCell, FrameSize } from "./frame-writer.ts"
import { BLANK, fitLine, plain, ruled, span } from "./line.ts"
import type { Line, Span } from "./line.ts"
import type { Look } from "./look.ts"
import { fit, graphemeWidth, graphemes, widthOf, wrapText } from "./text-cells.ts"

export interface PanelRow {
  readonly line: Line
  /** Left out first when there is no room. */
  readonly spare?: boolean
  /** Where the cursor stands in it. */
  readonly cursor?: number
  /** What is written in it, however much of it is seen. */
  readonly field?: PanelField
  /** It is one of several to choose from; counted from 1. */
  readonly choice?: number
  /** What the next ones stand under. */
  readonly heading?: string
}

export interface PanelField {
  readonly label: string
  readonly value: Composer
  readonly isSecret: boolean
}

export interface Panel {
  readonly title: string
  readonly rows: readonly PanelRow[]
  /** "[Invite: enter]" */
  readonly buttons: readonly string[]
  readonly width: number
}

export interface PlacedPanel {
  readonly lines: readonly Line[]
  readonly left: number
  readonly top: number
  readonly cursor: CursorCell | undefined
}

/** Left and right edge with a space each. */
export const EDGES = 4
const FRAME_ROWS = 3

export const row = (line: Line): PanelRow => ({ line })
export const spareRow = (line: Line = BLANK): PanelRow => ({ line, spare: true })

/** A text over as many rows as it needs. */
export const paragraph = (text: string, width: number, style: Span["style"] = "plain", spare = false): PanelRow[] =>
  wrapText(text, width).map((part) => ({ line: plain(part, style), spare }))

/** Why it did not work, if it did not: a paragraph for each line. */
export const problemRows = (problem: string | undefined, width: number): PanelRow[] =>
  (problem?.split("\n") ?? []).flatMap((line) => paragraph(line, width, "bad"))

/** A labelled text field; the cursor is shown in the focused one. */
export function fieldRow(options: {
  readonly label: string
  readonly value: Composer
  readonly width: number
  readonly focused: boolean
  /** Shown instead of every character. */
  readonly secret?: string
}): PanelRow {
  const { label, value, width, focused, secret } = options
  const room = Math.max(4, width - widthOf(label) - 1)
  const shown = (text: string): string => (secret === undefined ? text : secret.repeat(graphemes(text).length))
  const before = shown(value.text.slice(0, value.cursor))
  const visible = tail(before, room)
  const text = visible + shown(value.text.slice(value.cursor))
  const line = [span(label, focused ? "heading" : "dim"), span(fit(text, room + 1, ""))]
  const field = { label, value, isSecret: secret !== undefined }
  return focused ? { line, field, cursor: widthOf(label) + widthOf(visible) } : { line, field }
}

/** As much of the end as fits. */
function tail(text: string, width: number): string {
  let kept = ""
  for (const grapheme of graphemes(text).toReversed()) {
    if (graphemeWidth(grapheme) + widthOf(kept) > width) break
    kept = grapheme + kept
  }
  return kept
}

/** No terminal is so wide: whoever asks for that much wants the words, each text in one row. */
export const UNBROKEN: FrameSize = { columns: 4000, rows: 4000 }

export const panelWidth = (size: FrameSize, most: number): number =>
  size.columns >= UNBROKEN.columns ? size.columns : Math.max(10, Math.min(most, size.columns - 2))

export function placePanel(panel: Panel, size: FrameSize, look: Look): PlacedPanel {
  const framed = size.rows >= FRAME_ROWS + 3 && size.columns >= 20
  const rows = fitting([spareRow(), ...panel.rows, spareRow()], Math.max(1, size.rows - (framed ? FRAME_ROWS : 1)))
  const { width } = panel
  const lines = framed ? frame(panel, rows, look) : bare(panel, rows)
  const left = Math.max(0, Math.floor((size.columns - width) / 2))
  const top = Math.max(0, Math.floor((size.rows - lines.length) / 2.5))
  const at = rows.findIndex(({ cursor }) => cursor !== undefined)
  const column = left + (framed ? 2 : 0) + (rows[at]?.cursor ?? 0)
  return { lines, left, top, cursor: at < 0 ? undefined : { column, row: top + 1 + at } }
}

function fitting(rows: readonly PanelRow[], most: number): readonly PanelRow[] {
  let excess = rows.length - most
  const kept = rows
    .toReversed()
    .filter(({ spare }) => {
      const drops = excess > 0 && spare === true
      if (drops) excess -= 1
      return !drops
    })
    .toReversed()
  if (kept.length <= most) return kept
  const at = kept.findIndex(({ cursor }) => cursor !== undefined)
  const from = Math.max(0, Math.min(at - most + 1, kept.length - most))
  return kept.slice(from, from + most)
}

function frame({ title, buttons, width }: Panel, rows: readonly PanelRow[], look: Look): readonly Line[] {
  const { corners, vertical, horizontal } = look.glyphs
  const inside = width - EDGES
  const edged = (line: Line): Line => [
    span(`${vertical} `, "dim"),
    ...fitLine(line, inside, look.glyphs.ellipsis),
    span(` ${vertical}`, "dim"),
  ]
  const label = fit(` ${title} `, width - 4, look.glyphs.ellipsis)
  const top = [
    span(corners[0] + horizontal, "dim"),
    span(label, "heading"),
    span(horizontal.repeat(width - 3 - widthOf(label)) + corners[1], "dim"),
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

const bare = ({ title, buttons, width }: Panel, rows: readonly PanelRow[]): readonly Line[] => [
  fitLine([span(title, "heading"), span(` ${buttons.at(-1) ?? ""}`, "dim")], width),
  ...rows.map(({ line }) => fitLine(line, width)),
]

/** A rule with a text inside a panel. */
export const panelRule = (text: string, width: number, look: Look): PanelRow => row(ruled(text, width - EDGES, look))
