/** What scripts/picture.mjs offers. */
import type { Terminal } from "@xterm/headless"

export interface ScreenDump {
  readonly columns: number
}

/** @param shown whether the cursor is; by default it is. */
export declare function dump(terminal: Terminal, shown?: { readonly cursor: boolean }): ScreenDump
export declare function svg(screen: ScreenDump): string
