/** One writer, many readers. A reader too slow for the bound gets one `lagged`, then re-reads the store. */

export interface EventStream<Event> {
  emit(event: Event): void
  /** Listens from this call on. Ends when the signal fires. */
  follow(signal: AbortSignal): AsyncGenerator<Event, void>
}

export function eventStream<Event>(limits: {
  readonly queueLengthMax: number
  readonly lagged: Event
}): EventStream<Event> {
  const readers = new Set<(event: Event) => void>()
  return {
    emit(event) {
      for (const deliver of readers) deliver(event)
    },
    follow(signal) {
      const reader = new Reader<Event>(limits, signal)
      const deliver = (event: Event): void => {
        reader.push(event)
      }
      readers.add(deliver)
      signal.addEventListener("abort", () => readers.delete(deliver), { once: true })
      return reader.drain()
    },
  }
}

class Reader<Event> {
  readonly #limits: { readonly queueLengthMax: number; readonly lagged: Event }
  readonly #signal: AbortSignal
  #queue: Event[] = []
  #wake: () => void = () => undefined

  constructor(limits: { readonly queueLengthMax: number; readonly lagged: Event }, signal: AbortSignal) {
    this.#limits = limits
    this.#signal = signal
    signal.addEventListener(
      "abort",
      () => {
        this.#wake()
      },
      { once: true },
    )
  }

  push(event: Event): void {
    if (this.#queue.length >= this.#limits.queueLengthMax) this.#queue = [this.#limits.lagged]
    else this.#queue.push(event)
    this.#wake()
  }

  async *drain(): AsyncGenerator<Event, void> {
    while (!this.#signal.aborted) {
      const next = this.#queue.shift()
      if (next === undefined) await new Promise<void>((resume) => (this.#wake = resume))
      else yield next
    }
  }
}
