/** The search over the screen: the words, and the lines that hold them. */
import type { GroupView, TimelineView } from "../../../core/client/client-api.ts"
import { searchMarks, searchTerms } from "../../../core/domain/search-words.ts"
import type { SearchTerm } from "../../../core/domain/search-words.ts"
import { dayText } from "../days.ts"
import type { FrameSize } from "../frame-writer.ts"
import { titleOf } from "../group-title.ts"
import { bareKeyOf } from "../key-names.ts"
import type { KeyNames } from "../key-names.ts"
import { fitLine, lineWidth, plain, span } from "../line.ts"
import type { Line, Span } from "../line.ts"
import type { Look } from "../look.ts"
import { EDGES, UNBROKEN, fieldRow, panelWidth, paragraph, row, spareRow } from "../panel.ts"
import type { Panel, PanelRow } from "../panel.ts"
import { isAnswered } from "../search-overlay.ts"
import type { SearchOverlay } from "../search-overlay.ts"
import { fit, graphemes, graphemeWidth, pad, safeLine, widthOf } from "../text-cells.ts"
import { clockText, shownAt } from "../timeline-lines.ts"

export interface SearchPanelProps {
  readonly overlay: SearchOverlay
  readonly groups: readonly GroupView[]
  readonly keys: KeyNames
  readonly size: FrameSize
  readonly look: Look
}

const WIDTH_MAX = 110
/** Frame, field, and the lines around it. */
const FIXED_ROWS = 7
const AUTHOR_CELLS = 9
const GROUP_CELLS = 12
/** Below it only the time of day is shown. */
const DAY_COLUMNS_MIN = 60

export function searchPanel({ overlay, groups, keys, size, look }: SearchPanelProps): Panel {
  const width = panelWidth(size, WIDTH_MAX)
  const inside = width - EDGES
  const { answer, at } = overlay
  const found = answer?.rows ?? []
  const room = Math.max(1, size.rows - FIXED_ROWS)
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), found.length - room))
  const terms = searchTerms(answer?.query ?? "")
  const rows = found.slice(from, from + room).map((line, index) => {
    const isMarked = from + index === at
    const text = foundLine(line, { terms, isMarked, width: inside, look, named: overlay.groupId === undefined })
    return { ...row(text), choice: from + index + 1 }
  })
  const more = answer?.complete === false ? " or more" : ""
  const count = found.length === 0 ? "" : `  ${at + 1} of ${found.length}${more}`
  return {
    title: `Search in ${placeText(overlay, groups)}${count}`,
    rows: [
      fieldRow({ label: "Search: ", value: overlay.query, width: inside, focused: true }),
      spareRow(),
      ...(found.length === 0 ? emptyRows(overlay, keys, inside) : rows),
    ],
    buttons: ["[Close: esc]", ...scopeButton(overlay, keys), "[Go there: enter]"],
    width,
  }
}

function placeText({ groupId }: SearchOverlay, groups: readonly GroupView[]): string {
  const group = groups.find((one) => one.groupId === groupId)
  return group ? titleOf(group) : "all groups"
}

function scopeButton({ groupId }: SearchOverlay, keys: KeyNames): readonly string[] {
  const key = bareKeyOf(keys, "search.everywhere")
  return key === undefined ? [] : [`[${groupId === undefined ? "Only this group" : "All groups"}: ${key}]`]
}

function emptyRows(overlay: SearchOverlay, keys: KeyNames, width: number): readonly PanelRow[] {
  if (overlay.query.text.trim() === "") {
    return paragraph(
      'All words must be in a message; "two words" side by side. Each may be only begun at the end.',
      width,
      "dim",
    )
  }
  if (!isAnswered(overlay)) return [row(plain("Searching.", "dim"))]
  const key = bareKeyOf(keys, "search.everywhere")
  const hint = overlay.groupId === undefined || key === undefined ? "" : ` ${key} searches all groups.`
  return paragraph(`Nothing found.${hint}`, width, "warn")
}

interface FoundLine {
  readonly terms: readonly SearchTerm[]
  readonly isMarked: boolean
  readonly width: number
  readonly look: Look
  /** Whether its group is named. */
  readonly named: boolean
}

function foundLine(found: TimelineView, { terms, isMarked, width, look, named }: FoundLine): Line {
  const { glyphs } = look
  const style = isMarked ? "selected" : "plain"
  const at = shownAt(found)
  const when = width < DAY_COLUMNS_MIN ? clockText(at) : `${dayText(at).padEnd(15)} ${clockText(at)}`
  const cell = (text: string, cells: number): string =>
    width < UNBROKEN.columns - EDGES ? pad(text, cells, glyphs.ellipsis) : `${text} `
  const group = named ? [span(` ${cell(safeLine(found.group), GROUP_CELLS)}`, "accent")] : []
  const author = found.own ? "you" : safeLine(found.sender)
  const before: Line = [
    span(`${isMarked ? glyphs.pointer : " "} `),
    span(when, "dim"),
    ...group,
    span(` ${cell(author, AUTHOR_CELLS)} `, "bold"),
  ]
  const text = textSpans(safeLine(found.text), terms, Math.max(4, width - lineWidth(before)), glyphs.ellipsis)
  return fitLine(
    [...before, ...text.map((piece) => (piece.style === "plain" ? span(piece.text, style) : piece))],
    width,
  )
}

/** The text from shortly before the first word that was looked for, each of them marked. */
function textSpans(text: string, terms: readonly SearchTerm[], room: number, ellipsis: string): readonly Span[] {
  const marks = searchMarks(text, terms)
  const [first] = marks
  const skipped = first && widthOf(text.slice(0, first.end)) > room ? skippedBefore(text, first.start, room) : 0
  const spans: Span[] = skipped > 0 ? [span(ellipsis, "dim")] : []
  let at = skipped
  for (const { start, end } of marks) {
    if (end <= at) continue
    spans.push(span(text.slice(at, Math.max(at, start))), span(text.slice(Math.max(at, start), end), "heading"))
    at = end
  }
  spans.push(span(text.slice(at)))
  const kept = spans.filter((piece) => piece.text !== "")
  return fittingSpans(kept, room, ellipsis)
}

/** UTF-16 units left out, so that a third of the room stands before the word. */
function skippedBefore(text: string, start: number, room: number): number {
  let at = start
  let cells = 0
  for (const grapheme of graphemes(text.slice(0, start)).toReversed()) {
    cells += graphemeWidth(grapheme)
    if (cells > room / 3) break
    at -= grapheme.length
  }
  return at
}

function fittingSpans(spans: readonly Span[], room: number, ellipsis: string): readonly Span[] {
  let left = room
  return spans.flatMap(({ text, style }) => {
    const fitted = left <= 0 ? "" : fit(text, left, ellipsis)
    left -= widthOf(text)
    return fitted === "" ? [] : [span(fitted, style)]
  })
}
