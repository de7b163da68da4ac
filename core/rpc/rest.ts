/** A peer that sends too fast is not read for a while: its stream's flow control holds it back, and nothing is lost. */
import type { Clock } from "../domain/world.ts"

export interface RestParts {
  readonly clock: Clock
  /** Told of all bytes that come. @returns for how many milliseconds no more are to be read. */
  readonly pace: ((bytes: number) => number) | undefined
  readonly onChange: () => void
}

export class Rest {
  readonly #parts: RestParts
  #stop: (() => void) | undefined

  constructor(parts: RestParts) {
    this.#parts = parts
  }

  /** Nothing is to be read now. */
  get isOn(): boolean {
    return this.#stop !== undefined
  }

  came(bytes: number): void {
    const { clock, pace, onChange } = this.#parts
    const ms = pace?.(bytes) ?? 0
    if (ms <= 0 || this.isOn) return
    this.#stop = clock.after(ms, () => {
      this.#stop = undefined
      onChange()
    })
    onChange()
  }

  end(): void {
    this.#stop?.()
    this.#stop = undefined
  }
}
