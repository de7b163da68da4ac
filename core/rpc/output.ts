/** What waits to be sent: batched per turn of the event loop, and built only when the stream takes bytes. */
import { concat } from "../domain/bytes.ts"
import type { Chunks } from "./rpc-writer.ts"

/** Where an endpoint's bytes go. */
export interface ByteSink {
  /** Takes the bytes; false asks to wait for `drained` before more. */
  write(bytes: Uint8Array): boolean
  /** Ends our half after what was written. */
  end(): void
  /** Drops the stream at once. */
  reset(code: number): void
  /** Stops and restarts what arrives. */
  pause(): void
  resume(): void
  /** So many bytes more, or fewer, are kept elsewhere for who is at the other end; may drop the connection. */
  hold?(grownBytes: number): void
}

/** Small frames are joined up to this size. */
const BATCH_BYTES = 65_536

interface Entry {
  readonly bytes: number
  readonly build: () => Chunks
}

export class Output {
  readonly #sink: ByteSink
  readonly #afterFlush: () => void
  #entries: Entry[] = []
  #unsentBytes = 0
  #blocked = false
  #scheduled = false
  #flushing = false
  #closed = false

  /** @param afterFlush called whenever waiting entries were handed to the sink. */
  constructor(sink: ByteSink, afterFlush: () => void) {
    this.#sink = sink
    this.#afterFlush = afterFlush
  }

  /** The sink asked to wait. */
  get blocked(): boolean {
    return this.#blocked
  }

  /** Estimated size of what is not yet handed to the sink. */
  get unsentBytes(): number {
    return this.#unsentBytes
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  send(chunks: Chunks): void {
    let bytes = 0
    for (const chunk of chunks) bytes += chunk.length
    this.sendLater(bytes, () => chunks)
  }

  /** @param build called when the stream takes the bytes; may answer that there is nothing to send any more. */
  sendLater(bytes: number, build: () => Chunks): void {
    if (this.#closed) return
    this.#entries.push({ bytes, build })
    this.#unsentBytes += bytes
    if (this.#scheduled || this.#blocked) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }

  /** Hands over as much as the sink takes. */
  flush(): void {
    if (this.#blocked || this.#closed || this.#flushing || this.#entries.length === 0) return
    this.#flushing = true
    this.#handOver()
    this.#flushing = false
    this.#afterFlush()
  }

  #handOver(): void {
    let sent = 0
    const batch: Uint8Array[] = []
    let batchBytes = 0
    for (const entry of this.#entries) {
      if (this.#isBlocked()) break
      sent++
      this.#unsentBytes -= entry.bytes
      for (const chunk of entry.build()) {
        batch.push(chunk)
        batchBytes += chunk.length
      }
      if (batchBytes < BATCH_BYTES) continue
      this.#write(batch.splice(0))
      batchBytes = 0
    }
    if (batch.length > 0) this.#write(batch)
    this.#entries.splice(0, sent)
  }

  /** The sink takes bytes again. */
  drained(): void {
    this.#blocked = false
    this.flush()
  }

  close(): void {
    this.#closed = true
    this.#entries = []
    this.#unsentBytes = 0
  }

  #isBlocked(): boolean {
    return this.#blocked || this.#closed
  }

  /** Small chunks are joined; a large one goes as it is. */
  #write(chunks: readonly Uint8Array[]): void {
    let run: Uint8Array[] = []
    for (const chunk of chunks) {
      if (chunk.length < BATCH_BYTES) {
        run.push(chunk)
        continue
      }
      this.#writeRun(run)
      run = []
      this.#hand(chunk)
    }
    this.#writeRun(run)
  }

  #writeRun(run: readonly Uint8Array[]): void {
    const [first, ...others] = run
    if (first !== undefined) this.#hand(others.length === 0 ? first : concat(...run))
  }

  #hand(bytes: Uint8Array): void {
    if (!this.#closed && !this.#sink.write(bytes)) this.#blocked = true
  }
}
