/** Writes the least that turns the frame on the screen into the next one: changed cells, addressed, in one synchronised update. */
import { EMPTY_ROW, frameRow, isDisputed, sameCell } from "./frame-cells.ts"
import type { Cell, FrameRow } from "./frame-cells.ts"

export interface FrameSize {
  readonly columns: number
  readonly rows: number
}

/** Zero-based; undefined hides the cursor. */
export interface CursorCell {
  readonly column: number
  readonly row: number
}

export interface FrameWriter {
  /** @param frame rows of text with SGR sequences and OSC 8 links, joined by newlines. @returns the bytes written. */
  write(frame: string, size: FrameSize, cursor: CursorCell | undefined): number
  /** The next frame is written whole: the terminal's contents are not known any more. */
  forget(): void
}

const SYNC_ON = "\u001b[?2026h"
const SYNC_OFF = "\u001b[?2026l"
const SHOW_CURSOR = "\u001b[?25h"
const HIDE_CURSOR = "\u001b[?25l"
const STRING_END = "\u001b\\"
/** Unchanged cells cheaper to write again than to jump over. */
const GAP_CELLS_MAX = 5
/** As far as a grapheme reaches that a terminal draws wider than it is, to either side; and what may be written again with it. */
const NEAR_CELLS = Array.from({ length: 2 * (GAP_CELLS_MAX + 2) + 1 }, (_, at) => at - GAP_CELLS_MAX - 2)

export function frameWriter(put: (bytes: string) => void): FrameWriter {
  let shown: readonly FrameRow[] | undefined
  let columns = 0
  let cursorShown: boolean | undefined
  const pen = new Pen()
  const show = (next: readonly FrameRow[], cursor: CursorCell | undefined): number => {
    for (const [y, row] of next.entries()) pen.row(y, shown?.[y], row, columns)
    if (cursor) pen.moveTo(cursor.column, cursor.row)
    const cursorChange = cursorShown === (cursor !== undefined) ? "" : cursor ? SHOW_CURSOR : HIDE_CURSOR
    cursorShown = cursor !== undefined
    shown = next
    const bytes = pen.take() + cursorChange
    if (bytes === "") return 0
    put(SYNC_ON + bytes + SYNC_OFF)
    return Buffer.byteLength(bytes) + SYNC_ON.length + SYNC_OFF.length
  }
  return {
    write(frame, size, cursor) {
      if (size.columns !== columns || shown?.length !== size.rows) shown = undefined
      columns = size.columns
      return show(rowsOf(frame, size, shown), cursor)
    },
    forget() {
      shown = undefined
      cursorShown = undefined
      pen.lose()
    },
  }
}

function rowsOf(frame: string, size: FrameSize, before: readonly FrameRow[] | undefined): readonly FrameRow[] {
  const lines = frame.split("\n")
  // Rows that only move, as in scrolling, are not taken apart again.
  const known = new Map(before?.map((row) => [row.source, row]))
  return Array.from({ length: size.rows }, (_, y) => {
    const source = lines[y] ?? ""
    if (source === "") return EMPTY_ROW
    return before?.[y]?.source === source ? before[y] : (known.get(source) ?? frameRow(source, size.columns))
  })
}

/** Knows where the terminal's cursor is and which style and which link it writes in. */
class Pen {
  #out = ""
  #style = ""
  #link = ""
  /** -1: not known. */
  #column = -1
  #row = -1

  row(y: number, before: FrameRow | undefined, after: FrameRow, columns: number): void {
    if (before === after) return
    const old = cellsByColumn(before)
    if (!before || touchesDisputed(before, after)) {
      this.#whole(y, after, { old, columns })
      return
    }
    for (const run of changedRuns(old, after.cells)) this.#cells(y, run)
    if (after.width < before.width) this.#clearFrom(after.width, y)
    this.#plain()
  }

  moveTo(column: number, row: number): void {
    if (this.#column === column && this.#row === row) return
    this.#out += this.#row === row && column === 0 ? "\r" : `\u001b[${row + 1};${column + 1}H`
    this.#column = column
    this.#row = row
  }

  take(): string {
    const out = this.#out
    this.#out = ""
    return out
  }

  lose(): void {
    this.#column = -1
    this.#row = -1
    this.#out = "\u001b[0m"
    this.#style = ""
    this.#link = ""
  }

  /**
   * From left to right, so that what a disputed grapheme takes beyond its cells is written over. What it may leave of them
   * is blanked before, and nothing else is: a terminal that shows every step would flicker.
   */
  #whole(y: number, row: FrameRow, { old, columns }: { readonly old: CellsByColumn; readonly columns: number }): void {
    this.#column = -1
    for (const cell of row.cells) {
      if (isDisputed(cell.text) && old.get(cell.column)?.text !== cell.text) this.#blank(y, cell)
      this.#cells(y, [cell])
    }
    this.#plain()
    if (row.width < columns) this.#clearFrom(row.width, y)
  }

  #blank(y: number, { column, width }: Cell): void {
    this.#plain()
    this.moveTo(column, y)
    this.#out += " ".repeat(width)
    this.#column = -1
  }

  #cells(y: number, cells: readonly Cell[]): void {
    for (const cell of cells) {
      this.moveTo(cell.column, y)
      this.#pick(cell.style)
      this.#aim(cell.link)
      this.#out += cell.text + cell.tail
      this.#column = isDisputed(cell.text) ? -1 : cell.column + cell.width
    }
  }

  #clearFrom(column: number, y: number): void {
    this.#plain()
    this.moveTo(column, y)
    this.#out += "\u001b[K"
  }

  #pick(style: string): void {
    if (style === this.#style) return
    this.#out += this.#style === "" ? `\u001b[${style}m` : style === "" ? "\u001b[m" : `\u001b[0;${style}m`
    this.#style = style
  }

  /** OSC 8: what is written from here on leads there. */
  #aim(link: string): void {
    if (link === this.#link) return
    this.#out += `\u001b]8;${link === "" ? ";" : link}${STRING_END}`
    this.#link = link
  }

  #plain(): void {
    this.#pick("")
    this.#aim("")
  }
}

type CellsByColumn = ReadonlyMap<number, Cell>

const cellsByColumn = (row: FrameRow | undefined): CellsByColumn =>
  new Map(row?.cells.map((cell) => [cell.column, cell]))

/** Whether a change stands so near to a grapheme of disputed width that a terminal may draw one over the other. */
function touchesDisputed(before: FrameRow, after: FrameRow): boolean {
  if (!before.disputed && !after.disputed) return false
  const [old, now] = [cellsByColumn(before), cellsByColumn(after)]
  const all = [...before.cells, ...after.cells]
  const changed = all.filter(({ column }) => !sameCell(old.get(column), now.get(column)))
  const near = new Set(changed.flatMap(({ column }) => NEAR_CELLS.map((cells) => column + cells)))
  return all.some(({ column, text }) => near.has(column) && isDisputed(text))
}

/** Runs of cells that differ from what stands at their columns, short equal stretches between them included. */
function changedRuns(old: CellsByColumn, after: readonly Cell[]): readonly (readonly Cell[])[] {
  const runs: Cell[][] = []
  let run: Cell[] = []
  let same: Cell[] = []
  for (const cell of after) {
    if (sameCell(old.get(cell.column), cell)) {
      if (run.length > 0) same.push(cell)
      continue
    }
    if (same.length > GAP_CELLS_MAX) {
      runs.push(run)
      run = []
    } else run.push(...same)
    same = []
    run.push(cell)
  }
  if (run.length > 0) runs.push(run)
  return runs
}
