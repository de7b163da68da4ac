/** The real world, but for a clock that can be sent ahead: hours and days pass at once, seconds as they do. */
import { realWorld } from "../../core/domain/world.ts"
import type { Clock, World } from "../../core/domain/world.ts"

/** Alarms further ahead than this ring only when the clock is sent past them. */
const LONG_MS = 600_000

interface Alarm {
  readonly at: number
  readonly job: () => void
}

export class AheadWorld implements World {
  readonly random = realWorld.random
  readonly clock: Clock
  readonly #alarms = new Set<Alarm>()
  #aheadMs = 0

  constructor() {
    const now = (): number => realWorld.clock.now() + this.#aheadMs
    this.clock = {
      ...realWorld.clock,
      now,
      after: (ms, job) => {
        if (ms < LONG_MS) return realWorld.clock.after(ms, job)
        const alarm = { at: now() + ms, job }
        this.#alarms.add(alarm)
        return () => this.#alarms.delete(alarm)
      },
    }
  }

  pass(ms: number): void {
    this.#aheadMs += ms
    const due = [...this.#alarms].filter(({ at }) => at <= this.clock.now())
    for (const alarm of due) {
      this.#alarms.delete(alarm)
      alarm.job()
    }
  }
}
