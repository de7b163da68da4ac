/** Has remembered how the person leaves the screen. */
import type { ChoiceErrands } from "./choice-errands.ts"
import { LAST_OPEN, SORT, THEME } from "./memory.ts"
import type { ScreenState } from "./screen-state.ts"

/** Has each change remembered. */
export function memoryKeeper(errands: Pick<ChoiceErrands, "remember">): (state: ScreenState) => void {
  let open: string | undefined
  let sort: string | undefined
  let theme: string | undefined
  return (state) => {
    if (state.open && state.open.groupId !== open) errands.remember(LAST_OPEN, state.open.groupId)
    if (sort !== undefined && state.sort !== sort) errands.remember(SORT, state.sort)
    if (theme !== undefined && state.theme !== theme && state.themeBy === "chosen") errands.remember(THEME, state.theme)
    theme = state.theme
    open = state.open?.groupId ?? open
    sort = state.sort
  }
}
