/** What the server refuses for coming too soon is asked again when it says, in the order in which it was asked (E050). */
import { hasCode, QpqError } from "../domain/errors.ts"
import { retryAfterMs } from "../domain/retry-hint.ts"
import { jittered } from "../domain/world.ts"
import type { World } from "../domain/world.ts"

/** Longer waits are for the person to decide about. */
const PATIENCE_MS = 10_000

type Call = (...args: unknown[]) => Promise<unknown>

/**
 * Of a refused call nothing was done. While one waits all wait that come after it, so that none overtakes it.
 * @param over ends every wait; the calls that wait end as E054.
 */
export function patient<Calls extends object>(calls: Calls, world: World, over: AbortSignal): Calls {
  const gate = new Gate(world)
  const entries: readonly (readonly [string, Call])[] = Object.entries(calls)
  const waiting = entries.map(([name, call]) => [name, patientCall(call, gate, over)] as const)
  return Object.fromEntries(waiting) as unknown as Calls
}

const patientCall =
  (call: Call, gate: Gate, over: AbortSignal): Call =>
  async (...args) => {
    const ticket = gate.ticket()
    for (let leftMs = PATIENCE_MS; ;) {
      if (gate.isClosed) await gate.opens(ticket, endOf(args, over))
      try {
        return await call(...args)
      } catch (thrown) {
        const afterMs = hasCode(thrown, "E050") ? retryAfterMs(thrown) : undefined
        if (afterMs === undefined || afterMs > leftMs) throw thrown
        leftMs -= afterMs
        gate.close(afterMs)
      }
    }
  }

/** Of the wait of a call with these arguments: most calls never wait, and need none. */
const endOf = (args: readonly unknown[], over: AbortSignal): AbortSignal =>
  AbortSignal.any([over, ...args.filter((arg) => arg instanceof AbortSignal)])

interface Waiter {
  readonly ticket: number
  readonly go: () => void
}

/** Closed for a time by a refusal; then those that wait go in the order of their tickets. */
class Gate {
  readonly #world: World
  #waiters: Waiter[] = []
  #tickets = 0
  #opensAt = 0
  #cancel: (() => void) | undefined

  constructor(world: World) {
    this.#world = world
  }

  get isClosed(): boolean {
    return this.#cancel !== undefined
  }

  ticket(): number {
    return this.#tickets++
  }

  /** Many clients that are refused together do not come back together. */
  close(ms: number): void {
    const { clock, random } = this.#world
    const waitMs = ms + jittered(ms, random) / 4
    const opensAt = clock.monotonic() + waitMs
    if (this.#cancel && opensAt <= this.#opensAt) return
    this.#cancel?.()
    this.#opensAt = opensAt
    this.#cancel = clock.after(waitMs, () => {
      this.#open()
    })
  }

  /** @throws E054 when the signal fires before. */
  opens(ticket: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        reject(new QpqError("E054"))
      }
      const go = (): void => {
        signal.removeEventListener("abort", stop)
        resolve()
      }
      const waiter = { ticket, go }
      if (signal.aborted) stop()
      else this.#waiters.push(waiter)
      signal.addEventListener("abort", stop, { once: true })
    })
  }

  #open(): void {
    this.#cancel = undefined
    const waiters = this.#waiters.sort((a, b) => a.ticket - b.ticket)
    this.#waiters = []
    for (const { go } of waiters) go()
  }
}
