/** How far files are on their way: told a few times a second, and what stops them. */
import { hex } from "../domain/bytes.ts"
import type { TimelineName } from "../store/client-store.ts"
import type { TransferView } from "./client-api.ts"
import { faceIdOf } from "./group-shelf.ts"
import type { Rooms } from "./session-parts.ts"
import type { Direction } from "./spool.ts"

const TOLD_EVERY_MS = 250

export interface Transfer {
  /** Fires when the person takes it back, or the session ends. */
  readonly signal: AbortSignal
  /** @param bytes of the ciphertext, so far. */
  progress(bytes: number): void
  end(state: "done" | "failed"): void
}

export class Transfers {
  readonly #rooms: Rooms
  readonly #stop: AbortSignal
  readonly #running = new Map<string, AbortController>()
  #moved = 0

  constructor(rooms: Rooms, stop: AbortSignal) {
    this.#rooms = rooms
    this.#stop = stop
  }

  /** When a byte of any file last moved, on the monotonic clock. */
  get movedAt(): number {
    return this.#moved
  }

  begin(line: TimelineName, direction: Direction, total: number): Transfer {
    const { clock } = this.#rooms.world
    const name = nameOf(line)
    const stop = new AbortController()
    this.#running.set(name, stop)
    let toldAt = -Infinity
    let last = 0
    const tell = (state: TransferView["state"]): void => {
      toldAt = clock.monotonic()
      this.#tell(line, { direction, bytes: last, total, state })
    }
    return {
      signal: AbortSignal.any([stop.signal, this.#stop]),
      progress: (bytes) => {
        last = bytes
        this.#moved = clock.monotonic()
        if (this.#moved - toldAt >= TOLD_EVERY_MS) tell("running")
      },
      end: (state) => {
        if (this.#running.get(name) === stop) this.#running.delete(name)
        tell(state)
      },
    }
  }

  /** @param reason what those who wait for it get. */
  cancel(line: TimelineName, reason: Error): void {
    this.#running.get(nameOf(line))?.abort(reason)
  }

  #tell(line: TimelineName, view: Pick<TransferView, "direction" | "bytes" | "total" | "state">): void {
    const { store, events } = this.#rooms
    const groupId = faceIdOf(store, line.groupId)
    events.emit({
      kind: "transfer",
      transfer: { groupId, sender: hex(line.senderKey), id: hex(line.messageId), ...view },
    })
  }
}

const nameOf = ({ senderKey, messageId }: TimelineName): string => `${hex(senderKey)} ${hex(messageId)}`
