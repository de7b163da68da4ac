/** A text being written: what every editing key does to it. Pure; positions are UTF-16 indices between graphemes. */
import { utf8 } from "../../core/domain/bytes.ts"
import { graphemeWidth, graphemes, safeText, widthOf, wrapSpans } from "./text-cells.ts"
import type { RowSpan } from "./text-cells.ts"

export interface Composer {
  readonly text: string
  readonly cursor: number
  /** Earlier contents, newest last. */
  readonly undo: readonly Snapshot[]
  /** What the last change was: changes of one kind undo together. */
  readonly changed: "typing" | "other" | "none"
  /** The column that up and down try to keep, in cells. */
  readonly goal: number | undefined
  /** Which sent text is shown, and what was being written before; -1 is the newest. */
  readonly recall: { readonly at: number; readonly draft: string } | undefined
  /** Began as a paste: a slash at the beginning is text. */
  readonly pasted: boolean
  /** Why the last change was refused. */
  readonly problem: string | undefined
}

interface Snapshot {
  readonly text: string
  readonly cursor: number
}

export type Motion =
  "left" | "right" | "wordLeft" | "wordRight" | "lineStart" | "lineEnd" | "up" | "down" | "textStart" | "textEnd"

export type Edit =
  | { readonly kind: "insert"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string }
  | { readonly kind: "move"; readonly to: Motion }
  /** Removes what lies between the cursor and where the motion would go. */
  | { readonly kind: "delete"; readonly to: Motion }
  | { readonly kind: "undo" }
  /** Something else in place of what stands there; the cursor goes behind it. */
  | { readonly kind: "replace"; readonly start: number; readonly end: number; readonly text: string }

export interface Surroundings {
  /** Cells of a row. */
  readonly width: number
  /** Sent texts, oldest first; up and down walk through them. */
  readonly history: readonly string[]
  readonly bytesMax: number
  readonly multiline: boolean
}

const UNDO_STEPS_MAX = 100
const WORD = /[\p{L}\p{M}\p{N}_]/u

export const EMPTY_COMPOSER: Composer = {
  text: "",
  cursor: 0,
  undo: [],
  changed: "none",
  goal: undefined,
  recall: undefined,
  pasted: false,
  problem: undefined,
}

export const composerOf = (text: string): Composer => ({ ...EMPTY_COMPOSER, text, cursor: text.length })

export function edit(composer: Composer, change: Edit, around: Surroundings): Composer {
  switch (change.kind) {
    case "insert":
      return insert(composer, change.text, around, "typing")
    case "paste":
      return paste(composer, change.text, around)
    case "move":
      return move(composer, change.to, around)
    case "delete":
      return remove(composer, change.to, around)
    case "undo":
      return undo(composer)
    case "replace":
      return put(composer, change, around, "other")
  }
}

function insert(composer: Composer, typed: string, around: Surroundings, changed: "typing" | "other"): Composer {
  const { cursor } = composer
  return put(composer, { start: cursor, end: cursor, text: typed }, around, changed)
}

interface Piece {
  readonly start: number
  readonly end: number
  readonly text: string
}

function put(composer: Composer, piece: Piece, around: Surroundings, changed: "typing" | "other"): Composer {
  const text = around.multiline ? safeText(piece.text) : safeText(piece.text).replaceAll("\n", " ")
  const next = composer.text.slice(0, piece.start) + text + composer.text.slice(piece.end)
  if (utf8(next).length > around.bytesMax) {
    return { ...composer, problem: `Too long: at most ${around.bytesMax.toLocaleString("en")} bytes.` }
  }
  return written(composer, next, piece.start + text.length, changed)
}

function paste(composer: Composer, text: string, around: Surroundings): Composer {
  const next = insert(composer, text, around, "other")
  const leads = composer.cursor === 0 && next.text !== composer.text
  return leads ? { ...next, pasted: true } : next
}

function move(composer: Composer, to: Motion, around: Surroundings): Composer {
  if (to === "up" || to === "down") return vertical(composer, to, around)
  return { ...composer, cursor: target(composer, to), goal: undefined, changed: "none" }
}

function remove(composer: Composer, to: Motion, around: Surroundings): Composer {
  const other = to === "up" || to === "down" ? vertical(composer, to, around).cursor : target(composer, to)
  const start = Math.min(composer.cursor, other)
  const end = Math.max(composer.cursor, other)
  if (start === end) return composer
  const text = composer.text.slice(0, start) + composer.text.slice(end)
  return written(composer, text, start, "other")
}

function undo(composer: Composer): Composer {
  const last = composer.undo.at(-1)
  if (!last) return composer
  return {
    ...composer,
    ...last,
    undo: composer.undo.slice(0, -1),
    changed: "none",
    goal: undefined,
    problem: undefined,
  }
}

