/** Carries the core's events into the screen's store, many in one step: a burst costs at most some thirty frames a second. */
import type { Client, ClientEvent } from "../../core/client/client-api.ts"
import type { Clock } from "../../core/domain/world.ts"
import type { ScreenStore } from "./screen-store.ts"

const STEP_MS = 33

export interface FollowOptions {
  readonly client: Pick<Client, "events">
  readonly store: ScreenStore
  readonly clock: Clock
  /** What was just shown. */
  readonly onStep?: (events: readonly ClientEvent[]) => void
  /** Events were missed: the store must be read anew. */
  readonly onLagged: () => void
}

/** Ends when the signal fires. */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { client, store, clock, onStep, onLagged } = options
  let waiting: ClientEvent[] = []
  let isDue = false
  let lastAt = Number.NEGATIVE_INFINITY
  const flush = (): void => {
    isDue = false
    lastAt = clock.monotonic()
    const step = waiting
    waiting = []
    store.apply({ kind: "ticked", now: clock.now() }, ...step)
    onStep?.(step)
  }
  for await (const event of client.events(signal)) {
    if (event.kind === "lagged") {
      // What came before is shown first: a group that goes on in another takes what is being written along.
      flush()
      onLagged()
      continue
    }
    waiting.push(event)
    if (isDue) continue
    isDue = true
    clock.after(Math.max(0, lastAt + STEP_MS - clock.monotonic()), flush)
  }
}
