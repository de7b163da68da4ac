/**
 * One end of a connection that speaks the standard two-party Cap'n Proto RPC protocol: level 0 and promise pipelining on
 * the bootstrap, one interface, no capabilities in params or results. Bytes in by `receive`, out by a ByteSink.
 */
import { QpqError, toQpqError } from "../domain/errors.ts"
import { HALF_FRAME_MS_MAX } from "../domain/limits.ts"
import type { World } from "../domain/world.ts"
import { errorOf, exceptionOf } from "../wire/error-codec.ts"
import { type Frame, frameWords, malformed, WORD_BYTES } from "../wire/frame.ts"
import type { Incoming } from "../wire/message.ts"
import { checkStructure } from "../wire/structure-check.ts"
import { Answers, type ServedInterface } from "./answers.ts"
import { FrameReader } from "./frame-reader.ts"
import { type ByteSink, Output } from "./output.ts"
import { type CallRequest, Questions } from "./questions.ts"
import { Rest, type RestParts } from "./rest.ts"
import { readRpcMessage, type RpcMessage } from "./rpc-message.ts"
import { writeAbort, writeUnimplemented } from "./rpc-writer.ts"

export interface EndpointOptions {
  readonly sink: ByteSink
  readonly world: World
  /** What this end offers; without it every call of the peer is refused. */
  readonly served?: ServedInterface
  /** How large a frame of the peer may be, asked as each begins; FRAME_BYTES_MAX if left out. */
  readonly frameBytesMax?: () => number
  readonly pace?: RestParts["pace"]
  /** Of the connection: calls are named by it and their number, at both ends alike. */
  readonly trace?: string
}

/** While more than this waits to be sent, the peer's further calls are not read. */
const READ_WHILE_UNSENT_BYTES_MAX = 8_388_608
/** A larger message of an unknown kind is not worth sending back. */
const ECHO_BYTES_MAX = 4096
/**
 * A peer that goes on after the end is read no longer than this: more than a stream reads in one turn, so that the
 * reason has gone out.
 */
const IGNORED_BYTES_MAX = 2_097_152
/** Reset code of a stream whose peer does not even take the reason, or does not heed it. */
const RESET_CODE = 1

export class Endpoint {
  /** Resolves with the reason when the connection is over. */
  readonly closed: Promise<QpqError>
  readonly #sink: ByteSink
  readonly #world: World
  readonly #serves: boolean
  readonly #reader: FrameReader
  readonly #rest: Rest
  readonly #output: Output
  readonly #answers: Answers
  readonly #questions: Questions
  readonly #idleWaiters: (() => void)[] = []
  #tellClosed: (error: QpqError) => void = () => undefined
  #failure: QpqError | undefined
  #paused = false
  #pumping = false
  #stopTimer: (() => void) | undefined
  #heldBytes = 0
  #ignoredBytes = 0

