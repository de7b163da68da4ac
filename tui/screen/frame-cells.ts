/** One row of a frame as cells: graphemes with their columns and styles, and which of them terminals disagree about. */
import { reduceAnsiCodesIncremental, tokenize } from "@alcalzone/ansi-tokenize"
import type { AnsiCode } from "@alcalzone/ansi-tokenize"
import { hasRightToLeft, LEFT_TO_RIGHT_MARK, markedCells } from "./direction.ts"
import { graphemes, graphemeWidth } from "./text-cells.ts"

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
  const cells = cellsOf(source, columns)
  const kept = hasRightToLeft(source) ? withMarks(withoutBlankTail(cells)) : withoutBlankTail(cells)
  const last = kept.at(-1)
  const disputed = cells.some(({ text }) => isDisputed(text))
  return { source, cells: kept, width: last ? last.column + last.width : 0, disputed }
}

function cellsOf(source: string, columns: number): readonly Cell[] {
  const cells: Cell[] = []
  let column = 0
  for (const { text, style, link } of runsOf(source)) {
    for (const grapheme of graphemes(text)) {
      const width = graphemeWidth(grapheme)
      if (width === 0) continue
      if (column + width > columns) return cells
      cells.push({ text: grapheme, tail: "", style, link, column, width })
      column += width
    }
  }
  return cells
}

/** Text between two sequences. */
interface Run {
  readonly text: string
  readonly style: string
  readonly link: string
}

const [ESCAPE, BELL] = ["\u001b", "\u0007"]
/** An SGR sequence, or OSC 8 that begins or ends a link. */
const SEQUENCE = new RegExp(`${ESCAPE}(?:\\[[\\d;]*m|\\]8;[^;${BELL}]*;[^${BELL}]*${BELL})`, "g")

/** Most of a row is text of few styles: only its sequences need the tokenizer, which takes every letter for itself. */
function runsOf(source: string): readonly Run[] {
  const runs: Run[] = []
  let codes: AnsiCode[] = []
  let end = 0
  const run = (from: number, to: number): void => {
    if (to > from) runs.push({ text: source.slice(from, to), style: sgrOf(codes), link: linkOf(codes) })
  }
  for (const { 0: sequence, index } of source.matchAll(SEQUENCE)) {
    run(end, index)
    codes = reduceAnsiCodesIncremental(codes, codesOf(sequence))
    end = index + sequence.length
  }
  run(end, source.length)
  return runs
}

const SEQUENCES_MAX = 1000
const known = new Map<string, AnsiCode[]>()

/** The same few stand in every row, but for links. */
function codesOf(sequence: string): AnsiCode[] {
  const before = known.get(sequence)
  if (before) return before
  if (known.size >= SEQUENCES_MAX) known.clear()
  const codes = tokenize(sequence).filter((token) => token.type === "ansi")
  known.set(sequence, codes)
  return codes
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

const LINK_START = "\u001b]8;"

/** The tokenizer hands links through among the styles, and the end of one as if it were a style too. */
const sgrOf = (styles: readonly AnsiCode[]): string =>
  styles
    .filter(({ code }) => !code.startsWith(LINK_START))
    .map(({ code }) => code.slice(2, -1))
    .join(";")

function linkOf(styles: readonly AnsiCode[]): string {
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
