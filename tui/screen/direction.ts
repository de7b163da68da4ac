/**
 * Texts that run from right to left, in terminals that turn them round (VTE, mlterm): the blanks, the border and the time
 * behind such a text would be turned round with it. A left-to-right mark before and behind it keeps them in their columns.
 * Isolates would say the same, but mlterm 3.9 gives each of them a cell.
 */

/** U+200E, Unicode Standard Annex 9 section 2.6. It takes no cell. */
export const LEFT_TO_RIGHT_MARK = "\u200e"

/** Blocks whose letters are R or AL (Unicode's DerivedBidiClass): Hebrew, Arabic and their like, and presentation forms. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const BORDER = /[\u2500-\u257f|]/u

/** Whether a row needs any mark: asked once of all of it, for hardly any does. */
export const hasRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text)

interface Part {
  readonly text: string
  readonly style: string
}

/**
 * Behind which cells of a row a mark belongs. A text ends at a border, at two blanks, and where a word of another style
 * begins: digits at its end are its own.
 */
export function markedCells(cells: readonly Part[]): ReadonlySet<number> {
  const marked = new Set<number>()
  for (let at = 0; at < cells.length; at++) {
    if (!RIGHT_TO_LEFT.test(cells[at]?.text ?? "")) continue
    if (at > 0) marked.add(at - 1)
    at = endOfText(cells, at)
    marked.add(at)
  }
  return marked
}

/** Index of its last cell that is not blank. */
function endOfText(cells: readonly Part[], from: number): number {
  const style = cells[from]?.style
  let last = from
  for (let at = from + 1; at < cells.length && at - last <= 2; at++) {
    const cell = cells[at]
    if (!cell || cell.text === " ") continue
    if (BORDER.test(cell.text) || cell.style !== style) break
    last = at
  }
  return last
}
