/** Sets of keys to start from. Each says only what differs from the tables. */
import type { KeyNames } from "./key-names.ts"

export type PresetName = "default" | "vim" | "emacs"

export interface Preset {
  /** What it does, and what it does not: docs/KEYS.md. */
  readonly about: string
  readonly keys: KeyNames
}

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  default: {
    about: "Chat clients' keys for groups and panes, readline's in texts.",
    keys: {},
  },
  vim: {
    about:
      "j, k, g, G, ctrl+d and ctrl+u move where nothing is written; there `:` opens all commands, `i` goes to the message and `I` shows invitations. The message itself has no modes: it is written in at once, with readline's keys, of which ctrl+w, ctrl+u and ctrl+h are vim's too. There are no counts, no operators and no keys of two strokes.",
    keys: {
      "pane.down": ["j", "down"],
      "pane.up": ["k", "up"],
      "pane.first": ["g"],
      "pane.last": ["G"],
      "pane.pageDown": ["ctrl+d"],
      "pane.pageUp": ["ctrl+u"],
      "palette.open": [":", "ctrl+p", "f2"],
      "focus.composer": ["i"],
      "invites.open": ["alt+j", "I"],
    },
  },
  emacs: {
    about:
      "ctrl+k deletes to the end of the line, and alt+g switches groups instead; ctrl+p and ctrl+n move by lines in the message, and alt+x opens all commands, so that a member is removed with alt+r. alt+< and alt+> go to the ends of the text, ctrl+v scrolls a page down, ctrl+g cancels, ctrl+s searches (a message is selected with the up key). There is no kill ring to yank from (ctrl+_ undoes), no mark, no numeric argument and no key of two strokes.",
    keys: {
      "edit.deleteToLineEnd": ["ctrl+k"],
      "group.switch": ["alt+g"],
      "edit.up": ["up", "ctrl+p"],
      "edit.down": ["down", "ctrl+n"],
      "palette.open": ["alt+x", "f2"],
      "group.removeMember": ["alt+r"],
      "edit.textStart": ["alt+<", "ctrl+home"],
      "edit.textEnd": ["alt+>", "ctrl+end"],
      "scroll.down": ["pagedown", "ctrl+v"],
      "dialog.cancel": ["escape", "ctrl+g"],
      "search.open": ["ctrl+s", "/"],
      "search.everywhere": ["ctrl+s"],
      "message.select": ["up"],
    },
  },
}

export const isPreset = (name: string): name is PresetName => Object.hasOwn(PRESETS, name)
