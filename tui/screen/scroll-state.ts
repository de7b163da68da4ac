/** Scrolling as a change of the state. */
import { layoutOf } from "./layout.ts"
import { BASIC_LOOK } from "./look.ts"
import { isNearBottom, isNearTop, messageAtLine, revealed, scrolledBy } from "./scroll.ts"
import type { OpenGroup, ScreenState, Spot } from "./screen-state.ts"
import { safeLine } from "./text-cells.ts"
import type { LinesContext } from "./timeline-lines.ts"
import { pageFrom } from "./reader/reader-pages.ts"
import { returned, withAnchor } from "./window.ts"

export function scrolled(state: ScreenState, by: number | "top" | "live"): ScreenState {
  const { open } = state
  if (!open) return state
  if (by === "live") return returned(state)
  if (state.reader) return { ...state, open: withAnchor(open, pageFrom(open, by)) }
  const { context, height } = measure(state, open)
  const lines = by === "top" ? Number.MAX_SAFE_INTEGER : by
  return { ...state, open: withAnchor(open, scrolledBy(open, lines, height, context)) }
}

/** Selects another message and brings it into view; without one the newest in view is. */
export function marked(state: ScreenState, by: number | "first" | "last"): ScreenState {
  const { open } = state
  if (!open) return state
  const messages = open.rows.filter(({ kind }) => kind === "text" || kind === "unknown")
  const known = messages.findIndex(({ place }) => place === open.marked)
  const end = open.anchor?.place ?? Number.MAX_SAFE_INTEGER
  const from = known < 0 ? messages.findLastIndex(({ place }) => place <= end) : known
  const at = by === "first" ? 0 : by === "last" ? messages.length - 1 : from + (known < 0 ? 0 : by)
  const row = messages[Math.max(0, Math.min(at, messages.length - 1))]
  if (!row) return state
  const { context, height } = measure(state, open)
  const next = { ...open, marked: row.place }
  return { ...state, open: withAnchor(next, revealed(open, row.place, height, context)) }
}

/** Selects the message of which that line in view is. */
export function chosen(state: ScreenState, line: number): ScreenState {
  const { open } = state
  if (!open) return state
  const { context, height } = measure(state, open)
  const row = messageAtLine(open, line, height, context)
  return row ? { ...state, focus: "messages", open: { ...open, marked: row.place } } : state
}

/** Where a jump leads: a line is selected, in the middle of the view. */
export function spotted(state: ScreenState, at: Spot): ScreenState {
  const { open } = state
  if (!open) return state
  if (at.kind === "newest") return { ...returned(state), focus: "composer" }
  const anchor = { place: at.place, hidden: 0 }
  if (at.kind === "view") return { ...state, open: withAnchor(open, anchor), cameFrom: undefined, focus: "composer" }
  const { context, height } = measure(state, open)
  const middle = scrolledBy({ rows: open.rows, anchor }, -Math.floor(height / 2), height, context)
  const next = withAnchor({ ...open, marked: at.place }, middle)
  return { ...state, open: next, overlay: undefined, focus: "messages" }
}

/** Lines a page key moves: two stay for the eye to hold on to. */
export const pageLines = (state: ScreenState): number => Math.max(1, layoutOf(state).bodyRows - 2)

/** Whether rows older than those in memory should be read. */
export function wantsOlder(state: ScreenState): boolean {
  const { open } = state
  if (!open || open.complete) return false
  const { context, height } = measure(state, open)
  return isNearTop(open, height, context)
}

/** Whether rows newer than those in memory should be read. */
export function wantsNewer(state: ScreenState): boolean {
  const { open } = state
  if (!open || open.atEnd || open.wantsNewest) return false
  const { context, height } = measure(state, open)
  return isNearBottom(open, height, context)
}

function measure(state: ScreenState, open: OpenGroup): { readonly context: LinesContext; readonly height: number } {
  const { chatWidth: width, bodyRows: height } = layoutOf(state)
  const { transfers } = state
  const { newFrom, newCount } = open
  const ownName = safeLine(state.account?.name ?? "")
  // How many lines a row takes does not depend on the look: all have glyphs of one width where it matters.
  return { context: { width, look: BASIC_LOOK, ownName, newFrom, newCount, marked: undefined, transfers }, height }
}
