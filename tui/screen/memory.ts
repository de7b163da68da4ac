/** How the person left the screen: which conversation was open, how the groups were sorted. */
import type { ScreenState } from "./screen-state.ts"

export const LAST_OPEN = "screen.open"
export const SORT = "screen.sort"

/** As it was left; as it stands when nothing is known. */
export const sortFrom = (memory: Readonly<Record<string, string>>, now: ScreenState["sort"]): ScreenState["sort"] =>
  memory[SORT] === "name" || memory[SORT] === "recent" ? memory[SORT] : now
