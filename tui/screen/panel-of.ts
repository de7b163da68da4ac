/** The panel that is open over the screen, or asks the first questions: which it is, and what it is given. */
import type { MemberView } from "../../core/client/client-api.ts"
import { listItems, listTitle } from "./lists.ts"
import type { Look } from "./look.ts"
import type { PageOverlay } from "./pages.ts"
import { isAccountDialog } from "./password-dialog.ts"
import type { AccountOverlay } from "./password-dialog.ts"
import type { Panel } from "./panel.ts"
import type { SearchOverlay } from "./search-overlay.ts"
import { groupAt, openGroupView } from "./selectors.ts"
import type { Overlay, ScreenState } from "./screen-state.ts"
import type { SettingRow } from "./settings.ts"
import { createPanel } from "./views/create-panel.ts"
import { blockingPanel, directPanel, invitePanel, statusPanel, stopServerPanel } from "./views/dialogs.ts"
import { firstRunPanel } from "./views/first-run-view.ts"
import { listPanel } from "./views/list-panel.ts"
import { confirmPanel, removePanel } from "./views/member-dialogs.ts"
import { accountPanel } from "./views/password-dialogs.ts"
import { pagePanel } from "./views/pages.ts"
import { searchPanel } from "./views/search-panel.ts"
import { keyChangedPanel, verifyPanel } from "./views/verify-dialogs.ts"

export interface PanelContext {
  readonly look: Look
  /** The profile's folder, as it is shown. */
  readonly home: string
  /** What holds, as the settings' panel shows it. */
  readonly settings?: readonly SettingRow[]
}

/** undefined: none is open. */
export function panelOf(state: ScreenState, { look, home, settings }: PanelContext): Panel | undefined {
  const { groups, keys, size, overlay, firstRun: run } = state
  if (state.stage === "firstRun")
    return firstRunPanel({ run, reader: state.reader !== undefined, strength: state.strength, home, size, keys, look })
  if (!overlay) return undefined
  if (overlay.kind === "page") return pagePanel(overlay, state, { look, settings })
  if (isAccountDialog(overlay)) return accountPanel(overlay, { size, look, strength: state.strength })
  if (overlay.kind === "search") return searchPanel({ overlay, groups, keys, size, look })
  return overlayPanel(state, overlay, look)
}

function overlayPanel(
  state: ScreenState,
  overlay: Exclude<Overlay, PageOverlay | SearchOverlay | AccountOverlay>,
  look: Look,
): Panel {
  const place = { size: state.size, look }
  switch (overlay.kind) {
    case "list":
      return listPanel({
        overlay,
        title: listTitle(state, overlay),
        items: listItems(state, overlay),
        keys: state.keys,
        ...place,
      })
    case "create":
      return createPanel(overlay, state, look)
    case "direct":
      return directPanel(overlay, place)
    case "invite":
      return invitePanel(overlay, openGroupView(state), { ...place, keys: state.keys })
    case "remove":
      return removePanel(overlay, groupAt(state, overlay.groupId), place)
    case "confirm":
      return confirmPanel(overlay, groupAt(state, overlay.groupId), {
        ...place,
        members: membersOf(state, overlay.groupId),
      })
    case "stopServer":
      return stopServerPanel(overlay, place)
    case "status":
      return statusPanel(state, place)
    case "verify":
      return verifyPanel(overlay, { ...place, keys: state.keys })
    case "keyChanged":
      return keyChangedPanel(overlay, { ...place, keys: state.keys })
    case "blocking":
      return blockingPanel(overlay, place)
  }
}

/** As far as they are known. */
const membersOf = ({ open }: ScreenState, groupId: string): readonly MemberView[] =>
  open?.groupId === groupId ? open.members : []
