/** A row of a list that opens over the screen; of a command: what it does, its name to be typed, its keys in force. */
import type { GroupView } from "../../core/client/client-api.ts"
import type { Command } from "./command.ts"
import { keyTitle } from "./key-names.ts"
import type { KeyNames } from "./key-names.ts"
import type { ListName } from "./screen-state.ts"

export interface ListItem {
  readonly key: string
  readonly title: string
  /** At the right end. */
  readonly detail: string
  /** What it stands under. */
  readonly section?: string
  readonly command?: Command
  readonly group?: GroupView
  readonly reaction?: string
  /** Whom to compare with. */
  readonly user?: string
  /** A text to be written again. */
  readonly text?: string
  /** Where it leads. */
  readonly link?: string
}

export const keyTitles = (keys: KeyNames, id: string): string => (keys[id] ?? []).map(keyTitle).join("  ")

export const commandItem = (command: Command, keys: KeyNames): ListItem => ({
  key: command.id,
  title: command.title,
  detail: [
    ...(command.slash ?? []).map((name) => `/${name}${command.argument ? ` ${command.argument}` : ""}`),
    keyTitles(keys, command.id),
  ]
    .filter(Boolean)
    .join("  "),
  command,
})

/** Whether typing narrows the list. */
export const isSearchable = (list: ListName): boolean =>
  ["palette", "switcher", "help", "sent", "reactions"].includes(list)
