/** What scripts/picture.mjs offers. */
import type { Terminal } from "@xterm/headless"

export interface ScreenDump {
  readonly columns: number
}

export declare function dump(terminal: Terminal): ScreenDump
export declare function svg(screen: ScreenDump): string
