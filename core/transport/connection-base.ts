/** What every connection does whatever carries it: the close reason, streams not yet taken, and limits on slow readers. */
import { QpqError } from "../domain/errors.ts"
import type { World } from "../domain/world.ts"
import type { OutboundBudget } from "./outbound-budget.ts"
import type { StreamBase, StreamOwner } from "./stream-base.ts"
import { CLOSE_CODES, SERVER_SHUTDOWN } from "./transport.ts"
import type { ByteStream, CloseReason, Connection, TransportLimits } from "./transport.ts"

export interface ConnectionSetting {
  readonly world: World
  readonly limits: TransportLimits
  readonly peerAddress: string
  readonly trace: string
  /** Shared by all connections of one listener. */
  readonly budget: OutboundBudget
}

export abstract class ConnectionBase<Stream extends StreamBase> implements Connection, StreamOwner {
  readonly closed: Promise<CloseReason>
  readonly peerAddress: string
  readonly trace: string
  protected readonly streams = new Map<number, Stream>()
  protected readonly world: World
  protected readonly limits: TransportLimits
  readonly #setting: ConnectionSetting
  readonly #settle: (reason: CloseReason) => void
  #reason: CloseReason | undefined
  #onStream: ((stream: ByteStream) => void) | undefined
  #untaken: Stream[] = []
  #queuedBytes = 0
  #isSlow = false
  #takenBytes = 0
  #cancelStall: (() => void) | undefined

  constructor(setting: ConnectionSetting) {
    this.#setting = setting
    this.world = setting.world
    this.limits = setting.limits
    this.peerAddress = setting.peerAddress
    this.trace = setting.trace
    const { promise, resolve } = promiseOf<CloseReason>()
    this.closed = promise
    this.#settle = resolve
  }

  abstract get serverPin(): Uint8Array
  abstract openStream(): ByteStream
  abstract ping(): void
  abstract close(code: number, reason: string): void
  abstract wake(stream: StreamBase): void

  /** The reason once the connection cannot be used any more. */
  get closeReason(): CloseReason | undefined {
    return this.#reason
  }

  /** Bytes waiting in all its streams. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  onStream(handler: (stream: ByteStream) => void): void {
    this.#onStream = handler
    const waiting = this.#untaken
    this.#untaken = []
    for (const stream of waiting) handler(stream)
  }

  account(deltaBytes: number): void {
    if (deltaBytes === 0) return
    this.#queuedBytes += deltaBytes
    if (deltaBytes < 0) this.#takenBytes -= deltaBytes
    this.#setting.budget.account(deltaBytes)
    if (this.#reason || deltaBytes < 0) return
    if (this.#queuedBytes > this.limits.outboundBytesMax) this.closeSlow("outbound queue full")
    else this.#cancelStall ??= this.#watchStall()
  }

  /** Closes because the peer does not read. */
  closeSlow(why: string): void {
    if (this.#reason || this.#isSlow) return
    this.#isSlow = true
    this.#setting.budget.slowClosed++
    this.close(CLOSE_CODES.slowReader, `peer does not read: ${why}`)
  }

  protected accept(stream: Stream): void {
    this.streams.set(stream.id, stream)
    if (this.#onStream) this.#onStream(stream)
    else this.#untaken.push(stream)
  }

  /** Tells `closed` and all streams; later calls do nothing. */
  protected finish(reason: CloseReason): void {
    if (this.#reason) return
    this.#reason = reason
    this.#cancelStall?.()
    const streams = [...this.streams.values()]
    this.streams.clear()
    this.#settle(reason)
    for (const stream of streams) stream.fail({ kind: "closed", reason })
  }

  protected assertOpen(): void {
    if (this.#reason) throw new QpqError("E054", this.#reason.reason, { cause: this.#reason.error })
  }

  #watchStall(): () => void {
    const takenBefore = this.#takenBytes
    return this.world.clock.after(this.limits.writeStallMs, () => {
      this.#cancelStall = undefined
      if (this.#queuedBytes === 0) return
      if (this.#takenBytes === takenBefore) this.closeSlow("write timeout")
      else this.#cancelStall = this.#watchStall()
    })
  }
}

/** What an application close means to whoever waits at the end that did not ask for it. */
export function applicationError(code: number, reason: string): QpqError {
  const isShutdown = code === CLOSE_CODES.goodbye && reason === SERVER_SHUTDOWN
  return new QpqError(isShutdown ? "E059" : "E054", reason === "" ? `closed with code ${code}` : reason)
}

/** A promise with its resolver outside. */
export function promiseOf<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}
