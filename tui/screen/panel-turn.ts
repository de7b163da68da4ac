/** The pages of a panel that is larger than the terminal: which one is seen, and where a key leads. */
import { bareKeyOf } from "./key-names.ts"
import type { DialogDeed } from "./key-actions.ts"
import { panelOf } from "./panel-of.ts"
import type { PanelContext } from "./panel-of.ts"
import { panelPages } from "./placed-panel.ts"
import type { PanelTurn } from "./placed-panel.ts"
import type { ScreenState } from "./screen-state.ts"

const BACK: readonly (DialogDeed | undefined)[] = ["up", "pageUp"]
const ON: readonly (DialogDeed | undefined)[] = ["down", "pageDown"]

/** Lists move by themselves: they have one page. */
export function turnOf({ overlay, panelPage, keys }: ScreenState): PanelTurn {
  const isList = overlay?.kind === "list" || overlay?.kind === "search"
  return { page: isList ? 0 : panelPage, key: isList ? undefined : bareKeyOf(keys, "dialog.pageDown") }
}

/** The page to which such a key leads; undefined: it is none, or there is but one page. */
export function turnedTo(state: ScreenState, deed: DialogDeed | undefined, context: PanelContext): number | undefined {
  const by = BACK.includes(deed) ? -1 : ON.includes(deed) ? 1 : 0
  const panel = by === 0 || state.reader ? undefined : panelOf(state, context)
  const last = panel ? panelPages(panel, state.size).length - 1 : 0
  return last === 0 ? undefined : Math.max(0, Math.min(last, Math.min(last, state.panelPage) + by))
}
