/** What the terminal's window is called: how much is new, and what is open. */
import { titleOf } from "./group-title.ts"
import { invitations, listedGroups, openGroupView, toldOf } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

export function windowTitle(state: ScreenState): string {
  if (state.stage !== "chat") return "qpq"
  const group = openGroupView(state)
  const unread = listedGroups(state).reduce((sum, one) => sum + toldOf(state, one), 0) + invitations(state).length
  return `${unread > 0 ? `(${unread}) ` : ""}${group ? `${titleOf(group)} - ` : ""}qpq`
}

export interface TitleKeeper {
  readonly keep: (state: ScreenState) => void
  /** The window may be called otherwise by now. */
  readonly forget: () => void
}

/** Calls `put` with each new title. */
export function titleKeeper(put: (title: string) => void): TitleKeeper {
  let shown: string | undefined
  return {
    keep(state) {
      const title = windowTitle(state)
      if (title === shown) return
      shown = title
      put(title)
    },
    forget: () => {
      shown = undefined
    },
  }
}
