/** Places that have keys of their own. */
import type { Focus } from "./screen-state.ts"

/** A pane; or a dialog: one that takes text, a list without a search, that of the invitations, the search, a number. */
export type Place = Focus | "dialog" | "field" | "list" | "invites" | "search" | "number"
