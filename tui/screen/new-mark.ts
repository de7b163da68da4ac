/** Where the new messages of the open conversation begin: what came before it was opened, or while nobody looked. */
import type { TimelineView } from "../../core/client/client-api.ts"
import { isCatchingUp } from "./group-order.ts"
import type { OpenGroup, ScreenState } from "./screen-state.ts"

/** What comes now comes to nobody's eyes, or came while the program was away. What is read out is heard. */
export const isUnseen = ({ away, link, reader }: Pick<ScreenState, "away" | "link" | "reader">): boolean =>
  reader === undefined && (away || isCatchingUp(link))

export const isMessageOfOthers = ({ own, kind }: TimelineView): boolean =>
  !own && (kind === "text" || kind === "unknown")

/** With the mark where it belongs when `row` comes. */
export function withMark(open: OpenGroup, row: TimelineView, unseen: boolean): OpenGroup {
  const last = open.rows.at(-1)?.place ?? 0
  if (row.place <= last || !isMessageOfOthers(row)) return open
  if (!unseen) return settled(open)
  if (open.newGrows) return { ...open, newCount: open.newCount + 1 }
  return { ...open, newFrom: row.place, newCount: 1, newGrows: true }
}

/** Whoever is back has the mark where it is; what comes unseen after that begins another one. */
export function settledMark(state: ScreenState, before: ScreenState): ScreenState {
  const { open } = state
  if (!open?.newGrows || isUnseen(state) || !isUnseen(before)) return state
  return { ...state, open: settled(open) }
}

const settled = (open: OpenGroup): OpenGroup => (open.newGrows ? { ...open, newGrows: false } : open)
