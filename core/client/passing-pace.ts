/** How often what others are told in passing goes: many at once, and never for long (docs/decisions/0029). */
import type { NodeService } from "../contract/node-service.ts"
import type { Rooms } from "./session-parts.ts"

/** What is read one after the other is told together. */
const DELAY_MS = 2000
/** Between two tellings. */
const EVERY_MS = 5000

export interface PassingParts {
  readonly rooms: Rooms
  /** Ends the session. */
  readonly signal: AbortSignal
  /** The server, while the mailbox was read to its head. */
  readonly here: () => NodeService | undefined
}

export interface Telling {
  isAnyPending(): boolean
  tellAll(node: NodeService): Promise<void>
}

export class PassingPace {
  readonly #parts: PassingParts
  readonly #telling: Telling
  #toldAt = Number.NEGATIVE_INFINITY
  #isArmed = false
  #running: Promise<void> = Promise.resolve()

  constructor(parts: PassingParts, telling: Telling) {
    this.#parts = parts
    this.#telling = telling
  }

  /** There is something to tell. */
  arm(): void {
    const { rooms, signal, here } = this.#parts
    if (this.#isArmed || signal.aborted) return
    this.#isArmed = true
    const { clock } = rooms.world
    clock.after(Math.max(DELAY_MS, this.#toldAt + EVERY_MS - clock.monotonic()), () => {
      this.#isArmed = false
      void this.flush(here())
    })
  }

  /** What there is to tell, as far as it goes. Whatever fails, it is nobody's trouble. */
  flush(node: NodeService | undefined): Promise<void> {
    this.#running = this.#running.then(() => this.#flush(node)).catch(() => undefined)
    return this.#running
  }

  /** Settles when nothing runs any more, after the signal fired. */
  ended(): Promise<void> {
    return this.#running
  }

  async #flush(node: NodeService | undefined): Promise<void> {
    const { rooms, signal } = this.#parts
    if (signal.aborted) return
    this.#toldAt = rooms.world.clock.monotonic()
    if (node) await this.#telling.tellAll(node)
    if (this.#telling.isAnyPending()) this.arm()
  }
}
