/** A world whose clock stands still until told to advance, and whose randomness repeats from a seed. */
import type { Clock, Random, World } from "../../core/domain/world.ts"

interface Alarm {
  readonly at: number
  readonly job: () => void
}

export class FakeClock implements Clock {
  readonly #alarms = new Set<Alarm>()
  #elapsed = 0
  #epoch: number

  constructor(epoch = 1_700_000_000_000) {
    this.#epoch = epoch
  }

  now(): number {
    return this.#epoch + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  /** Alarms that have not rung. */
  get pending(): number {
    return this.#alarms.size
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error)
        return
      }
      const cancel = this.after(ms, () => {
        signal?.removeEventListener("abort", abort)
        resolve()
      })
      const abort = (): void => {
        cancel()
        reject(signal?.reason as Error)
      }
      signal?.addEventListener("abort", abort, { once: true })
    })
  }

  after(ms: number, job: () => void): () => void {
    const alarm = { at: this.#elapsed + ms, job }
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  /** Moves the wall clock alone, as a person who sets it would. */
  setNow(now: number): void {
    this.#epoch = now - this.#elapsed
  }

  /** Lets `ms` pass: alarms ring in their order, each at its time; promises they settle run in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#elapsed = Math.max(this.#elapsed, next.at)
      this.#alarms.delete(next)
      next.job()
      await turn()
    }
    this.#elapsed = end
    await turn()
  }

  #next(end: number): Alarm | undefined {
    let first: Alarm | undefined
    for (const alarm of this.#alarms) if (alarm.at <= end && (first === undefined || alarm.at < first.at)) first = alarm
    return first
  }
}

/** Xorshift: the same bytes for the same seed. */
export class SeededRandom implements Random {
  #state: number

  constructor(seed = 1) {
    this.#state = seed >>> 0 || 1
  }

  /** An unsigned 32-bit integer. */
  next(): number {
    this.#state ^= this.#state << 13
    this.#state >>>= 0
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>>= 0)
  }

  below(limit: number): number {
    return this.next() % limit
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() >>> 24)
  }
}

export interface FakeWorld extends World {
  readonly clock: FakeClock
  readonly random: SeededRandom
  /** The same as `clock.advance`. */
  advance(ms: number): Promise<void>
}

export function fakeWorld(seed = 1): FakeWorld {
  const clock = new FakeClock()
  return { clock, random: new SeededRandom(seed), advance: (ms) => clock.advance(ms) }
}

/** One turn of the event loop: what is due runs. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
