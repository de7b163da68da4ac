/** What is done once nothing has changed for a while. */
import type { Clock } from "../../core/domain/world.ts"
import type { ScreenStore } from "./screen-store.ts"

/** Does `job` after each change that none follows for `ms`. @returns its end. */
export function onceQuiet(
  store: Pick<ScreenStore, "subscribe">,
  clock: Clock,
  ms: number,
  job: () => void,
): () => void {
  let cancel: (() => void) | undefined
  const unsubscribe = store.subscribe(() => {
    cancel?.()
    cancel = clock.after(ms, job)
  })
  return () => {
    unsubscribe()
    cancel?.()
  }
}
