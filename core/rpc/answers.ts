/** The callee's side of an endpoint: bootstrap, calls, their cancellation and their answers. */
import { QpqError } from "../domain/errors.ts"
import { CALLS_RUNNING_MAX, QUESTIONS_UNFINISHED_MAX } from "../domain/limits.ts"
import { exceptionOf, unimplemented, type WireException } from "../wire/error-codec.ts"
import { malformed } from "../wire/frame.ts"
import type { Incoming, Outgoing } from "../wire/message.ts"
import type { Output } from "./output.ts"
import { OutputRoom } from "./output-room.ts"
import type { CallMessage, CallTarget, FinishMessage } from "./rpc-message.ts"
import { type Chunks, MAIN_EXPORT, writeCanceled, writeCapability, writeException, writeResults } from "./rpc-writer.ts"

export interface CallContext {
  /** The connection's trace and the call's number on it; its caller has the same. */
  readonly request: string
  /** Aborted with a QpqError when the caller cancels, the connection is lost or the server drains. */
  readonly signal: AbortSignal
  /** Runs `job` when the caller has said that it received this call's results. */
  onReceived(job: () => void): void
  /** Resolves when the caller has taken what it was answered before. @throws the signal's reason */
  room(): Promise<void>
}

/** @param number of the call on its stream, from 1. */
export const requestName = (trace: string, number: number): string => `${trace}-${number}`

/** One method: params of a call in, results out. What it throws becomes the call's exception. */
export type ServedMethod = (params: Incoming, context: CallContext) => Promise<Outgoing>

/** The one interface that an endpoint offers; methods by ordinal. */
export interface ServedInterface {
  readonly interfaceId: bigint
  readonly methods: readonly ServedMethod[]
}

/** Results that wait for a caller who does not read; past this a call is refused as overload. */
export const UNSENT_BYTES_MAX = 67_108_864

interface Answer {
  readonly bootstrap: boolean
  readonly received: (() => void)[]
  /** Present while the handler runs. */
  context?: RunningCall
  /** The outcome is decided: nothing further is sent for this question. */
  returned: boolean
  /** The results were handed to the stream. */
  sent: boolean
  finished: boolean
}

export class Answers {
  readonly #served: ServedInterface | undefined
  readonly #output: Output
  readonly #room: OutputRoom
  readonly #afterCall: () => void
  readonly #trace: string
  readonly #answers = new Map<number, Answer>()
  #calls = 0
  #running = 0
  #exportCount = 0
  #refusal: QpqError | undefined

  /** @param afterCall called whenever a handler has ended. @param trace of the connection. */
  constructor(served: ServedInterface | undefined, output: Output, afterCall: () => void, trace = "") {
    this.#trace = trace
    this.#served = served
    this.#output = output
    this.#room = new OutputRoom(output)
    this.#afterCall = afterCall
  }

  /** Handlers that have not ended, those of cancelled calls included. */
  get running(): number {
    return this.#running
  }

  /** Questions of the peer that it has not finished. */
  get unfinished(): number {
    return this.#answers.size
  }

  /** Something was handed to the stream: who waits for room looks again. */
  flushed(): void {
    this.#room.wake()
  }

