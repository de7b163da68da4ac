/** The caller's side of an endpoint: the bootstrap question, calls pipelined on it, returns and cancellation. */
import { QpqError } from "../domain/errors.ts"
import { QUESTIONS_UNFINISHED_MAX } from "../domain/limits.ts"
import { errorOf } from "../wire/error-codec.ts"
import { malformed } from "../wire/frame.ts"
import type { Incoming, Outgoing } from "../wire/message.ts"
import { requestName, UNSENT_BYTES_MAX } from "./answers.ts"
import type { Output } from "./output.ts"
import type { Outcome, ReturnMessage } from "./rpc-message.ts"
import { type CallTo, writeBootstrap, writeCall, writeFinish } from "./rpc-writer.ts"

export interface CallRequest {
  readonly interfaceId: bigint
  readonly methodId: number
  readonly params: Outgoing
  /** Aborting it tells the callee to stop and rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

interface Question {
  /** Takes the outcome of a call that still wants it. */
  settle: (outcome: Outcome) => void
  reject: (error: unknown) => void
  cancelled: boolean
}

type Bootstrap =
  | { readonly kind: "none" }
  | { readonly kind: "asked"; readonly questionId: number }
  | { readonly kind: "held"; readonly importId: number }

export class Questions {
  readonly #output: Output
  readonly #fail: (error: QpqError) => void
  readonly #questions = new Map<number, Question>()
  readonly #freeIds: number[] = []
  readonly #trace: string
  #idsUsed = 0
  #calls = 0
  #bootstrap: Bootstrap = { kind: "none" }
  #lost: QpqError | undefined

  /** @param fail ends the connection: the peer offers nothing to call. */
  constructor(output: Output, fail: (error: QpqError) => void, trace = "") {
    this.#trace = trace
    this.#output = output
    this.#fail = fail
  }

  /** Questions without a Return, cancelled ones included. */
  get unfinished(): number {
    return this.#questions.size
  }

  /** @throws what `params.write` throws, E052 when too much is under way, the peer's error, or the signal's reason. */
  async call(request: CallRequest): Promise<Incoming> {
    const { signal, params } = request
    signal?.throwIfAborted()
    if (this.#lost !== undefined) throw this.#lost
    this.#admit(params.bytes)
    const to = this.#target()
    const questionId = this.#nextId()
    try {
      this.#output.send(writeCall({ ...request, questionId, to }, params))
    } catch (thrown) {
      this.#freeIds.push(questionId)
      throw thrown
    }
    // Sent in order on one stream: the callee counts alike.
    const name = requestName(this.#trace, ++this.#calls)
    return new Promise<Incoming>((resolve, reject) => {
      const refused = (error: QpqError): void => reject(Object.assign(error, { request: name }))
      const question: Question = { settle: (outcome) => settle(outcome, resolve, refused), reject, cancelled: false }
      this.#questions.set(questionId, question)
      if (signal !== undefined) this.#cancelBy(signal, questionId, question)
    })
  }

  /** @throws E026 for a question never asked. */
  onReturn(message: ReturnMessage): void {
    const { answerId, outcome } = message
    const question = this.#questions.get(answerId)
    if (question === undefined) throw malformed("Return of an unknown question")
    if (this.#bootstrap.kind === "asked" && this.#bootstrap.questionId === answerId) this.#onBootstrap(outcome)
    if (!question.cancelled && message.finishNeeded) {
      this.#output.send(writeFinish(answerId, !isHeld(this.#bootstrap, outcome)))
    }
    this.#close(answerId)
    question.settle(outcome)
  }

  /** The peer sent a question back as not implemented; there will be no Return. */
  onUnimplemented(questionId: number): void {
    const question = this.#questions.get(questionId)
    if (question === undefined) throw malformed("Unimplemented about an unknown question")
    this.#close(questionId)
    question.reject(new QpqError("E058"))
  }

  lost(error: QpqError): void {
    this.#lost = error
    for (const question of this.#questions.values()) question.reject(error)
    this.#questions.clear()
  }

  #admit(bytes: number): void {
    if (this.#questions.size >= QUESTIONS_UNFINISHED_MAX) throw new QpqError("E052", "too many unfinished questions")
    const { unsentBytes } = this.#output
    if (unsentBytes > 0 && unsentBytes + bytes > UNSENT_BYTES_MAX) throw new QpqError("E052", "too much is unsent")
  }

  #nextId(): number {
    return this.#freeIds.pop() ?? this.#idsUsed++
  }

  #close(questionId: number): void {
    this.#questions.delete(questionId)
    this.#freeIds.push(questionId)
  }

  /** Calls do not wait for the bootstrap: until it is answered they go to its promised answer. */
  #target(): CallTo {
    if (this.#bootstrap.kind === "none") {
      const questionId = this.#nextId()
      this.#bootstrap = { kind: "asked", questionId }
      this.#questions.set(questionId, { settle: () => undefined, reject: () => undefined, cancelled: false })
      this.#output.send(writeBootstrap(questionId))
    }
    return this.#bootstrap.kind === "held"
      ? { importId: this.#bootstrap.importId }
      : { questionId: this.#bootstrap.questionId }
  }

  #onBootstrap(outcome: Outcome): void {
    if (outcome.kind === "results" && outcome.capability !== undefined) {
      this.#bootstrap = { kind: "held", importId: outcome.capability }
    } else {
      this.#fail(outcome.kind === "exception" ? errorOf(outcome.exception) : new QpqError("E058"))
    }
  }

  #cancelBy(signal: AbortSignal, questionId: number, question: Question): void {
    const cancel = (): void => {
      question.cancelled = true
      this.#output.send(writeFinish(questionId, true))
      question.reject(signal.reason)
      question.settle = question.reject = () => undefined
    }
    const { settle, reject } = question
    const unlisten = (): void => signal.removeEventListener("abort", cancel)
    question.settle = (outcome) => {
      unlisten()
      settle(outcome)
    }
    question.reject = (error) => {
      unlisten()
      reject(error)
    }
    signal.addEventListener("abort", cancel, { once: true })
  }
}

/** Whether this Return brought the capability that calls are now addressed to. */
const isHeld = (bootstrap: Bootstrap, outcome: Outcome): boolean =>
  bootstrap.kind === "held" && outcome.kind === "results" && outcome.capability === bootstrap.importId

function settle(outcome: Outcome, resolve: (content: Incoming) => void, reject: (error: QpqError) => void): void {
  if (outcome.kind === "exception") reject(errorOf(outcome.exception))
  else if (outcome.kind === "results" && outcome.content !== undefined) resolve(outcome.content)
  else reject(malformed("Return without results"))
}
