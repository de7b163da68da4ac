/** Which page of a panel is seen, as the state changes. */
import type { ScreenState } from "./screen-state.ts"

/** What has changed is looked at from its first page on. */
export function firstPageOfOther(state: ScreenState, before: ScreenState): ScreenState {
  const isSame = state.overlay === before.overlay && state.firstRun === before.firstRun && state.stage === before.stage
  return isSame || state.panelPage === 0 ? state : { ...state, panelPage: 0 }
}