  /** Refuses new calls and aborts the signals of running ones with `reason`. */
  refuse(reason: QpqError): void {
    this.#refusal = reason
    for (const answer of this.#answers.values()) answer.context?.abort(reason)
  }

  /** The connection is gone. */
  lost(reason: QpqError): void {
    this.refuse(reason)
    for (const answer of this.#answers.values()) answer.returned = true
    this.#answers.clear()
  }

  onBootstrap(questionId: number): void {
    const answer = this.#claim(questionId, this.#served !== undefined)
    answer.returned = true
    if (this.#served === undefined) {
      this.#throw(questionId, unimplemented("bootstrap interface"))
    } else {
      this.#exportCount++
      this.#output.send(writeCapability(questionId))
    }
  }

  onCall(call: CallMessage): void {
    const request = requestName(this.#trace, ++this.#calls)
    const answer = this.#claim(call.questionId, false)
    const method = this.#methodOf(call)
    if (typeof method !== "function") {
      answer.returned = true
      this.#throw(call.questionId, method)
    } else {
      const context = new RunningCall(request, answer.received, this.#room)
      void this.#run(call, { answer, method, context })
    }
  }

  /** @throws E026 for a question never asked. */
  onFinish(finish: FinishMessage): void {
    const answer = this.#answers.get(finish.questionId)
    if (answer === undefined) throw malformed("Finish of an unknown question")
    this.#answers.delete(finish.questionId)
    answer.finished = true
    if (answer.bootstrap && finish.releaseResultCaps) this.#release(1)
    if (answer.sent) for (const job of answer.received) job()
    if (answer.returned) return
    answer.returned = true
    this.#output.send(writeCanceled(finish.questionId))
    answer.context?.abort(new QpqError("E054", "the caller cancelled"))
  }

  /** @throws E026 for what the peer does not hold. */
  onRelease(exportId: number, count: number): void {
    if (exportId !== MAIN_EXPORT) throw malformed("Release of an unknown export")
    this.#release(count)
  }

  #release(count: number): void {
    if (count > this.#exportCount) throw malformed("Release of more than was given")
    this.#exportCount -= count
  }

  /** @throws E026 for an id in use, E052 above the cap: both end the connection. */
  #claim(questionId: number, bootstrap: boolean): Answer {
    if (this.#answers.has(questionId)) throw malformed("question id is in use")
    if (this.#answers.size >= QUESTIONS_UNFINISHED_MAX) throw new QpqError("E052", "too many unfinished questions")
    const answer: Answer = { bootstrap, received: [], returned: false, sent: false, finished: false }
    this.#answers.set(questionId, answer)
    return answer
  }

  /** The method to run, or why the call is refused. */
  #methodOf(call: CallMessage): ServedMethod | WireException {
    if (!this.#holds(call.target)) {
      return call.target.kind === "unknown"
        ? unimplemented("call target")
        : exceptionOf(malformed("no such capability"))
    }
    if (!call.toCaller) return unimplemented("sendResultsTo")
    const served = this.#served
    const method = served?.interfaceId === call.interfaceId ? served.methods[call.methodId] : undefined
    if (method === undefined) return unimplemented("method")
    if (this.#refusal !== undefined) return exceptionOf(this.#refusal)
    if (this.#running >= CALLS_RUNNING_MAX) return exceptionOf(new QpqError("E052", "too many calls are running"))
    return method
  }

  #holds(target: CallTarget): boolean {
    if (target.kind === "import") return target.exportId === MAIN_EXPORT && this.#exportCount > 0
    if (target.kind === "answer") return target.plain && this.#answers.get(target.questionId)?.bootstrap === true
    return false
  }

  async #run(call: CallMessage, { answer, method, context }: Running): Promise<void> {
    answer.context = context
    this.#running++
    try {
      if (call.params === undefined) throw malformed("call without params")
      this.#return(call.questionId, answer, await method(call.params, context))
    } catch (thrown) {
      if (!answer.returned) {
        answer.returned = true
        this.#throw(call.questionId, exceptionOf(context.causeOf(thrown)))
      }
    } finally {
      delete answer.context
      this.#running--
      this.#afterCall()
    }
  }

  /** Results are written into the message only when the stream takes them. */
  #return(questionId: number, answer: Answer, results: Outgoing): void {
    if (answer.returned) return
    if (this.#output.unsentBytes > 0 && this.#output.unsentBytes + results.bytes > UNSENT_BYTES_MAX) {
      throw new QpqError("E052", "answers are not read")
    }
    answer.returned = true
    this.#output.sendLater(results.bytes, () => this.#build(questionId, answer, results))
  }

  #build(questionId: number, answer: Answer, results: Outgoing): Chunks {
    if (answer.finished) return writeCanceled(questionId)
    try {
      const chunks = writeResults(questionId, results)
      answer.sent = true
      return chunks
    } catch (thrown) {
      return writeException(questionId, exceptionOf(thrown))
    }
  }

  #throw(questionId: number, exception: WireException): void {
    this.#output.send(writeException(questionId, exception))
  }
}

/** Makes its AbortController only when a handler asks for the signal: most do not. */
interface Running {
  readonly answer: Answer
  readonly method: ServedMethod
  readonly context: RunningCall
}

class RunningCall implements CallContext {
  readonly request: string
  readonly #received: (() => void)[]
  readonly #room: OutputRoom
  #controller: AbortController | undefined
  #reason: QpqError | undefined

  constructor(request: string, received: (() => void)[], room: OutputRoom) {
    this.request = request
    this.#received = received
    this.#room = room
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  onReceived(job: () => void): void {
    this.#received.push(job)
  }

  async room(): Promise<void> {
    await this.#room.wait(this.signal)
    this.signal.throwIfAborted()
  }

  abort(reason: QpqError): void {
    this.#reason ??= reason
    this.#controller?.abort(this.#reason)
  }

  /** A handler that gave up on its signal may throw any kind of abort error; the reason says why it was asked to. */
  causeOf(thrown: unknown): unknown {
    return thrown instanceof QpqError ? thrown : (this.#reason ?? thrown)
  }
}
