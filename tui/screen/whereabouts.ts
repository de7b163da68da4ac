/** Where one is, as the help begins with it. */
import { isSearchable } from "./list-item.ts"
import type { Place } from "./place.ts"
import type { Focus, Overlay, ScreenState } from "./screen-state.ts"

interface Whereabouts {
  /** As the help names it. */
  readonly name: string
  /** What is special to it first. */
  readonly places: readonly Place[]
}

const PANES: Readonly<Record<Focus, string>> = {
  composer: "writing",
  groups: "groups",
  messages: "messages",
  members: "members",
}

/** @param over what is open; undefined: nothing is. */
export const placeIn = ({ focus }: Pick<ScreenState, "focus">, over: Overlay | undefined): Whereabouts =>
  over ? placeOf(over) : { name: PANES[focus], places: [focus] }

function placeOf(overlay: Overlay): Whereabouts {
  if (overlay.kind === "list") return { name: "this list", places: listPlaces(overlay) }
  if (overlay.kind === "search") return { name: "search", places: ["search", "dialog", "field"] }
  if (overlay.kind === "verify") return { name: "comparing", places: ["number", "dialog"] }
  if (overlay.kind === "page") return { name: "this page", places: ["dialog"] }
  return { name: "this dialog", places: "name" in overlay ? ["dialog", "field"] : ["dialog"] }
}

function listPlaces({ list }: Extract<Overlay, { readonly kind: "list" }>): readonly Place[] {
  if (isSearchable(list)) return ["dialog", "field"]
  return list === "invites" ? ["invites", "list", "dialog"] : ["list", "dialog"]
}

/** What it is waiting for would miss it while something else is open over it. */
export const isWaiting = (overlay: Overlay): boolean =>
  ("busy" in overlay && overlay.busy) ||
  (overlay.kind === "page" && (overlay.page === "quit" || ("rows" in overlay && overlay.rows === undefined)))
