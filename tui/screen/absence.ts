/** Whether the person looks elsewhere: the terminal says so, or, where it says nothing, no key was pressed for a minute. */
import type { Clock } from "../../core/domain/world.ts"

const AWAY_MS = 60_000

export interface Absence {
  /** A key was pressed. */
  readonly touched: () => void
  readonly focused: (isIn: boolean) => void
  readonly end: () => void
}

/** @param tell is called with each change; at first the person is there. */
export function absence(clock: Clock, tell: (away: boolean) => void): Absence {
  let isAway = false
  /** The terminal tells of its focus, and whoever presses keys has it. */
  let isTold = false
  let touchedAt = clock.monotonic()
  let cancel: (() => void) | undefined
  const become = (away: boolean): void => {
    if (away === isAway) return
    isAway = away
    tell(away)
  }
  const look = (): void => {
    cancel = undefined
    const leftMs = touchedAt + AWAY_MS - clock.monotonic()
    if (isTold) return
    if (leftMs <= 0) become(true)
    else cancel = clock.after(leftMs, look)
  }
  const arm = (): void => {
    if (!isTold) cancel ??= clock.after(AWAY_MS, look)
  }
  arm()
  return {
    touched() {
      touchedAt = clock.monotonic()
      if (isAway) isTold = false
      become(false)
      arm()
    },
    focused(isIn) {
      isTold = true
      touchedAt = clock.monotonic()
      become(!isIn)
    },
    end: () => cancel?.(),
  }
}
