/** What keys do that is no command: they edit a text, move in panes and lists, answer dialogs. Ids and keys by default. */
import type { Edit, Motion } from "./composer.ts"
import type { Place } from "./place.ts"

export interface KeyAction<Deed> {
  /** Stable: key configurations name it. */
  readonly id: string
  readonly title: string
  readonly keys: readonly string[]
  readonly deed: Deed
  /** Instead of its section's. */
  readonly places?: readonly Place[]
}

const moves = (id: string, title: string, to: Motion, keys: readonly string[]): KeyAction<Edit> => ({
  ...{ id: `edit.${id}`, title, keys },
  deed: { kind: "move", to },
})

const deletes = (id: string, title: string, to: Motion, keys: readonly string[]): KeyAction<Edit> => ({
  ...{ id: `edit.${id}`, title, keys },
  deed: { kind: "delete", to },
})

/** Readline's keys, and those of ordinary text fields. */
export const EDIT_ACTIONS: readonly KeyAction<Edit>[] = [
  moves("left", "A character back", "left", ["left", "ctrl+b"]),
  moves("right", "A character forward", "right", ["right", "ctrl+f"]),
  moves("up", "A line up; in the first line: the text sent before", "up", ["up"]),
  moves("down", "A line down; in the last line: the text sent after", "down", ["down"]),
  moves("wordLeft", "A word back", "wordLeft", ["alt+b", "ctrl+left", "alt+left"]),
  moves("wordRight", "A word forward", "wordRight", ["alt+f", "ctrl+right", "alt+right"]),
  moves("lineStart", "Beginning of the line", "lineStart", ["ctrl+a", "home"]),
  moves("lineEnd", "End of the line", "lineEnd", ["ctrl+e", "end"]),
  moves("textStart", "Beginning of the text", "textStart", ["ctrl+home"]),
  moves("textEnd", "End of the text", "textEnd", ["ctrl+end"]),
  deletes("deleteLeft", "Delete the character before", "left", ["backspace", "shift+backspace", "ctrl+h"]),
  deletes("deleteRight", "Delete the character after", "right", ["delete", "ctrl+d"]),
  deletes("deleteWordLeft", "Delete the word before", "wordLeft", ["ctrl+w", "alt+backspace"]),
  deletes("deleteWordRight", "Delete the word after", "wordRight", ["alt+d", "ctrl+delete"]),
  deletes("deleteToLineStart", "Delete to the beginning of the line", "lineStart", ["ctrl+u"]),
  // By default ctrl+k switches groups.
  deletes("deleteToLineEnd", "Delete to the end of the line", "lineEnd", []),
  { id: "edit.undo", title: "Undo", keys: ["ctrl+_"], deed: { kind: "undo" } },
]

export type CompletionDeed = "next" | "before"

/** While something is offered for the word before the cursor; before everything else that the same key does. */
export const COMPLETION_ACTIONS: readonly KeyAction<CompletionDeed>[] = [
  { id: "completion.next", title: "In an offer: take it, then the next one", keys: ["tab"], deed: "next" },
  { id: "completion.before", title: "In an offer: the one before", keys: ["shift+tab"], deed: "before" },
]

export type PaneDeed =
  "up" | "down" | "first" | "last" | "pageUp" | "pageDown" | "open" | "decline" | "compare" | "block"

/** Where nothing is written: in a focused pane, and in lists without a search. */
export const PANE_ACTIONS: readonly KeyAction<PaneDeed>[] = [
  { id: "pane.up", title: "In panes and lists: up", keys: ["up"], deed: "up" },
  { id: "pane.down", title: "In panes and lists: down", keys: ["down"], deed: "down" },
  { id: "pane.pageUp", title: "In panes and lists: a page up", keys: [], deed: "pageUp" },
  { id: "pane.pageDown", title: "In panes and lists: a page down", keys: [], deed: "pageDown" },
  { id: "pane.first", title: "In panes and lists: to the first", keys: [], deed: "first" },
  { id: "pane.last", title: "In panes and lists: to the last", keys: [], deed: "last" },
  {
    id: "pane.open",
    title: "In panes: open what is marked, send a failed message again",
    keys: ["enter"],
    deed: "open",
    places: ["groups", "messages", "list"],
  },
  {
    id: "invites.decline",
    title: "In the list of invitations: decline",
    keys: ["d"],
    deed: "decline",
    places: ["invites"],
  },
  {
    id: "invites.compare",
    title: "In the list of invitations: compare with the inviter",
    keys: ["v"],
    deed: "compare",
    places: ["invites"],
  },
  {
    id: "invites.block",
    title: "In the list of invitations: hear nothing of the inviter any more",
    keys: ["b"],
    deed: "block",
    places: ["invites"],
  },
]

export type DialogDeed = "up" | "down" | "pageUp" | "pageDown" | "accept" | "cancel" | "everywhere"

/** In lists, dialogs and the first steps. */
export const DIALOG_ACTIONS: readonly KeyAction<DialogDeed>[] = [
  { id: "dialog.up", title: "In dialogs: up", keys: ["up", "shift+tab", "ctrl+p"], deed: "up" },
  { id: "dialog.down", title: "In dialogs: down", keys: ["down", "tab", "ctrl+n"], deed: "down" },
  { id: "dialog.pageUp", title: "In dialogs: a page up", keys: ["pageup"], deed: "pageUp" },
  { id: "dialog.pageDown", title: "In dialogs: a page down", keys: ["pagedown"], deed: "pageDown" },
  {
    id: "search.everywhere",
    title: "In the search: all groups, or only this one",
    keys: ["ctrl+f"],
    deed: "everywhere",
    places: ["search"],
  },
  { id: "dialog.accept", title: "In dialogs: do it", keys: ["enter"], deed: "accept" },
  {
    id: "dialog.cancel",
    title: "In dialogs: leave it; elsewhere: back to the message",
    keys: ["escape"],
    deed: "cancel",
    places: ["groups", "messages", "members", "dialog"],
  },
]

export type VerifyDeed = "match" | "mismatch" | "unchecked" | "form"

/** In the dialog with a safety number. */
export const VERIFY_ACTIONS: readonly KeyAction<VerifyDeed>[] = [
  { id: "verify.match", title: "Comparing: it matches", keys: ["m"], deed: "match" },
  { id: "verify.mismatch", title: "Comparing: it does not match", keys: ["n"], deed: "mismatch" },
  { id: "verify.unchecked", title: "Comparing: go on without", keys: ["u"], deed: "unchecked" },
  { id: "verify.form", title: "Comparing: digits, words or QR code", keys: ["w"], deed: "form" },
]

export interface KeySection {
  readonly title: string
  readonly places: readonly Place[]
  readonly actions: readonly KeyAction<unknown>[]
}

/** As the help and the documentation list them. */
export const KEY_SECTIONS: readonly KeySection[] = [
  { title: "In texts", places: ["composer", "field"], actions: EDIT_ACTIONS },
  { title: "While a completion is offered", places: ["composer"], actions: COMPLETION_ACTIONS },
  {
    title: "In panes, and in lists without a search",
    places: ["groups", "messages", "members", "list"],
    actions: PANE_ACTIONS,
  },
  { title: "In dialogs, lists and the first steps", places: ["dialog"], actions: DIALOG_ACTIONS },
  { title: "In the dialog with a safety number", places: ["number"], actions: VERIFY_ACTIONS },
]

/** Kept whatever a configuration says: dialogs name them on their buttons. */
export const KEPT: Readonly<Record<string, string>> = { "dialog.accept": "enter", "dialog.cancel": "escape" }
