/** The terminal's side of plain lines: no other screen, no colour, no place but the line that is written in. */
import type { Clock } from "../../../core/domain/world.ts"
import { isCatchingUp } from "../group-order.ts"
import type { ScreenStore } from "../screen-store.ts"
import type { Surface } from "../surface-port.ts"
import { inputLine } from "./input-line.ts"
import { LineWriter } from "./line-writer.ts"
import { linkTeller } from "./link-teller.ts"
import { Narrator } from "./narrator.ts"
import type { NarratorOptions } from "./narrator.ts"

/** A paste comes as one; nothing else of the terminal is changed. */
const TAKE_PASTES = "\u001b[?2004h"
const RELEASE_PASTES = "\u001b[?2004l"
const BELL = "\u0007"

export interface ReaderPorts extends NarratorOptions {
  readonly put: (bytes: string) => void
  readonly clock: Clock
}

export function takeReader({ put, clock, ...options }: ReaderPorts, store: ScreenStore): Surface {
  const narrator = new Narrator(options)
  const writer = new LineWriter(put)
  let taken = false
  const write = (lines: readonly string[]): void => {
    const state = store.getSnapshot()
    writer.write(lines, inputLine(state, narrator.panel?.field), state.size.columns)
  }
  const link = linkTeller(clock, (text) => {
    // What is not said now is not true any more later.
    if (taken) write([text])
  })
  const sync = (): void => {
    const state = store.getSnapshot()
    if (!taken || !state.reader) return
    write(narrator.take(state))
    if (state.stage === "chat" && !isCatchingUp(state.link)) link.take(state.link)
  }
  const resume = (): void => {
    taken = true
    put(TAKE_PASTES)
    sync()
  }
  const restore = (): void => {
    if (!taken) return
    taken = false
    writer.leave()
    put(RELEASE_PASTES)
  }
  resume()
  const unsubscribe = store.subscribe(sync)
  return {
    echo: sync,
    restore,
    isShown: () => taken,
    // Titles, colours and what the desktop shows are for the eye.
    put: (bytes) => {
      if (taken && bytes.startsWith(BELL)) put(BELL)
    },
    resume,
    close: () => {
      unsubscribe()
      link.end()
      restore()
    },
  }
}
