/** Token buckets by name, a bounded number of them. Who is forgotten begins with a full one. */
import type { Clock } from "../../core/domain/world.ts"

const SECOND_MS = 1000

export interface BucketRate {
  /** Tokens that come back in a second. */
  readonly perSecond: number
  /** What a full bucket holds. */
  readonly burst: number
}

interface Bucket {
  /** Below 0 what is owed. */
  readonly tokens: number
  /** When it held so many, by the monotonic clock. */
  readonly at: number
  /** Until then nothing is given: who sends many at once has none of them overtake one that was refused. */
  readonly closedUntil: number
}

/** Longer than most answers are on their way. */
const CLOSED_MS_MIN = 250

export class TokenBuckets {
  readonly #rate: BucketRate
  readonly #clock: Pick<Clock, "monotonic">
  readonly #bucketsMax: number
  /** Those used last stand last. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(rate: BucketRate, clock: Pick<Clock, "monotonic">, bucketsMax: number) {
    this.#rate = rate
    this.#clock = clock
    this.#bucketsMax = bucketsMax
  }

  get size(): number {
    return this.#buckets.size
  }

  /**
   * Takes `cost` tokens, or none; more than a bucket holds costs all it holds.
   * @returns 0 when they were taken, else the milliseconds until they could be.
   */
  take(name: string, cost = 1): number {
    const { perSecond, burst } = this.#rate
    const now = this.#clock.monotonic()
    const wanted = Math.min(cost, burst)
    const { tokens, at, closedUntil } = this.#buckets.get(name) ?? { tokens: burst, at: now, closedUntil: now }
    const held = Math.min(burst, tokens + ((now - at) * perSecond) / SECOND_MS)
    const missingMs = Math.round(((wanted - held) * SECOND_MS) / perSecond)
    if (missingMs <= 0 && closedUntil <= now) {
      this.#keep(name, { tokens: Math.max(0, held - wanted), at: now, closedUntil })
      return 0
    }
    const opensAt = Math.max(closedUntil, now + missingMs, closedUntil <= now ? now + CLOSED_MS_MIN : 0)
    this.#keep(name, { tokens: held, at: now, closedUntil: opensAt })
    return opensAt - now
  }

  /**
   * Takes `cost` tokens of what has been done already, also those that are not there yet; at most as many as a bucket holds
   * are owed.
   * @returns the milliseconds until nothing is owed any more.
   */
  owe(name: string, cost: number): number {
    const { perSecond, burst } = this.#rate
    const now = this.#clock.monotonic()
    const { tokens, at, closedUntil } = this.#buckets.get(name) ?? { tokens: burst, at: now, closedUntil: now }
    const held = Math.min(burst, tokens + ((now - at) * perSecond) / SECOND_MS)
    const left = Math.max(-burst, held - cost)
    this.#keep(name, { tokens: left, at: now, closedUntil })
    return Math.max(0, Math.ceil((-left * SECOND_MS) / perSecond))
  }

  /** The one that nobody asked for longest goes: of all it is most likely full again. */
  #keep(name: string, bucket: Bucket): void {
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    if (this.#buckets.size <= this.#bucketsMax) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
