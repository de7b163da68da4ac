/** One row of a frame as cells: graphemes with their columns and styles, and which of them terminals disagree about. */
import { styledCharsFromTokens, tokenize } from "@alcalzone/ansi-tokenize"
import { graphemeWidth } from "./text-cells.ts"

/** A grapheme at its column; cells to the right that it covers have no entry. */
export interface Cell {
  readonly text: string
  /** SGR parameters, such as "1;36"; empty for plain. */
  readonly style: string
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

/** @param source one row of text with SGR sequences; cells beyond `columns` are dropped. */
export function frameRow(source: string, columns: number): FrameRow {
  const cells: Cell[] = []
  let column = 0
  let disputed = false
  for (const { value, styles } of styledCharsFromTokens(tokenize(source))) {
    const width = graphemeWidth(value)
    if (width === 0) continue
    if (column + width > columns) break
    cells.push({ text: value, style: sgrOf(styles), column, width })
    disputed ||= isDisputed(value)
    column += width
  }
  const kept = withoutBlankTail(cells)
  const last = kept.at(-1)
  return { source, cells: kept, width: last ? last.column + last.width : 0, disputed }
}

/** Emoji, flags, ZWJ families, variation selectors and combining sequences: terminals draw them with different widths. */
export function isDisputed(grapheme: string): boolean {
  if (grapheme.length > 1) return true
  return grapheme > "\u02ff" && /\p{Emoji}|\p{M}|\p{Cf}/u.test(grapheme)
}

export const sameCell = (a: Cell | undefined, b: Cell | undefined): boolean =>
  a !== undefined && b !== undefined && a.text === b.text && a.style === b.style && a.column === b.column

const sgrOf = (styles: readonly { readonly code: string }[]): string =>
  styles.map(({ code }) => code.slice(2, -1)).join(";")

function withoutBlankTail(cells: readonly Cell[]): readonly Cell[] {
  let end = cells.length
  while (end > 0 && isBlank(cells[end - 1])) end -= 1
  return end === cells.length ? cells : cells.slice(0, end)
}

const isBlank = (cell: Cell | undefined): boolean => cell?.text === " " && cell.style === ""
