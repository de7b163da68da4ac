/** How far the keys of panes and lists move. */
import type { DialogDeed, PaneDeed } from "./key-actions.ts"

const LIST_PAGE = 10

/** In the list of invitations alone. */
export type InviteDeed = Extract<PaneDeed, "decline" | "compare" | "block">

export const isInviteDeed = (deed: PaneDeed): deed is InviteDeed => ["decline", "compare", "block"].includes(deed)

type PaneMove = Exclude<PaneDeed, "open" | InviteDeed>

export type ListMove = PaneMove | DialogDeed

/** Rows in a list; its ends are nearer. */
export const STEPS: Readonly<Record<ListMove, number>> = {
  ...{ up: -1, down: 1, pageUp: -LIST_PAGE, pageDown: LIST_PAGE },
  ...{ first: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY, accept: 0, cancel: 0, everywhere: 0 },
}

/** Of the selected message. */
export const markStep = (deed: PaneMove): number | "first" | "last" =>
  deed === "first" || deed === "last" ? deed : STEPS[deed]
