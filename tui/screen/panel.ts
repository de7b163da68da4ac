/** A framed box over the screen: a title, rows, buttons with their keys. */
import type { Composer } from "./composer.ts"
import type { FrameSize } from "./frame-writer.ts"
import { BLANK, plain, ruled, span } from "./line.ts"
import type { Line, Span } from "./line.ts"
import type { Look } from "./look.ts"
import { fit, graphemeWidth, graphemes, safeLine, widthOf, wrapText } from "./text-cells.ts"

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
  /** That one is chosen: it is seen, whatever there is no room for. */
  readonly marked?: boolean
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

/** Left and right edge with a space each. */
export const EDGES = 4

export const row = (line: Line): PanelRow => ({ line })
export const spareRow = (line: Line = BLANK): PanelRow => ({ line, spare: true })

/** A text over as many rows as it needs. */
export const paragraph = (text: string, width: number, style: Span["style"] = "plain", spare = false): PanelRow[] =>
  wrapText(text, width).map((part) => ({ line: plain(part, style), spare }))

/** Why it did not work, if it did not: a paragraph for each line, made safe. */
export const problemRows = (problem: string | undefined, width: number): PanelRow[] =>
  (problem?.split("\n") ?? []).flatMap((line) => paragraph(safeLine(line), width, "bad"))

/** A code to be copied by hand: where it is too long for a row, broken between its groups. */
export function codeRows(code: string, width: number, indent = ""): PanelRow[] {
  const first = widthOf(indent) + widthOf(code) <= width ? indent : ""
  const rows = [first]
  for (const group of code.split(/(?<=-)/u)) {
    const row = rows.at(-1) ?? ""
    if (row === "" || widthOf(row) + widthOf(group) <= width) rows[rows.length - 1] = row + group
    else rows.push(group)
  }
  return rows.map((row) => ({ line: plain(row, "bold") }))
}

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

/** A rule with a text inside a panel. */
export const panelRule = (text: string, width: number, look: Look): PanelRow => row(ruled(text, width - EDGES, look))