function written(composer: Composer, text: string, cursor: number, changed: "typing" | "other"): Composer {
  const together = changed === "typing" && composer.changed === "typing" && !text.slice(0, cursor).endsWith(" ")
  const snapshot = { text: composer.text, cursor: composer.cursor }
  return {
    text,
    cursor,
    undo: together ? composer.undo : [...composer.undo, snapshot].slice(-UNDO_STEPS_MAX),
    changed,
    goal: undefined,
    recall: undefined,
    pasted: composer.pasted && text !== "",
    problem: undefined,
  }
}

function target({ text, cursor }: Composer, to: Exclude<Motion, "up" | "down">): number {
  switch (to) {
    case "left":
      return before(text, cursor)
    case "right":
      return after(text, cursor)
    case "wordLeft":
      return wordLeft(text, cursor)
    case "wordRight":
      return wordRight(text, cursor)
    case "lineStart":
      return lineStart(text, cursor)
    case "lineEnd":
      return lineEnd(text, cursor)
    case "textStart":
      return 0
    case "textEnd":
      return text.length
  }
}

const lineStart = (text: string, cursor: number): number => (cursor === 0 ? 0 : text.lastIndexOf("\n", cursor - 1) + 1)

function lineEnd(text: string, cursor: number): number {
  const next = text.indexOf("\n", cursor)
  return next < 0 ? text.length : next
}

/** Only the line is cut into graphemes: the text may be long. */
function before(text: string, cursor: number): number {
  const start = lineStart(text, cursor)
  if (cursor === start) return Math.max(0, cursor - 1)
  return cursor - lengthOf(graphemes(text.slice(start, cursor)).at(-1))
}

function after(text: string, cursor: number): number {
  const end = lineEnd(text, cursor)
  if (cursor === end) return Math.min(text.length, cursor + 1)
  return cursor + lengthOf(graphemes(text.slice(cursor, end))[0])
}

const lengthOf = (grapheme: string | undefined): number => grapheme?.length ?? 0

function wordLeft(text: string, cursor: number): number {
  const letters = Array.from(text.slice(0, cursor))
  let at = letters.length
  while (at > 0 && !WORD.test(letters[at - 1] ?? "")) at -= 1
  while (at > 0 && WORD.test(letters[at - 1] ?? "")) at -= 1
  return letters.slice(0, at).join("").length
}

function wordRight(text: string, cursor: number): number {
  const letters = Array.from(text.slice(cursor))
  let at = 0
  while (at < letters.length && !WORD.test(letters[at] ?? "")) at += 1
  while (at < letters.length && WORD.test(letters[at] ?? "")) at += 1
  return cursor + letters.slice(0, at).join("").length
}

/** The row of the cursor among the wrapped rows, and the cell in it. */
export function cursorCell(composer: Pick<Composer, "text" | "cursor">, rows: readonly RowSpan[]): CursorPlace {
  const row = Math.max(
    0,
    rows.findLastIndex(({ start }) => start <= composer.cursor),
  )
  return { row, column: widthOf(composer.text.slice(rows[row]?.start ?? 0, composer.cursor)) }
}

export interface CursorPlace {
  readonly row: number
  readonly column: number
}

function vertical(composer: Composer, to: "up" | "down", around: Surroundings): Composer {
  const rows = wrapSpans(composer.text, around.width)
  const place = cursorCell(composer, rows)
  const goal = composer.goal ?? place.column
  const row = rows[place.row + (to === "up" ? -1 : 1)]
  if (!row) return recall(composer, to, around.history)
  return { ...composer, cursor: positionAt(composer.text, row, goal, rows), goal, changed: "none" }
}

function positionAt(text: string, row: RowSpan, column: number, rows: readonly RowSpan[]): number {
  // The end of a row that was broken is the beginning of the next one: stay before it.
  const broken = rows.some(({ start }) => start === row.end && row.end > row.start)
  let at = row.start
  let used = 0
  for (const grapheme of graphemes(text.slice(row.start, row.end))) {
    used += graphemeWidth(grapheme)
    const next = at + grapheme.length
    if (used > column || (broken && next >= row.end)) break
    at = next
  }
  return at
}

function recall(composer: Composer, to: "up" | "down", history: readonly string[]): Composer {
  const { at, draft } = composer.recall ?? { at: history.length, draft: composer.text }
  const next = at + (to === "up" ? -1 : 1)
  if (next < 0 || next > history.length) return composer
  const isDraft = next === history.length
  return {
    ...composerOf(isDraft ? draft : (history[next] ?? "")),
    undo: composer.undo,
    recall: isDraft ? undefined : { at: next, draft },
  }
}
