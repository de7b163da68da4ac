/** The panes that can be focused, in the order of the tab key. */
import { layoutOf } from "./layout.ts"
import type { Focus, ScreenState } from "./screen-state.ts"

export function focusOrder(state: ScreenState): readonly Focus[] {
  const layout = layoutOf(state)
  const panes: readonly (Focus | false)[] = [
    state.open !== undefined && "composer",
    layout.groupsWidth > 0 && "groups",
    "messages",
    state.open !== undefined && layout.membersWidth > 0 && "members",
  ]
  return panes.filter((pane) => pane !== false)
}
