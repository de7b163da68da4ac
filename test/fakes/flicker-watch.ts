/** A terminal that shows each step of an update, as one without synchronised updates does: what it blanks for nothing, flickers. */
import { graphemeWidth } from "../../tui/screen/text-cells.ts"

const STEP = new RegExp(
  [
    String.raw`\u001b\[(?<row>\d+);(?<column>\d+)H`,
    String.raw`(?<erase>\u001b\[K)`,
    String.raw`(?<start>\r)`,
    String.raw`(?<other>\u001b\[[?\d;]*[hlmt]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\))`,
    String.raw`(?<text>[^\u001b\r]+)`,
  ].join("|"),
  "gu",
)
const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" })

export class FlickerWatch {
  readonly #columns: number
  /** By row and column, `y:x`. Blank cells are not in it. */
  #cells = new Map<string, string>()
  #blanked = new Set<string>()
  #x = 0
  #y = 0

  constructor(columns: number) {
    this.#columns = columns
  }

  /**
   * @param update all that is written for one frame.
   * @returns the cells, `y:x`, that were blank in between and hold again what they held before.
   * @throws for what the app never writes.
   */
  take(update: string): readonly string[] {
    const before = new Map(this.#cells)
    this.#blanked = new Set()
    let taken = 0
    for (const match of update.matchAll(STEP)) {
      this.#step(match.groups ?? {})
      taken += match[0].length
    }
    if (taken !== update.length) throw new Error(`not understood: ${JSON.stringify(update)}`)
    return [...this.#blanked].filter((cell) => this.#cells.get(cell) === before.get(cell))
  }

  #step({ row, column, erase, start, text }: Readonly<Record<string, string | undefined>>): void {
    if (row !== undefined && column !== undefined) {
      this.#y = Number(row) - 1
      this.#x = Number(column) - 1
    } else if (erase !== undefined) {
      for (let x = this.#x; x < this.#columns; x++) this.#put(x, " ")
    } else if (start !== undefined) this.#x = 0
    else if (text !== undefined) this.#write(text)
  }

  #write(text: string): void {
    for (const { segment } of GRAPHEMES.segment(text)) {
      this.#put(this.#x, segment)
      this.#x += graphemeWidth(segment)
    }
  }

  #put(x: number, text: string): void {
    const cell = `${this.#y}:${x}`
    if (text !== " ") this.#cells.set(cell, text)
    else if (this.#cells.delete(cell)) this.#blanked.add(cell)
  }
}
