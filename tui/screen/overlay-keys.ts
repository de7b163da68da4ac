/** Dialogs in which a key means something of their own. */
import type { Desk } from "./desk.ts"
import type { DialogDeed } from "./key-actions.ts"
import { takesSearchKey } from "./search-keys.ts"
import type { Overlay } from "./screen-state.ts"

/** @returns whether it took the key. */
export function takesOwnKey(desk: Desk, overlay: Overlay, deed: DialogDeed | undefined): boolean {
  if (overlay.kind === "search") return takesSearchKey(desk, overlay, deed)
  if (overlay.kind === "create" && (deed === "up" || deed === "down")) {
    desk.wish({ kind: "createFieldMoved" })
    return true
  }
  if (overlay.kind !== "invite" || (deed !== "up" && deed !== "down")) return false
  desk.wish({ kind: "comparedChosen", compared: deed === "up" })
  return true
}
