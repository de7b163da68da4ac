/** Scrolling as a change of the state. */
import { layoutOf } from "./layout.ts"
import { lookOf } from "./look.ts"
import { isNearTop, revealed, scrolledBy } from "./scroll.ts"
import type { OpenGroup, ScreenState } from "./screen-state.ts"
import type { LinesContext } from "./timeline-lines.ts"

/** How many lines a row takes does not depend on the look: all have glyphs of one width where it matters. */
const MEASURING = lookOf({ ascii: false, colour: true })

export function scrolled(state: ScreenState, by: number | "top" | "live"): ScreenState {
  const { open } = state
  if (!open) return state
  if (by === "live") return { ...state, open: { ...open, anchor: undefined } }
  const { context, height } = measure(state, open)
  const lines = by === "top" ? Number.MAX_SAFE_INTEGER : by
  return { ...state, open: { ...open, anchor: scrolledBy(open, lines, height, context) } }
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
  return { ...state, open: { ...open, marked: row.place, anchor: revealed(open, row.place, height, context) } }
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

function measure(state: ScreenState, open: OpenGroup): { readonly context: LinesContext; readonly height: number } {
  const { chatWidth: width, bodyRows: height } = layoutOf(state)
  const { transfers } = state
  const { newFrom, newCount } = open
  return { context: { width, look: MEASURING, newFrom, newCount, marked: undefined, transfers }, height }
}
