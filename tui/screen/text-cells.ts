/** Text measured in terminal cells: graphemes, widths, fitting, wrapping; and the door every remote text passes. */
import stringWidth from "string-width"
import { cleanLine, cleanText } from "../../core/domain/safe-text.ts"

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "grapheme" })
/** The segmenter takes seconds for 60,000 characters at once, and milliseconds for their pieces. */
const PIECE_LENGTH = 16_384
const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/
/** Blocks whose characters are graphemes of their own beside each other: Latin, Greek, Cyrillic, arrows, lines and signs. */
const APART = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2190-\u27bf]*$/
/** A longer cluster is a pile of marks that would smear over other rows. */
const CLUSTER_CODE_POINTS_MAX = 12

export const isAscii = (text: string): boolean => PRINTABLE_ASCII.test(text)

/** User-perceived characters. A newline is one of its own. */
export function graphemes(text: string): readonly string[] {
  // A segmenter takes longer to begin than to split such a text.
  if (APART.test(text)) return text.split("")
  const found: string[] = []
  for (let at = 0; at < text.length;) {
    const end = pieceEnd(text, at)
    for (const { segment } of SEGMENTER.segment(text.slice(at, end))) found.push(segment)
    at = end
  }
  return found
}

/** Between two characters of ASCII, where no cluster goes on; in a text without such a place anywhere but in a pair. */
function pieceEnd(text: string, from: number): number {
  const last = from + PIECE_LENGTH
  if (last >= text.length) return text.length
  for (let at = last; at > from; at -= 1) {
    if (isAscii(text.slice(at - 1, at + 1))) return at
  }
  return isLowSurrogate(text.charCodeAt(last)) ? last + 1 : last
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

const WIDTHS_MAX = 5000
/** Longer ones are measured each time. */
const MEASURED_ONCE_MAX = 400
const widths = new Map<string, number>()

/** Cells the text takes in a terminal. The same pieces stand in frame after frame: they are measured once. */
export function widthOf(text: string): number {
  if (isAscii(text)) return text.length
  if (text.length <= MEASURED_ONCE_MAX) return graphemeWidth(text)
  return graphemes(text).reduce((cells, grapheme) => cells + graphemeWidth(grapheme), 0)
}

/** The same for one grapheme. */
export function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && isAscii(grapheme)) return 1
  const known = widths.get(grapheme)
  if (known !== undefined) return known
  if (widths.size >= WIDTHS_MAX) widths.clear()
  const width = stringWidth(grapheme)
  widths.set(grapheme, width)
  return width
}

/** Remote text of several lines, made safe and visible: the only way it may reach a frame. */
export const safeText = (text: string): string => visible(cleanText(text))

/** Remote text of one line: names, titles. */
export const safeLine = (text: string): string => visible(cleanLine(text))

/** At most `width` cells; what does not fit ends in the mark. */
export function fit(text: string, width: number, mark = "…"): string {
  if (widthOf(text) <= width) return text
  const room = width - widthOf(mark)
  if (room < 0) return ""
  let kept = ""
  let used = 0
  for (const grapheme of graphemes(text)) {
    const cells = graphemeWidth(grapheme)
    if (used + cells > room) break
    kept += grapheme
    used += cells
  }
  return kept + mark
}

/** Exactly `width` cells. */
export function pad(text: string, width: number, mark?: string): string {
  const fitted = fit(text, width, mark)
  return fitted + " ".repeat(Math.max(0, width - widthOf(fitted)))
}

/** A piece of a text that takes one row of the screen: UTF-16 positions, the end excluded. */
export interface RowSpan {
  readonly start: number
  readonly end: number
}

/** Rows of at most `width` cells, broken after spaces where that is possible. Never empty. */
export function wrapSpans(text: string, width: number): readonly RowSpan[] {
  const rows: RowSpan[] = []
  let from = 0
  for (const line of text.split("\n")) {
    wrapLine(line, Math.max(1, width), from, rows)
    from += line.length + 1
  }
  return rows
}

/** The rows' texts, without the spaces they were broken at. */
export function wrapText(text: string, width: number): readonly string[] {
  return wrapSpans(text, width).map(({ start, end }) => text.slice(start, end).trimEnd())
}

function wrapLine(line: string, width: number, from: number, rows: RowSpan[]): void {
  let start = 0
  let at = 0
  let used = 0
  let breakAt = 0
  for (const grapheme of graphemes(line)) {
    const cells = graphemeWidth(grapheme)
    // Behind the break of a row that began with a space a wide character may not have room either.
    while (used + cells > width && at > start) {
      const end = breakAt > start ? breakAt : at
      rows.push({ start: from + start, end: from + end })
      used = widthOf(line.slice(end, at))
      start = end
    }
    at += grapheme.length
    used += cells
    if (grapheme === " ") breakAt = at
  }
  rows.push({ start: from + start, end: from + line.length })
}

/** Without clusters that take no cell, which Ink and terminals count differently, and without piles of marks. */
function visible(text: string): string {
  if (isAscii(text)) return text
  let kept = ""
  for (const grapheme of graphemes(text)) {
    if (grapheme !== "\n" && graphemeWidth(grapheme) === 0) continue
    kept += grapheme.length > CLUSTER_CODE_POINTS_MAX ? shortened(grapheme) : grapheme
  }
  return kept
}

const shortened = (grapheme: string): string => Array.from(grapheme).slice(0, CLUSTER_CODE_POINTS_MAX).join("")
