/** Which message a command is about. */
import type { TimelineView } from "../../core/client/client-api.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { isFailed } from "./failed-message.ts"
import { markedRow, openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

/** The marked message, or the newest that will do: so that a slash command means the one just said. */
export function target(state: ScreenState, fits: (row: TimelineView) => boolean): TimelineView | undefined {
  const marked = markedRow(state)
  if (marked) return fits(marked) ? marked : undefined
  return state.focus === "composer" ? state.open?.rows.findLast(fits) : undefined
}

export const isSaid = (row: TimelineView): boolean => row.kind === "text" && !row.deleted
export const isOwnText = (row: TimelineView): boolean => isOwnSaid(row) && row.attachment === undefined
export const isOwnSaid = (row: TimelineView): boolean => isSaid(row) && row.own
const isOthersSaid = (row: TimelineView): boolean => isSaid(row) && !row.own

export const canSpeak = (state: ScreenState): boolean => openGroupView(state)?.status === "active"

/** The message that could be sent again now. */
export const failedTarget = (state: ScreenState): TimelineView | undefined =>
  canSpeak(state) ? target(state, isFailed) : undefined

/** In select mode any message will do; else the newest of somebody else. */
export const answerable = (state: ScreenState): TimelineView | undefined =>
  markedRow(state) ? target(state, isSaid) : target(state, isOthersSaid)

export const on =
  (
    find: (state: ScreenState) => TimelineView | undefined,
    act: (desk: Desk, row: TimelineView, argument: string) => void,
  ): Command["run"] =>
  (desk, argument) => {
    const row = find(desk.state())
    if (row) act(desk, row, argument)
  }
