/** Notices what other programs of the profile have stored: no event tells of it, so what is shown is to be read anew. */
import { toQpqError } from "../domain/errors.ts"
import type { Rooms } from "./session-parts.ts"
import { timelineView } from "./views.ts"

/** How late it is noticed, at most. A look costs some microseconds. */
const LOOK_MS = 1000
/** Older ones are only read by who reads anew. */
const LINES_MAX = 64

export interface ElsewhereParts {
  readonly rooms: Rooms
  /** Ends the session. */
  readonly signal: AbortSignal
  /** Something waits to be sent. */
  readonly nudge: () => void
}

export class Elsewhere {
  readonly #parts: ElsewhereParts
  #known: number | undefined
  #queued = 0
  /** Of the newest line when something was last stored elsewhere. */
  #place = 0
  /** That looking fails was said. */
  #isTold = false
  #cancel: (() => void) | undefined

  constructor(parts: ElsewhereParts) {
    this.#parts = parts
  }

  /** Looks from now on until the session ends. */
  follow(): void {
    const { rooms, signal } = this.#parts
    if (this.#cancel || signal.aborted) return
    this.#known = rooms.store.dataVersion()
    this.#queued = rooms.store.outboxCount()
    this.#place = newestPlace(rooms)
    if (this.#known === undefined) return
    signal.addEventListener("abort", () => this.#cancel?.())
    this.#arm()
  }

  #arm(): void {
    const { rooms, signal } = this.#parts
    this.#cancel = rooms.world.clock.after(LOOK_MS, () => {
      if (signal.aborted) return
      this.#arm()
      try {
        this.#look()
        this.#isTold = false
      } catch (thrown) {
        const { code, message } = toQpqError(thrown)
        if (!this.#isTold) rooms.events.emit({ kind: "trouble", code, message })
        this.#isTold = true
      }
    })
  }

  /** Most often nothing was stored: then nothing is read. */
  #look(): void {
    const { rooms, nudge } = this.#parts
    const version = rooms.store.dataVersion()
    if (version === this.#known) return
    this.#tell()
    const queued = rooms.store.outboxCount()
    // Whoever wrote it may be gone by now. What was tried in vain keeps to times of its own.
    if (queued > this.#queued) nudge()
    this.#known = version
    this.#queued = queued
    this.#place = newestPlace(rooms)
  }

  /** New lines one by one, so that the person is called as by any other; the rest is for who reads anew. */
  #tell(): void {
    const { rooms } = this.#parts
    const rows = rooms.store.timeline({ limit: LINES_MAX }).filter(({ place }) => place > this.#place)
    for (const row of rows) rooms.events.emit({ kind: "timeline", row: timelineView(rooms, row) })
    rooms.events.emit({ kind: "lagged" })
  }
}

const newestPlace = ({ store }: Rooms): number => store.timeline({ limit: 1 })[0]?.place ?? 0
