/** Dialogs in which a key means something of their own. */
import { list } from "./command.ts"
import type { Desk } from "./desk.ts"
import type { DialogDeed } from "./key-actions.ts"
import { takesSearchKey } from "./search-keys.ts"
import type { Overlay } from "./screen-state.ts"
import { isWaiting } from "./whereabouts.ts"

/** @returns whether it took the key. */
export function takesOwnKey(desk: Desk, overlay: Overlay, deed: DialogDeed | undefined): boolean {
  if (overlay.kind === "search") return takesSearchKey(desk, overlay, deed)
  if (overlay.kind === "list") return false
  return ((deed === "up" || deed === "down") && moves(desk, overlay, deed)) || desk.turnPanel(deed)
}

/** @returns whether there is something to choose with it. */
function moves(desk: Desk, overlay: Overlay, deed: "up" | "down"): boolean {
  if (overlay.kind === "create") desk.wish({ kind: "createFieldMoved" })
  else if (overlay.kind === "invite") desk.wish({ kind: "comparedChosen", compared: deed === "up" })
  else if (overlay.kind !== "password") return false
  else if (!overlay.busy) desk.wish({ kind: "passwordFieldMoved", by: deed === "up" ? -1 : 1 })
  return true
}

/** The help over a dialog, which is there again after it; not while that waits for something. */
export function openHelpOver(desk: Desk, overlay: Overlay): void {
  const isHelp = overlay.kind === "list" && overlay.list === "help"
  if (!isHelp && !isWaiting(overlay)) desk.wish({ kind: "overlayOpened", overlay: { ...list("help"), over: overlay } })
}
