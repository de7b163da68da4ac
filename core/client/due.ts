/** Steps that have their time. */
import type { Clock } from "../domain/world.ts"

/** Milliseconds until the first of them is due, 0 when one is; undefined when there is none. */
export function untilDue(clock: Clock, steps: readonly { readonly dueAt: number }[]): number | undefined {
  const now = clock.now()
  const waits = steps.map(({ dueAt }) => Math.max(0, dueAt - now))
  return waits.length === 0 ? undefined : Math.min(...waits)
}

/** @returns whether it was not asked within the last `ms`. */
export function atMostEvery(ms: number, clock: Clock): () => boolean {
  let last = -Infinity
  return () => {
    const now = clock.monotonic()
    if (now - last < ms) return false
    last = now
    return true
  }
}
