/** What a key or a command may reach: the state, wishes, errands, and the way out. */
import type { LogState } from "../log-file.ts"
import type { Errands } from "./errands.ts"
import type { FirstRunErrands } from "./first-run-errands.ts"
import type { DialogDeed } from "./key-actions.ts"
import type { ScreenState, Wish } from "./screen-state.ts"

export interface Desk {
  readonly state: () => ScreenState
  readonly wish: (...wishes: readonly Wish[]) => void
  /** There once the core has started. */
  readonly errands: () => Errands | undefined
  readonly firstRun: FirstRunErrands
  readonly slash: (name: string, argument: string) => void
  readonly log: () => LogState
  /** Another page of the panel that is seen. @returns whether that is what the key does */
  readonly turnPanel: (deed: DialogDeed | undefined) => boolean
  /** To the clipboard of whoever sits at the terminal. */
  readonly copy: (text: string) => void
  /** Shows a link in a browser where there is a display, else copies it. */
  readonly openLink: (target: string) => void
  /** Ends the program, the terminal restored. */
  readonly leave: () => void
  /** Back to the shell until it continues us. */
  readonly suspend: () => void
  /** The message goes to the person's own editor, and comes back from there. */
  readonly editOutside: () => void
}
