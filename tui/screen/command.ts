/** What a command is: one row of the table behind keys, slash commands, palette and help. */
import { EMPTY_COMPOSER } from "./composer.ts"
import type { Desk } from "./desk.ts"
import type { Place } from "./place.ts"
import type { ListName, Overlay, ScreenState } from "./screen-state.ts"

export interface Command {
  /** Stable: key configurations name it. */
  readonly id: string
  readonly title: string
  readonly section: "Messages" | "Groups" | "View" | "Program"
  /** Work everywhere. */
  readonly keys: readonly string[]
  /** Work where nothing is being written. */
  readonly bareKeys?: readonly string[]
  /** What one does there; without it, its keys alone say where it works. */
  readonly places?: readonly Place[]
  readonly slash?: readonly string[]
  /** Of the slash command. */
  readonly argument?: string
  /** Whether it makes sense now; without it, always. */
  readonly when?: (state: ScreenState) => boolean
  readonly run: (desk: Desk, argument: string) => void
}

export const isPossible = (command: Command, state: ScreenState): boolean => command.when?.(state) ?? true

export const list = (name: ListName): Extract<Overlay, { readonly kind: "list" }> => ({
  kind: "list",
  list: name,
  query: EMPTY_COMPOSER,
  at: 0,
})

export const opens =
  (overlay: Overlay): Command["run"] =>
  (desk) => {
    desk.wish({ kind: "overlayOpened", overlay })
  }
