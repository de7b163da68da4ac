/** The store as React sees it: when it is quiet, so that Ink's layout, which costs most, does not stand before a key. */
import type { Clock } from "../../core/domain/world.ts"
import { onceQuiet } from "./quiet.ts"
import type { ScreenState } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"

export interface SlowStore {
  /** The state as it was told last. */
  readonly getSnapshot: () => ScreenState
  readonly subscribe: (listener: () => void) => () => void
  readonly close: () => void
}

/** Tells of changes once nothing has changed for `quietMs`. */
export function slowStore(store: ScreenStore, clock: Clock, quietMs: number): SlowStore {
  const listeners = new Set<() => void>()
  let told = store.getSnapshot()
  const close = onceQuiet(store, clock, quietMs, () => {
    told = store.getSnapshot()
    for (const listener of [...listeners]) listener()
  })
  return {
    getSnapshot: () => told,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close,
  }
}
