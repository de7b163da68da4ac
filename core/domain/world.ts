/** What the outside world gives us and a test may replace. Passed to constructors; never imported as a global. */
import { randomBytes } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds that never go back; only differences mean anything. */
  monotonic(): number
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs `job` once after `ms`; the returned function cancels it. Does not keep the process alive. */
  after(ms: number, job: () => void): () => void
}

export interface Random {
  /** `length` fresh bytes from a CSPRNG. */
  bytes(length: number): Uint8Array
}

export interface World {
  readonly clock: Clock
  readonly random: Random
}

export const realWorld: World = {
  clock: {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
    after(ms, job) {
      const timer = setTimeout(job, ms)
      timer.unref()
      return () => {
        clearTimeout(timer)
      }
    },
  },
  random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
}

/** Between half and all of `ms`, so that many clients do not come back in step. */
export function jittered(ms: number, random: Random): number {
  const [byte = 0] = random.bytes(1)
  return ms / 2 + (ms / 2) * (byte / 255)
}
