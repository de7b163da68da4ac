/** What is said in passing: a toast for some seconds, and a line in the log. */
import type { ScreenState, Tone } from "./screen-state.ts"
import { safeLine } from "./text-cells.ts"

const TOAST_MS = 6000
const LOG_LINES_MAX = 200

export function noted(state: ScreenState, text: string, tone: Tone): ScreenState {
  const safe = safeLine(text)
  return {
    ...state,
    toast: { text: safe, tone, until: state.now + TOAST_MS },
    log: [...state.log, { at: state.now, text: safe }].slice(-LOG_LINES_MAX),
  }
}
