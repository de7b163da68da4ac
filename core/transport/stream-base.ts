/** What every stream does whatever carries it: queue, handlers, pausing, ending and failing exactly once. */
import { QpqError } from "../domain/errors.ts"
import { SendQueue } from "./send-queue.ts"
import type { ByteStream, StreamFailure } from "./transport.ts"

/** `write` returns false from here on … */
const QUEUE_HIGH_BYTES = 1_048_576
/** … and `onDrain` is called below this. */
const QUEUE_LOW_BYTES = 262_144

/** What a stream needs from its connection. */
export interface StreamOwner {
  /** Something is to be sent, read or forgotten: look at the stream soon. */
  wake(stream: StreamBase): void
  /** The queue grew or shrank; may close the connection. */
  account(deltaBytes: number): void
}

export abstract class StreamBase implements ByteStream {
  readonly id: number
  protected readonly queue = new SendQueue()
  readonly #owner: StreamOwner
  #onData: ((bytes: Uint8Array) => void) | undefined
  #onEnd: (() => void) | undefined
  #onDrain: (() => void) | undefined
  #onFailure: ((failure: StreamFailure) => void) | undefined
  #failure: StreamFailure | undefined
  #outgoing: "open" | "ending" | "ended" = "open"
  #incomingEnded = false
  #isPaused = false
  #heldBytes = 0
  #isDead = false
  #wantsDrain = false

  constructor(id: number, owner: StreamOwner) {
    this.id = id
    this.#owner = owner
  }

  /** Tells the peer that both directions are dropped. */
  protected abstract sendReset(code: number): void

  write(bytes: Uint8Array): boolean {
    if (this.#isDead) return false
    if (this.#outgoing !== "open") throw new QpqError("E099", "write after end")
    this.queue.push(bytes)
    this.#owner.account(bytes.length)
    this.#owner.wake(this)
    this.#wantsDrain = this.queue.bytes >= QUEUE_HIGH_BYTES
    return !this.#wantsDrain && !this.#isDead
  }

  get bufferedBytes(): number {
    return this.queue.bytes
  }

  end(): void {
    if (this.#outgoing !== "open" || this.#isDead) return
    this.#outgoing = "ending"
    this.#owner.wake(this)
  }

  reset(code: number): void {
    if (this.#isDead) return
    this.#die()
    this.sendReset(code)
    this.#owner.wake(this)
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#owner.wake(this)
  }

  hold(grownBytes: number): void {
    if (this.#isDead) return
    this.#heldBytes += grownBytes
    this.#owner.account(grownBytes)
  }

  onData(handler: (bytes: Uint8Array) => void): void {
    this.#onData = handler
    this.#owner.wake(this)
  }

  onEnd(handler: () => void): void {
    this.#onEnd = handler
  }

  onDrain(handler: () => void): void {
    this.#onDrain = handler
  }

  onFailure(handler: (failure: StreamFailure) => void): void {
    this.#onFailure = handler
    const failure = this.#failure
    if (failure) queueMicrotask(() => handler(failure))
  }

  /** Whether somebody takes bytes now. */
  get isFlowing(): boolean {
    return this.#onData !== undefined && !this.#isPaused && !this.#incomingEnded && !this.#isDead
  }

  /** Whether nothing can happen on it any more. */
  get isOver(): boolean {
    return this.#isDead || (this.#incomingEnded && this.#outgoing === "ended")
  }

  protected get isDead(): boolean {
    return this.#isDead
  }

  /** Everything written is sent and `end` was called: the peer is to be told. */
  protected get isEndDue(): boolean {
    return this.#outgoing === "ending" && this.queue.bytes === 0 && !this.#isDead
  }

  protected get hasOutgoingEnded(): boolean {
    return this.#outgoing === "ended"
  }

  /** Fails the stream because of the peer or the connection; the handler is told once. */
  fail(failure: StreamFailure): void {
    if (this.isOver) return
    this.#die()
    this.#failure = failure
    this.#onFailure?.(failure)
  }

  protected emitData(bytes: Uint8Array): void {
    this.#onData?.(bytes)
  }

  protected emitEnd(): void {
    if (this.#incomingEnded || this.#isDead) return
    this.#incomingEnded = true
    this.#onEnd?.()
  }

  protected markEndSent(): void {
    this.#outgoing = "ended"
  }

  /** The network took `bytes` from the head of the queue. */
  protected taken(bytes: number): void {
    this.queue.consume(bytes)
    this.#owner.account(-bytes)
    if (!this.#wantsDrain || this.queue.bytes >= QUEUE_LOW_BYTES) return
    this.#wantsDrain = false
    this.#onDrain?.()
  }

  #die(): void {
    this.#isDead = true
    this.#owner.account(-this.queue.bytes - this.#heldBytes)
    this.queue.clear()
  }
}
