/**
 * Builds the messages of rpc.capnp that this side sends, each in stream framing. The envelopes around every call and
 * return are made once with the generated code and then copied; only their ids are written anew.
 */
import { type Struct, utils } from "capnp-es"
import { type Call, type Exception, Message as Rpc, Payload } from "capnp-es/capnp/rpc"
import { QpqError } from "../domain/errors.ts"
import { FRAME_BYTES_MAX } from "../domain/limits.ts"
import { EXCEPTION_TYPES, type WireException } from "../wire/error-codec.ts"
import { type Frame, malformed, WORD_BYTES } from "../wire/frame.ts"
import { framed, type Outgoing, paddedBytes, sizedMessage, structAt } from "../wire/message.ts"

/** One or two chunks that follow each other on the stream. */
export type Chunks = readonly Uint8Array[]

/** Room for the envelope of any message here: Message, Call or Return, MessageTarget, Payload, capability table. */
const ENVELOPE_BYTES = 200

/** What a call is addressed to: the peer's capability, or the answer of the bootstrap question it is still to give. */
export type CallTo = { readonly importId: number } | { readonly questionId: number }

export interface CallHead {
  readonly questionId: number
  readonly to: CallTo
  readonly interfaceId: bigint
  readonly methodId: number
}

/** The export id of the one capability this side offers. */
export const MAIN_EXPORT = 0

export function writeBootstrap(questionId: number): Chunks {
  return write(0, (rpc) => {
    rpc._initBootstrap().questionId = questionId
  })
}

/** @throws what `params.write` throws, E025 when the whole is larger than a frame. */
export function writeCall(head: CallHead, params: Outgoing): Chunks {
  const pipelined = "questionId" in head.to
  return copyEnvelope(pipelined ? PIPELINED_CALL : CALL, params, (view, { body, target }) => {
    view.setUint32(body, head.questionId, true)
    view.setUint16(body + 4, head.methodId, true)
    view.setBigUint64(body + 8, head.interfaceId, true)
    view.setUint32(target, "questionId" in head.to ? head.to.questionId : head.to.importId, true)
  })
}

export function writeFinish(questionId: number, releaseResultCaps: boolean): Chunks {
  return copyEnvelope(FINISH, undefined, (view, { body }) => {
    view.setUint32(body, questionId, true)
    // The schema's default is true, so the bit says the opposite.
    view.setUint8(body + 4, releaseResultCaps ? 0 : 1)
  })
}

export function writeResults(answerId: number, results: Outgoing): Chunks {
  return copyEnvelope(RETURN, results, (view, { body }) => {
    view.setUint32(body, answerId, true)
  })
}

/** The answer to Bootstrap: our one capability. */
export function writeCapability(answerId: number): Chunks {
  return write(0, (rpc) => {
    const answer = rpc._initReturn()
    answer.answerId = answerId
    const payload = answer._initResults()
    utils.setInterfacePointer(0, payload.content)
    payload._initCapTable(1).get(0).senderHosted = MAIN_EXPORT
  })
}

export function writeException(answerId: number, exception: WireException): Chunks {
  return write(paddedBytes(3 * exception.reason.length), (rpc) => {
    const answer = rpc._initReturn()
    answer.answerId = answerId
    fill(answer._initException(), exception)
  })
}

export function writeCanceled(answerId: number): Chunks {
  return write(0, (rpc) => {
    const answer = rpc._initReturn()
    answer.answerId = answerId
    answer.canceled = true
  })
}

export function writeAbort(exception: WireException): Chunks {
  return write(paddedBytes(3 * exception.reason.length), (rpc) => {
    fill(rpc._initAbort(), exception)
  })
}

/** Sends a message back that this side does not implement. @throws E026 when it cannot be copied. */
export function writeUnimplemented(frame: Frame, frameBytes: number): Chunks {
  try {
    return write(frameBytes, (rpc) => {
      rpc.unimplemented = structAt(frame, { segment: 0, word: 0 }, Rpc)
    })
  } catch (cause) {
    throw malformed("message of an unknown kind", cause)
  }
}

function write(bytes: number, build: (rpc: Rpc) => void): Chunks {
  const message = sizedMessage(ENVELOPE_BYTES + bytes)
  build(message.initRoot(Rpc))
  return framed(message)
}

function fill(target: Exception, exception: WireException): void {
  target.reason = exception.reason
  target.type = EXCEPTION_TYPES.indexOf(exception.type) as Exception["type"]
}

/** A message made once, and where in it the changing parts stand, in bytes from its start. */
interface Envelope {
  readonly bytes: Uint8Array
  /** Data section of the Call, Return or Finish. */
  readonly body: number
  /** Data section of what a call is addressed to. */
  readonly target: number
  /** The pointer to the payload. */
  readonly payload: number
}

interface EnvelopeParts {
  readonly body: Struct
  readonly target?: Struct
  readonly payload?: Payload
}

function envelope(build: (rpc: Rpc) => EnvelopeParts): Envelope {
  const message = sizedMessage(ENVELOPE_BYTES)
  const { body, target, payload } = build(message.initRoot(Rpc))
  const segment = message.getSegment(0)
  return {
    bytes: new Uint8Array(segment.buffer.slice(0, segment.byteLength)),
    body: utils.getContent(body).byteOffset,
    target: utils.getContent(target ?? body).byteOffset,
    payload: payload?.byteOffset ?? 0,
  }
}

function callEnvelope(address: (call: Call) => Struct): Envelope {
  return envelope((rpc) => {
    const body = rpc._initCall()
    return { body, target: address(body), payload: body._initParams() }
  })
}

const CALL = callEnvelope((call) => {
  const target = call._initTarget()
  target.importedCap = 0
  return target
})
const PIPELINED_CALL = callEnvelope((call) => call._initTarget()._initPromisedAnswer())
const RETURN = envelope((rpc) => {
  const body = rpc._initReturn()
  return { body, payload: body._initResults() }
})
const FINISH = envelope((rpc) => ({ body: rpc._initFinish() }))

function copyEnvelope(
  from: Envelope,
  content: Outgoing | undefined,
  patch: (view: DataView, from: Envelope) => void,
): Chunks {
  const message = sizedMessage(from.bytes.length + (content?.bytes ?? 0))
  const segment = message.getSegment(0)
  new Uint8Array(segment.buffer).set(from.bytes)
  segment.byteLength = from.bytes.length
  patch(new DataView(segment.buffer), from)
  content?.write(new Payload(segment, from.payload))
  if (segment.byteLength + WORD_BYTES > FRAME_BYTES_MAX) throw new QpqError("E025", "message larger than a frame")
  return framed(message)
}
