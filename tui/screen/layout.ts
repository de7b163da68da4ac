/** What stands where, for a size of the terminal. Sizes in cells. */
import type { Composer } from "./composer.ts"
import type { FrameSize } from "./frame-writer.ts"
import type { ScreenState } from "./screen-state.ts"
import { wrapSpans } from "./text-cells.ts"

export interface Layout {
  readonly kind: "tiny" | "minimal" | "chat" | "two" | "three"
  /** 0: not shown. Panes are one column apart, for the line between them. */
  readonly groupsWidth: number
  readonly chatWidth: number
  readonly membersWidth: number
  readonly bodyRows: number
  /** Rows of text in the composer, without its rule and hint. */
  readonly composerRows: number
  readonly hintRow: boolean
}

const THREE_PANES_COLUMNS = 110
const TWO_PANES_COLUMNS = 80
const CHAT_COLUMNS = 50
const CHAT_ROWS = 12
const TINY: FrameSize = { columns: 30, rows: 6 }

const GROUPS_WIDTH = 26
const GROUPS_WIDTH_TWO_PANES = 22
const MEMBERS_WIDTH = 24
const COMPOSER_ROWS_MAX = 6

export const PROMPT = "> "

export const isTiny = ({ columns, rows }: FrameSize): boolean => columns < TINY.columns || rows < TINY.rows

/** Cells of one row of composer text; one is kept for the cursor after the last character. */
export const composerWidth = (size: FrameSize): number => Math.max(1, size.columns - PROMPT.length - 1)

export function layoutOf(state: Pick<ScreenState, "size" | "composer" | "panes" | "plain">): Layout {
  const { size, panes } = state
  const kind = kindOf(size)
  if (state.plain) {
    const none = { groupsWidth: 0, membersWidth: 0, composerRows: 0, hintRow: true }
    return { kind, ...none, chatWidth: size.columns, bodyRows: size.rows - 1 }
  }
  const hintRow = kind !== "minimal" && kind !== "tiny"
  const composerRows = composerRowsOf(state.composer, size)
  // Header, rule over the composer, status line.
  const fixed = kind === "minimal" ? 2 : hintRow ? 4 : 3
  const groupsWidth =
    panes.groups && kind === "three" ? GROUPS_WIDTH : panes.groups && kind === "two" ? GROUPS_WIDTH_TWO_PANES : 0
  const membersWidth = panes.members && kind === "three" ? MEMBERS_WIDTH : 0
  return {
    kind,
    groupsWidth,
    membersWidth,
    chatWidth: size.columns - withLine(groupsWidth) - withLine(membersWidth),
    bodyRows: Math.max(1, size.rows - fixed - composerRows),
    composerRows,
    hintRow,
  }
}

const withLine = (width: number): number => (width === 0 ? 0 : width + 1)

function kindOf(size: FrameSize): Layout["kind"] {
  const { columns, rows } = size
  if (isTiny(size)) return "tiny"
  if (columns < CHAT_COLUMNS || rows < CHAT_ROWS) return "minimal"
  if (columns < TWO_PANES_COLUMNS) return "chat"
  return columns < THREE_PANES_COLUMNS ? "two" : "three"
}

function composerRowsOf(composer: Composer, size: FrameSize): number {
  const most = Math.max(1, Math.min(COMPOSER_ROWS_MAX, Math.floor(size.rows / 4)))
  return Math.min(most, wrapSpans(composer.text, composerWidth(size)).length)
}
