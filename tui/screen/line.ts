/** One row of the screen as styled pieces. Views make lines; nothing else decides what a row holds. */
import type { Look } from "./look.ts"
import type { Style } from "./style.ts"
import { fit, graphemeWidth, graphemes, widthOf, wrapSpans } from "./text-cells.ts"

/** Pieces with the same id are one link to a terminal, also where it is broken over rows. */
export interface Link {
  readonly id: string
  /** Printable ASCII: links.ts makes it so. */
  readonly target: string
}

export interface Span {
  readonly text: string
  readonly style: Style
  readonly link?: Link
}

export type Line = readonly Span[]

export const BLANK: Line = []

export const span = (text: string, style: Style = "plain", link?: Link): Span =>
  link ? { text, style, link } : { text, style }

export const plain = (text: string, style: Style = "plain"): Line => [span(text, style)]

export const lineWidth = (line: Line): number => line.reduce((sum, { text }) => sum + widthOf(text), 0)

/** Exactly `width` cells: cut at the end, or filled with spaces in the last piece's style when that is an inverse one. */
export function fitLine(line: Line, width: number, mark = "…"): Line {
  const kept: Span[] = []
  let used = 0
  for (const piece of line) {
    const cells = widthOf(piece.text)
    if (used + cells > width) {
      const text = fit(piece.text, width - used, mark)
      kept.push(span(text, piece.style, piece.link))
      used += widthOf(text)
      break
    }
    kept.push(piece)
    used += cells
  }
  if (used < width) kept.push(span(" ".repeat(width - used), line.at(-1)?.style === "selected" ? "selected" : "plain"))
  return kept
}

/** As many rows of at most `width` cells as it needs, each piece in its style. */
export function wrappedLine(line: Line, width: number): readonly Line[] {
  const text = line.map((piece) => piece.text).join("")
  const rows = wrapSpans(text, width).map(({ start, end }) =>
    between(line, start, start + text.slice(start, end).trimEnd().length),
  )
  // An indentation that the first word does not fit behind is none.
  return rows.filter((row) => row.length > 0)
}

/** UTF-16 positions. */
function between(line: Line, start: number, end: number): Line {
  let at = 0
  return line.flatMap(({ text, style, link }) => {
    const from = at
    at += text.length
    const part = text.slice(Math.max(0, start - from), Math.max(0, end - from))
    return part === "" ? [] : [span(part, style, link)]
  })
}

/** `left` and `right` at the ends of `width` cells; the left gives way. */
export function spread(left: Line, right: Line, width: number, mark?: string): Line {
  const rightWidth = lineWidth(right)
  if (rightWidth > width) return fitLine(left, width, mark)
  return [...fitLine(left, width - rightWidth, mark), ...right]
}

/** A text in the middle of a rule of `width` cells. */
export function ruled(text: string, width: number, look: Look, style: Style = "dim"): Line {
  const label = fit(` ${text} `, Math.max(0, width - 4), look.glyphs.ellipsis)
  const left = Math.max(0, Math.floor((width - widthOf(label)) / 2))
  const right = Math.max(0, width - widthOf(label) - left)
  const { horizontal } = look.glyphs
  return [span(horizontal.repeat(left), "dim"), span(label, style), span(horizontal.repeat(right), "dim")]
}

/** The line with the SGR sequences of the look, and OSC 8 around its links. */
export const paint = (line: Line, look: Look): string =>
  line
    .filter(({ text }) => text !== "")
    .map(({ text, style, link }) => {
      const styled = look.sgr[style] === "" ? text : `\u001b[${look.sgr[style]}m${text}\u001b[0m`
      return link ? `\u001b]8;id=${link.id};${link.target}\u0007${styled}\u001b]8;;\u0007` : styled
    })
    .join("")

/** `over` in place of what `under` shows from `column` on. Wide graphemes cut by an edge become spaces. */
export function overlaid(under: Line, over: Line, column: number, width: number): Line {
  const end = column + lineWidth(over)
  return [...slice(under, 0, column), ...over, ...(end < width ? slice(under, end, width) : [])]
}

function slice(line: Line, start: number, end: number): Line {
  const kept: Span[] = []
  let column = 0
  let used = start
  for (const { text, style, link } of line) {
    let piece = ""
    for (const grapheme of graphemes(text)) {
      const cells = graphemeWidth(grapheme)
      if (column >= start && column + cells <= end) {
        piece += grapheme
        used += cells
      } else if (column < end && column + cells > start) {
        const inside = Math.min(end, column + cells) - Math.max(start, column)
        piece += " ".repeat(inside)
        used += inside
      }
      column += cells
    }
    if (piece !== "") kept.push(span(piece, style, link))
  }
  if (used < end) kept.push(span(" ".repeat(end - used)))
  return kept
}
