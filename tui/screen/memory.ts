/** How the person left the screen: which conversation was open, how the groups were sorted, which colours. */
import type { ScreenState } from "./screen-state.ts"
import { isThemeName } from "./themes.ts"

export const LAST_OPEN = "screen.open"
export const THEME = "screen.theme"
export const SORT = "screen.sort"

/** As it was left; as it stands when nothing is known. */
export const sortFrom = (memory: Readonly<Record<string, string>>, now: ScreenState["sort"]): ScreenState["sort"] =>
  memory[SORT] === "name" || memory[SORT] === "recent" ? memory[SORT] : now

/** The one chosen before, unless another was given at the start. */
export function themeFrom(
  memory: Readonly<Record<string, string>>,
  { theme, themeBy }: Pick<ScreenState, "theme" | "themeBy">,
): Pick<ScreenState, "theme" | "themeBy"> {
  const known = memory[THEME]
  if (themeBy === "given" || known === undefined || !isThemeName(known)) return { theme, themeBy }
  return { theme: known, themeBy: "chosen" }
}
