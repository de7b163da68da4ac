/** The keys of the search: its list, its place, and the way to what was found. */
import type { Desk } from "./desk.ts"
import type { DialogDeed } from "./key-actions.ts"
import { STEPS } from "./key-steps.ts"
import { isAnswered, questionOf } from "./search-overlay.ts"
import type { SearchOverlay } from "./search-overlay.ts"

/** @returns whether it took the key. */
export function takesSearchKey(desk: Desk, overlay: SearchOverlay, deed: DialogDeed | undefined): boolean {
  if (deed === undefined || deed === "cancel") return false
  if (deed === "accept") goThere(desk, overlay)
  else if (deed === "everywhere") elsewhere(desk, overlay)
  else {
    const last = Math.max(0, (overlay.answer?.rows.length ?? 0) - 1)
    const at = Math.max(0, Math.min(last, overlay.at + STEPS[deed]))
    desk.wish({ kind: "overlayOpened", overlay: { ...overlay, at } })
  }
  return true
}

/** What is typed last is what is meant: what was found for something else leads nowhere. */
function goThere(desk: Desk, overlay: SearchOverlay): void {
  const row = overlay.answer?.rows[overlay.at]
  if (row && isAnswered(overlay)) desk.errands()?.history.jump(row)
  else if (overlay.query.text.trim() !== "") desk.errands()?.history.searchAndJump(questionOf(overlay))
}

function elsewhere(desk: Desk, overlay: SearchOverlay): void {
  const groupId = overlay.groupId === undefined ? desk.state().open?.groupId : undefined
  desk.wish({ kind: "overlayOpened", overlay: { ...overlay, groupId, at: 0 } })
}
