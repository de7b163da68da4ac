/** Scrolling as a change of the state. */
import { layoutOf } from "./layout.ts"
import { lookOf } from "./look.ts"
import { isNearTop, scrolledBy } from "./scroll.ts"
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
  const { chatWidth, bodyRows } = layoutOf(state)
  return {
    context: { width: chatWidth, look: MEASURING, newFrom: open.newFrom, newCount: open.newCount },
    height: bodyRows,
  }
}
