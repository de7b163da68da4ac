/** Holds the one ScreenState and tells its listeners when it changed: once for all changes of one turn. */
import { reduce } from "./state.ts"
import type { Change, ScreenState } from "./screen-state.ts"

export interface ScreenStore {
  readonly getSnapshot: () => ScreenState
  readonly subscribe: (listener: () => void) => () => void
  readonly apply: (...changes: readonly Change[]) => void
}

export function screenStore(initial: ScreenState): ScreenStore {
  let state = initial
  let told = true
  const listeners = new Set<() => void>()
  const tell = (): void => {
    told = true
    for (const listener of [...listeners]) listener()
  }
  return {
    getSnapshot: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    apply: (...changes) => {
      const next = changes.reduce(reduce, state)
      if (next === state) return
      state = next
      if (!told) return
      told = false
      queueMicrotask(tell)
    },
  }
}