  constructor(options: EndpointOptions) {
    const { trace = "" } = options
    this.#sink = options.sink
    this.#world = options.world
    this.#serves = options.served !== undefined
    this.#reader = new FrameReader(options.frameBytesMax)
    this.#rest = new Rest({ clock: options.world.clock, pace: options.pace, onChange: () => this.#mind() })
    this.closed = new Promise((resolve) => (this.#tellClosed = resolve))
    this.#output = new Output(options.sink, () => {
      this.#pump()
      this.#tally()
      this.#answers.flushed()
      this.#wakeIdle()
    })
    this.#answers = new Answers(
      options.served,
      this.#output,
      () => {
        this.#tally()
        this.#wakeIdle()
      },
      trace,
    )
    this.#questions = new Questions(this.#output, (error) => this.abort(error), trace)
  }

  /** Why the connection is over; undefined while it lives. */
  get failure(): QpqError | undefined {
    return this.#failure
  }

  /** For metrics and tests. */
  get load(): {
    readonly running: number
    readonly unfinished: number
    readonly asked: number
    readonly unsentBytes: number
  } {
    return {
      running: this.#answers.running,
      unfinished: this.#answers.unfinished,
      asked: this.#questions.unfinished,
      unsentBytes: this.#output.unsentBytes,
    }
  }

  /** Calls a method of the peer's interface. @throws the peer's error, E052, E054, or the signal's reason. */
  call(request: CallRequest): Promise<Incoming> {
    return this.#questions.call(request)
  }

  /** Bytes arrived. Anything wrong with them ends the connection with an Abort that says why. */
  receive(chunk: Uint8Array): void {
    if (this.#failure !== undefined) {
      this.#ignore(chunk.length)
      return
    }
    this.#reader.push(chunk)
    this.#pump()
    this.#tally()
    if (!this.failure) this.#rest.came(chunk.length)
  }

  #ignore(bytes: number): void {
    this.#ignoredBytes += bytes
    if (this.#ignoredBytes > IGNORED_BYTES_MAX) this.#sink.reset(RESET_CODE)
  }

  /** The peer ended its half: nobody is left to answer. */
  ended(): void {
    if (this.#failure !== undefined) return
    this.#sink.end()
    this.#lost(new QpqError("E054"))
  }

  /** The stream broke. */
  failed(error: unknown): void {
    this.#lost(error instanceof QpqError ? error : new QpqError("E054", undefined, { cause: error }))
  }

  /** The sink takes bytes again. */
  drained(): void {
    this.#output.drained()
    this.#answers.flushed()
    this.#pump()
  }

  /** Tells the peer why, then drops the connection. */
  abort(error: QpqError): void {
    if (this.#failure !== undefined) return
    this.#output.send(writeAbort(exceptionOf(error)))
    this.#hangUp(error)
  }

  /**
   * Refuses new calls, aborts the signals of running ones, waits at most `ms` for their answers to be sent, then
   * ends; the peer is told E059. Safe to call twice.
   */
  async drain(ms: number): Promise<void> {
    const reason = new QpqError("E059")
    this.#answers.refuse(reason)
    if (!this.#isIdle()) {
      await new Promise<void>((resolve) => {
        const stop = this.#world.clock.after(ms, resolve)
        this.#idleWaiters.push(() => {
          stop()
          resolve()
        })
      })
    }
    this.abort(reason)
  }

  /** Ends the connection after what was already answered. */
  close(reason = new QpqError("E054", "closed here")): void {
    if (this.#failure !== undefined) return
    this.#hangUp(reason)
  }

  #hangUp(error: QpqError): void {
    this.#output.flush()
    if (this.#output.isEmpty) this.#sink.end()
    else this.#sink.reset(RESET_CODE)
    this.#lost(error)
  }

  #lost(error: QpqError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#stopTimer?.()
    this.#rest.end()
    this.#mind()
    this.#output.close()
    this.#reader.clear()
    this.#tally()
    this.#questions.lost(error)
    this.#answers.lost(error)
    this.#tellClosed(error)
    this.#wakeIdle()
  }

  /** What is kept here for a peer that only asks is its connection's to answer for: answers unread, frames half sent. */
  #tally(): void {
    if (!this.#serves) return
    const bytes = this.#failure === undefined ? this.#reader.storageBytes + this.#output.unsentBytes : 0
    const grown = bytes - this.#heldBytes
    this.#heldBytes = bytes
    if (grown !== 0) this.#sink.hold?.(grown)
  }

  #isIdle(): boolean {
    return this.#failure !== undefined || (this.#answers.running === 0 && this.#output.isEmpty)
  }

  #wakeIdle(): void {
    if (this.#idleWaiters.length > 0 && this.#isIdle()) for (const wake of this.#idleWaiters.splice(0)) wake()
  }

  /** A caller that does not read its answers is not read either. One that only asks must always read. */
  #mayRead(): boolean {
    if (this.#failure !== undefined) return false
    return !this.#serves || (!this.#output.blocked && this.#output.unsentBytes <= READ_WHILE_UNSENT_BYTES_MAX)
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame()) {
        checkStructure(frame)
        this.#dispatch(readRpcMessage(frame), frame)
      }
    } catch (thrown) {
      this.abort(toQpqError(thrown))
    } finally {
      this.#pumping = false
    }
    this.#mind()
    this.#watchHalfFrame()
  }

  #nextFrame(): Frame | undefined {
    return this.#mayRead() ? this.#reader.next() : undefined
  }

  /** Whether the stream is read. */
  #mind(): void {
    const paused = this.#failure === undefined && (this.#rest.isOn || !this.#mayRead())
    if (paused === this.#paused) return
    this.#paused = paused
    if (paused) this.#sink.pause()
    else this.#sink.resume()
  }

  /** At most one timer: it looks whether the frame that was half there is still the same one. */
  #watchHalfFrame(): void {
    if (this.#stopTimer !== undefined || !this.#isHalf()) return
    const { framesRead } = this.#reader
    this.#stopTimer = this.#world.clock.after(HALF_FRAME_MS_MAX, () => {
      this.#stopTimer = undefined
      if (this.#isHalf() && this.#reader.framesRead === framesRead) this.abort(new QpqError("E055", "half a frame"))
      else this.#watchHalfFrame()
    })
  }

  #isHalf(): boolean {
    return this.#failure === undefined && !this.#paused && this.#reader.bufferedBytes > 0
  }

  #dispatch(message: RpcMessage, frame: Frame): void {
    switch (message.kind) {
      case "call":
        this.#answers.onCall(message)
        return
      case "return":
        this.#questions.onReturn(message)
        return
      case "finish":
        this.#answers.onFinish(message)
        return
      case "bootstrap":
        this.#answers.onBootstrap(message.questionId)
        return
      case "release":
        this.#answers.onRelease(message.exportId, message.count)
        return
      case "unimplemented":
        if (message.questionId !== undefined) this.#questions.onUnimplemented(message.questionId)
        return
      case "abort":
        this.#sink.end()
        this.#lost(errorOf(message.exception))
        return
      case "disembargo":
        throw malformed("Disembargo without a promise")
      case "unknown":
        this.#echo(frame)
        return
    }
  }

  #echo(frame: Frame): void {
    const bytes = frameWords(frame) * WORD_BYTES
    if (bytes > ECHO_BYTES_MAX) throw malformed("large message of an unknown kind")
    this.#output.send(writeUnimplemented(frame, bytes))
  }
}
