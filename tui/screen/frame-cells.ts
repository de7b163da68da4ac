/** One row of a frame as cells: graphemes with their columns and styles, and which of them terminals disagree about. */
import { styledCharsFromTokens, tokenize } from "@alcalzone/ansi-tokenize"
import { hasRightToLeft, LEFT_TO_RIGHT_MARK, markedCells } from "./direction.ts"
import { graphemeWidth } from "./text-cells.ts"

/** A grapheme at its column; cells to the right that it covers have no entry. */
export interface Cell {
  readonly text: string
  /** Written behind it, without a cell of its own: a mark of direction, or empty. */
  readonly tail: string
  /** SGR parameters, such as "1;36"; empty for plain. */
  readonly style: string
  /** OSC 8 parameters and target, such as "id=7-0;https://…"; empty for none. */
  readonly link: string
  readonly column: number
  readonly width: number
}

export interface FrameRow {
  readonly source: string
  readonly cells: readonly Cell[]
  /** Column after the last cell. */
  readonly width: number
  /** Holds a grapheme whose width terminals disagree about. */
  readonly disputed: boolean
}

export const EMPTY_ROW: FrameRow = { source: "", cells: [], width: 0, disputed: false }

/** @param source one row of text with SGR sequences and OSC 8 links; cells beyond `columns` are dropped. */
export function frameRow(source: string, columns: number): FrameRow {
  const cells: Cell[] = []
  let column = 0
  let disputed = false
  for (const { value, styles } of styledCharsFromTokens(tokenize(source))) {
    const width = graphemeWidth(value)
    if (width === 0) continue
    if (column + width > columns) break
    cells.push({ text: value, tail: "", style: sgrOf(styles), link: linkOf(styles), column, width })
    disputed ||= isDisputed(value)
    column += width
  }
  const kept = hasRightToLeft(source) ? withMarks(withoutBlankTail(cells)) : withoutBlankTail(cells)
  const last = kept.at(-1)
  return { source, cells: kept, width: last ? last.column + last.width : 0, disputed }
}

function withMarks(cells: readonly Cell[]): readonly Cell[] {
  const marked = markedCells(cells)
  if (marked.size === 0) return cells
  return cells.map((cell, at) => (marked.has(at) ? { ...cell, tail: LEFT_TO_RIGHT_MARK } : cell))
}

/** Emoji, flags, ZWJ families, variation selectors and combining sequences: terminals draw them with different widths. */
export function isDisputed(grapheme: string): boolean {
  if (grapheme.length > 1) return true
  return grapheme > "\u02ff" && /\p{Emoji}|\p{M}|\p{Cf}/u.test(grapheme)
}

export const sameCell = (a: Cell | undefined, b: Cell | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.text === b.text &&
  a.tail === b.tail &&
  a.style === b.style &&
  a.link === b.link &&
  a.column === b.column

type Codes = readonly { readonly code: string }[]

const LINK_START = "\u001b]8;"

/** The tokenizer hands links through among the styles, and the end of one as if it were a style too. */
const sgrOf = (styles: Codes): string =>
  styles
    .filter(({ code }) => !code.startsWith(LINK_START))
    .map(({ code }) => code.slice(2, -1))
    .join(";")

function linkOf(styles: Codes): string {
  const code = styles.find((style) => style.code.startsWith(LINK_START))?.code
  const link = code?.slice(LINK_START.length, -1) ?? ""
  return link === ";" ? "" : link
}

function withoutBlankTail(cells: readonly Cell[]): readonly Cell[] {
  let end = cells.length
  while (end > 0 && isBlank(cells[end - 1])) end -= 1
  return end === cells.length ? cells : cells.slice(0, end)
}

const isBlank = (cell: Cell | undefined): boolean => cell?.text === " " && cell.style === "" && cell.link === ""
