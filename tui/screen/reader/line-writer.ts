/** Writes lines one under the other, and keeps the line that is written in as the last one. Moves nowhere else. */
import { isDisputed } from "../frame-cells.ts"
import { graphemes, graphemeWidth } from "../text-cells.ts"
import type { InputLine } from "./input-line.ts"

const ESC = "\u001b["
const CLEAR_TO_END = `${ESC}K`
const BREAK = "\r\n"
const COLUMNS_MIN = 8

/** What is seen of a line: graphemes, and how many of them stand before the cursor. */
interface Seen {
  readonly cells: readonly string[]
  readonly cursor: number
}

const NOTHING: Seen = { cells: [], cursor: 0 }

export class LineWriter {
  readonly #put: (bytes: string) => void
  #seen = NOTHING
  #columns = 0

  constructor(put: (bytes: string) => void) {
    this.#put = put
  }

  /** Lines above the one that is written in, which stays whole; then that one as it is now. */
  write(lines: readonly string[], input: InputLine, columns: number): void {
    const seen = window(input, Math.max(COLUMNS_MIN, columns) - 1)
    const isNarrower = columns < this.#columns && widthOf(this.#seen.cells) >= columns
    this.#columns = columns
    if (isNarrower) this.#put(BREAK)
    if (lines.length > 0 || isNarrower) {
      const cleared = this.#seen.cells.length > 0 && !isNarrower ? `\r${CLEAR_TO_END}` : ""
      this.#put(cleared + lines.map((line) => line + BREAK).join("") + whole(seen))
    } else this.#put(difference(this.#seen, seen))
    this.#seen = seen
  }

  /** Leaves the cursor at the beginning of a line. */
  leave(): void {
    if (this.#seen.cells.length > 0) this.#put(`\r${CLEAR_TO_END}`)
    this.#seen = NOTHING
  }
}

/** What of the line is in view, so that the cursor is: half a view further at a time. */
function window({ text, cursor }: InputLine, width: number): Seen {
  const cells = [...graphemes(text)]
  const before = graphemes(text.slice(0, cursor)).length
  if (widthOf(cells) < width) return { cells, cursor: before }
  const step = Math.floor(width / 2)
  const from = Math.max(0, Math.floor(widthOf(cells.slice(0, before)) / step) - 1) * step
  let column = 0
  let first = 0
  while (first < before && column < from) {
    column += graphemeWidth(cells[first] ?? "")
    first += 1
  }
  let last = first
  let used = 0
  while (last < cells.length && used + graphemeWidth(cells[last] ?? "") <= width) {
    used += graphemeWidth(cells[last] ?? "")
    last += 1
  }
  return { cells: cells.slice(first, last), cursor: before - first }
}

const widthOf = (cells: readonly string[]): number => cells.reduce((sum, cell) => sum + graphemeWidth(cell), 0)

/** From the left edge: the text, and back to the cursor by writing again what stands before it. */
function whole({ cells, cursor }: Seen): string {
  const back = cursor < cells.length ? `\r${cells.slice(0, cursor).join("")}` : ""
  return cells.join("") + back
}

/** The least that makes one line of the other. Where terminals do not agree on widths, all of it. */
function difference(before: Seen, after: Seen): string {
  const same = sharedLength(before.cells, after.cells)
  if (same === after.cells.length && same === before.cells.length && before.cursor === after.cursor) return ""
  if ([...before.cells, ...after.cells].some(isDisputed)) return `\r${CLEAR_TO_END}${whole(after)}`
  const isEqual = same === after.cells.length && same === before.cells.length
  if (isEqual) return moved(before.cells, before.cursor, after.cursor)
  const tail = after.cells.slice(same)
  const cleared = widthOf(before.cells) > widthOf(after.cells) ? CLEAR_TO_END : ""
  const toChange = moved(before.cells, before.cursor, same)
  return toChange + tail.join("") + cleared + moved(after.cells, after.cells.length, after.cursor)
}

function sharedLength(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length += 1
  return length
}

/** From one place in the line to another. */
function moved(cells: readonly string[], from: number, to: number): string {
  const by = widthOf(cells.slice(0, to)) - widthOf(cells.slice(0, from))
  if (by === 0) return ""
  return `${ESC}${Math.abs(by) === 1 ? "" : Math.abs(by)}${by < 0 ? "D" : "C"}`
}
