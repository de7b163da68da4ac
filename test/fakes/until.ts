/** Waiting for a condition instead of for time. */
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises"

const DEADLINE_MS = 20_000

/** Resolves as soon as `condition` holds; fails with `what` when it does not in time. */
export async function until(what: string, condition: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs
  for (let turns = 0; !condition(); turns++) {
    if (performance.now() > giveUpAt) throw new Error(`in vain: ${what}`)
    await (turns < 100 ? turn() : delay(5))
  }
}
