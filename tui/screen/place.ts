/** Where one is: each place has keys of its own, and the help begins with them. */
import type { Focus, ScreenState } from "./screen-state.ts"

/** A pane; or a dialog: one that takes text, a list without a search, that of the invitations, the search, a number. */
export type Place = Focus | "dialog" | "field" | "list" | "invites" | "search" | "number"

interface Whereabouts {
  /** As the help names it. */
  readonly name: string
  readonly places: readonly Place[]
}

const PANES: Readonly<Record<Focus, string>> = {
  composer: "writing",
  groups: "groups",
  messages: "messages",
  members: "members",
}

export const placeIn = ({ focus }: Pick<ScreenState, "focus">): Whereabouts => ({ name: PANES[focus], places: [focus] })
