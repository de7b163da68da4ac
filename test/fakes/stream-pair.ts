/** Two ends of an in-memory byte stream with a small buffer, for endpoints without sockets. */
import type { StreamLike } from "../../core/rpc/attach.ts"
import type { ByteSink } from "../../core/rpc/output.ts"

/** Bytes a direction takes before `write` answers false. */
const HIGH_WATER_BYTES = 262_144

type Failure = Parameters<Parameters<StreamLike["onFailure"]>[0]>[0]

export class FakeStream implements StreamLike {
  readonly sent: Uint8Array[] = []
  peer: FakeStream | undefined
  ended = false
  resetCode: number | undefined
  #paused = false
  #scheduled = false
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #refused = false
  #handlers: {
    data?: (bytes: Uint8Array) => void
    end?: () => void
    drain?: () => void
    failure?: (failure: Failure) => void
  } = {}

  write(bytes: Uint8Array): boolean {
    const { peer } = this
    if (peer === undefined || this.resetCode !== undefined) return true
    peer.#waiting.push(bytes.slice())
    peer.#waitingBytes += bytes.length
    peer.schedule()
    this.#refused = peer.#waitingBytes > HIGH_WATER_BYTES
    return !this.#refused
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    this.peer?.schedule()
  }

  reset(code: number): void {
    this.resetCode = code
    this.#waiting = []
    this.peer?.fail({ kind: "reset", code })
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.schedule()
  }

  get paused(): boolean {
    return this.#paused
  }

  onData(handler: (bytes: Uint8Array) => void): void {
    this.#handlers.data = handler
    this.schedule()
  }
  onEnd(handler: () => void): void {
    this.#handlers.end = handler
  }
  onDrain(handler: () => void): void {
    this.#handlers.drain = handler
  }
  onFailure(handler: (failure: Failure) => void): void {
    this.#handlers.failure = handler
  }

  schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    while (!this.#paused && this.#handlers.data !== undefined && this.#waiting.length > 0) {
      const bytes = this.#waiting.shift() ?? new Uint8Array(0)
      this.#waitingBytes -= bytes.length
      this.#handlers.data(bytes)
    }
    if (this.#waiting.length > 0) return
    const peer = this.peer
    if (peer?.ended === true) this.#handlers.end?.()
    else if (peer?.takeRefused() === true) peer.#handlers.drain?.()
  }

  fail(failure: Failure): void {
    this.#handlers.failure?.(failure)
  }

  takeRefused(): boolean {
    const refused = this.#refused
    this.#refused = false
    return refused
  }
}

export function streamPair(): [FakeStream, FakeStream] {
  const pair: [FakeStream, FakeStream] = [new FakeStream(), new FakeStream()]
  pair[0].peer = pair[1]
  pair[1].peer = pair[0]
  return pair
}

/** A sink that keeps what is written; `accept` false makes it ask to wait. */
export interface RecordingSink extends ByteSink {
  readonly chunks: Uint8Array[]
  accept: boolean
  ended: boolean
  resetCode: number | undefined
  paused: boolean
}

export function recordingSink(): RecordingSink {
  const sink: RecordingSink = {
    chunks: [],
    accept: true,
    ended: false,
    resetCode: undefined,
    paused: false,
    write(bytes) {
      sink.chunks.push(bytes)
      return sink.accept
    },
    end: () => (sink.ended = true),
    reset: (code) => (sink.resetCode = code),
    pause: () => (sink.paused = true),
    resume: () => (sink.paused = false),
  }
  return sink
}
