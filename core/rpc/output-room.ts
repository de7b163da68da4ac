/** Handlers with large answers that wait until the caller has taken what it was given before. */
import type { Output } from "./output.ts"

/** So much may still wait to be handed to the stream. */
const UNSENT_BYTES_MAX = 65_536

export class OutputRoom {
  readonly #output: Output
  #waiters: (() => void)[] = []

  constructor(output: Output) {
    this.#output = output
  }

  /** Resolves when the stream takes bytes and hardly anything waits for it, or the signal fires: look at that then. */
  async wait(signal: AbortSignal): Promise<void> {
    while (!this.#isFree && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve)
        signal.addEventListener("abort", () => resolve(), { once: true })
      })
    }
  }

  /** Something was handed to the stream. */
  wake(): void {
    if (this.#waiters.length === 0 || !this.#isFree) return
    for (const resolve of this.#waiters.splice(0)) resolve()
  }

  get #isFree(): boolean {
    return !this.#output.blocked && this.#output.unsentBytes <= UNSENT_BYTES_MAX
  }
}
