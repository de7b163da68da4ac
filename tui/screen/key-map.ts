/** Which key does what: commands from their table, editing keys, keys of lists and dialogs. The only place that knows keys. */
import { QpqError } from "../../core/domain/errors.ts"
import type { Command } from "./command.ts"
import type { Edit } from "./composer.ts"

export interface KeyMap {
  /** Keys that work everywhere. */
  readonly commands: ReadonlyMap<string, Command>
  /** Keys that work where nothing is being written. */
  readonly bare: ReadonlyMap<string, Command>
}

/** @throws E070 when two commands want the same key. */
export function keyMap(commands: readonly Command[]): KeyMap {
  return {
    commands: bound(commands, ({ keys }) => keys),
    bare: bound(commands, ({ bareKeys = [] }) => bareKeys),
  }
}

function bound(commands: readonly Command[], keysOf: (command: Command) => readonly string[]): Map<string, Command> {
  const map = new Map<string, Command>()
  for (const command of commands) {
    for (const key of keysOf(command)) {
      const other = map.get(key)
      if (other) throw new QpqError("E070", `the key ${key} is bound to ${other.id} and to ${command.id}`)
      map.set(key, command)
    }
  }
  return map
}

/** Readline's keys, and those of ordinary text fields. */
export const EDIT_KEYS: Readonly<Record<string, Edit>> = {
  left: { kind: "move", to: "left" },
  "ctrl+b": { kind: "move", to: "left" },
  right: { kind: "move", to: "right" },
  "ctrl+f": { kind: "move", to: "right" },
  up: { kind: "move", to: "up" },
  down: { kind: "move", to: "down" },
  home: { kind: "move", to: "lineStart" },
  "ctrl+a": { kind: "move", to: "lineStart" },
  end: { kind: "move", to: "lineEnd" },
  "ctrl+e": { kind: "move", to: "lineEnd" },
  "ctrl+home": { kind: "move", to: "textStart" },
  "ctrl+end": { kind: "move", to: "textEnd" },
  "alt+b": { kind: "move", to: "wordLeft" },
  "ctrl+left": { kind: "move", to: "wordLeft" },
  "alt+left": { kind: "move", to: "wordLeft" },
  "alt+f": { kind: "move", to: "wordRight" },
  "ctrl+right": { kind: "move", to: "wordRight" },
  "alt+right": { kind: "move", to: "wordRight" },
  backspace: { kind: "delete", to: "left" },
  "shift+backspace": { kind: "delete", to: "left" },
  "ctrl+h": { kind: "delete", to: "left" },
  delete: { kind: "delete", to: "right" },
  "ctrl+d": { kind: "delete", to: "right" },
  "ctrl+w": { kind: "delete", to: "wordLeft" },
  "alt+backspace": { kind: "delete", to: "wordLeft" },
  "alt+d": { kind: "delete", to: "wordRight" },
  "ctrl+delete": { kind: "delete", to: "wordRight" },
  "ctrl+u": { kind: "delete", to: "lineStart" },
  // Only where no command has it: switching groups does by default.
  "ctrl+k": { kind: "delete", to: "lineEnd" },
  "ctrl+_": { kind: "undo" },
}

/** What keys mean in lists, dialogs and the first steps. */
export type DialogKey = "up" | "down" | "pageUp" | "pageDown" | "accept" | "cancel"

export const DIALOG_KEYS: Readonly<Record<string, DialogKey>> = {
  up: "up",
  "shift+tab": "up",
  "ctrl+p": "up",
  down: "down",
  tab: "down",
  "ctrl+n": "down",
  pageup: "pageUp",
  pagedown: "pageDown",
  enter: "accept",
  escape: "cancel",
}

/** In a focused pane: rows to move, 0 for choosing. */
export const PANE_KEYS: Readonly<Record<string, number>> = { up: -1, down: 1, enter: 0 }

/** Commands whose keys also work while a dialog is open or before there is an account. */
export const ALWAYS: readonly string[] = ["quit", "suspend"]

export const CLEAR_KEY = "ctrl+c"

/** The editing keys as the help shows them. */
export const EDIT_HELP: readonly { readonly title: string; readonly keys: readonly string[] }[] = [
  { title: "Beginning, end of the line", keys: ["ctrl+a", "ctrl+e", "home", "end"] },
  { title: "A word back, forward", keys: ["alt+b", "alt+f", "ctrl+left", "ctrl+right"] },
  { title: "Delete the word before, after", keys: ["ctrl+w", "alt+d"] },
  { title: "Delete to the beginning of the line", keys: ["ctrl+u"] },
  { title: "Undo", keys: ["ctrl+_"] },
  { title: "Earlier, later sent texts (first, last line)", keys: ["up", "down"] },
  { title: "Clear the text; twice: quit", keys: [CLEAR_KEY] },
]

/** As people write it: "alt+up", "F1". */
export const keyTitle = (key: string): string => (/^f\d+$/.test(key) ? key.toUpperCase() : key)
