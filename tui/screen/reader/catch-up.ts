/** What came while one was away: counted, so that it can be said at once. */
import { groupAt } from "../selectors.ts"
import type { ScreenState } from "../screen-state.ts"
import { counted } from "./spoken-groups.ts"
import { freshRows } from "./spoken-conversation.ts"
import { isMessage } from "./spoken-rows.ts"

/** So few are read out one by one. */
const READ_OUT_MAX = 3

export interface CatchUp {
  /** undefined: few came. */
  readonly summary: string | undefined
  /** Place of the first message of the open group that is not read out. */
  readonly skippedFrom: number | undefined
}

/** @param before when the connection was lost, or the program began. */
export function catchUp(before: ScreenState, after: ScreenState): CatchUp {
  const elsewhere = after.groups
    .filter(({ groupId, status }) => groupId !== after.open?.groupId && status === "active")
    .map((group) => group.unread - (groupAt(before, group.groupId)?.unread ?? 0))
    .filter((more) => more > 0)
  const isSame = before.open?.groupId === after.open?.groupId
  const fresh = isSame && before.open && after.open ? freshRows(before.open, after.open) : []
  const here = fresh.filter((row) => isMessage(row) && !row.own)
  const total = elsewhere.reduce((sum, more) => sum + more, here.length)
  if (total <= READ_OUT_MAX) return { summary: undefined, skippedFrom: undefined }
  const places = elsewhere.length + (here.length > 0 ? 1 : 0)
  return {
    summary: `${counted(total, "new message")} in ${counted(places, "group")} while you were away. /unread says more.`,
    skippedFrom: here[0]?.place,
  }
}
