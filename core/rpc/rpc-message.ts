/** Reads the messages of rpc.capnp (level 0 and what must be recognised to be refused), every pointer's kind checked. */
import { EXCEPTION_TYPES, type WireException } from "../wire/error-codec.ts"
import { type Frame, malformed } from "../wire/frame.ts"
import type { Incoming } from "../wire/message.ts"
import { StructView } from "../wire/struct-view.ts"

export type CallTarget =
  | { readonly kind: "import"; readonly exportId: number }
  | { readonly kind: "answer"; readonly questionId: number; readonly plain: boolean }
  | { readonly kind: "unknown" }

export interface CallMessage {
  readonly kind: "call"
  readonly questionId: number
  readonly target: CallTarget
  readonly interfaceId: bigint
  readonly methodId: number
  /** Results go back to the caller, the only place we send them to. */
  readonly toCaller: boolean
  readonly params: Incoming | undefined
}

export type Outcome =
  | { readonly kind: "results"; readonly content: Incoming | undefined; readonly capability: number | undefined }
  | { readonly kind: "exception"; readonly exception: WireException }
  | { readonly kind: "canceled" }
  | { readonly kind: "unknown" }

export interface ReturnMessage {
  readonly kind: "return"
  readonly answerId: number
  readonly finishNeeded: boolean
  readonly outcome: Outcome
}

export interface FinishMessage {
  readonly kind: "finish"
  readonly questionId: number
  readonly releaseResultCaps: boolean
}

export type RpcMessage =
  | CallMessage
  | ReturnMessage
  | FinishMessage
  | { readonly kind: "bootstrap"; readonly questionId: number }
  | { readonly kind: "release"; readonly exportId: number; readonly count: number }
  | { readonly kind: "abort"; readonly exception: WireException }
  | { readonly kind: "unimplemented"; readonly questionId: number | undefined }
  | { readonly kind: "disembargo" }
  | { readonly kind: "unknown" }

/** Tags of rpc.capnp's unions; byte offsets below are those of its compiled structs. */
const MESSAGE = { unimplemented: 0, abort: 1, call: 2, return: 3, finish: 4, release: 6, bootstrap: 8, disembargo: 13 }
const RETURN = { results: 0, exception: 1, canceled: 2 }
const TARGET = { import: 0, answer: 1 }
const CAPABILITY = { senderHosted: 1, senderPromise: 2 }

/** @param frame structure-checked. @throws E026 when it does not follow rpc.capnp. */
export function readRpcMessage(frame: Frame): RpcMessage {
  const root = StructView.root(frame)
  const body = root.struct(0)
  switch (root.uint16(0)) {
    case MESSAGE.call:
      return readCall(frame, body)
    case MESSAGE.return:
      return readReturn(frame, body)
    case MESSAGE.finish:
      return { kind: "finish", questionId: body.uint32(0), releaseResultCaps: !body.bit(32) }
    case MESSAGE.bootstrap:
      return { kind: "bootstrap", questionId: body.uint32(0) }
    case MESSAGE.release:
      return { kind: "release", exportId: body.uint32(0), count: body.uint32(4) }
    case MESSAGE.abort:
      return { kind: "abort", exception: readException(body) }
    case MESSAGE.unimplemented:
      return { kind: "unimplemented", questionId: questionOf(body) }
    case MESSAGE.disembargo:
      return { kind: "disembargo" }
    default:
      return { kind: "unknown" }
  }
}

function readCall(frame: Frame, body: StructView): CallMessage {
  return {
    kind: "call",
    questionId: body.uint32(0),
    target: readTarget(body.struct(0)),
    interfaceId: body.uint64(8),
    methodId: body.uint16(4),
    toCaller: body.uint16(6) === 0,
    params: contentOf(frame, body.struct(1)),
  }
}

function readTarget(target: StructView): CallTarget {
  const tag = target.uint16(4)
  if (tag === TARGET.import) return { kind: "import", exportId: target.uint32(0) }
  if (tag !== TARGET.answer) return { kind: "unknown" }
  const promised = target.struct(0)
  return { kind: "answer", questionId: promised.uint32(0), plain: promised.structs(0).length === 0 }
}

function readReturn(frame: Frame, body: StructView): ReturnMessage {
  return {
    kind: "return",
    answerId: body.uint32(0),
    finishNeeded: !body.bit(33),
    outcome: readOutcome(frame, body),
  }
}

function readOutcome(frame: Frame, body: StructView): Outcome {
  switch (body.uint16(6)) {
    case RETURN.results: {
      const payload = body.struct(0)
      return { kind: "results", content: contentOf(frame, payload), capability: capabilityOf(payload) }
    }
    case RETURN.exception:
      return { kind: "exception", exception: readException(body.struct(0)) }
    case RETURN.canceled:
      return { kind: "canceled" }
    default:
      return { kind: "unknown" }
  }
}

function contentOf(frame: Frame, payload: StructView): Incoming | undefined {
  const place = payload.place(0)
  return place === undefined ? undefined : { frame, place }
}

/** Import id of the first capability that a payload carries. */
function capabilityOf(payload: StructView): number | undefined {
  const [first] = payload.structs(1)
  const tag = first?.uint16(0)
  return tag === CAPABILITY.senderHosted || tag === CAPABILITY.senderPromise ? first?.uint32(4) : undefined
}

function readException(body: StructView): WireException {
  return { type: EXCEPTION_TYPES[body.uint16(4)] ?? "failed", reason: body.text(0) }
}

/** The question that a message we sent had asked, when the peer sends it back as not implemented. */
function questionOf(echoed: StructView): number | undefined {
  const tag = echoed.uint16(0)
  if (tag === MESSAGE.unimplemented) throw malformed("Unimplemented about Unimplemented")
  return tag === MESSAGE.call || tag === MESSAGE.bootstrap ? echoed.struct(0).uint32(0) : undefined
}
