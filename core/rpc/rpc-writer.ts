/** Builds the messages of rpc.capnp that this side sends, each in stream framing. */
import { utils } from "capnp-es"
import { type Call, type Exception, Message as Rpc } from "capnp-es/capnp/rpc"
import { EXCEPTION_TYPES, type WireException } from "../wire/error-codec.ts"
import { type Frame, malformed } from "../wire/frame.ts"
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

/** May throw what `params.write` throws; then nothing was sent. */
export function writeCall(head: CallHead, params: Outgoing): Chunks {
  return write(params.bytes, (rpc) => {
    const call = rpc._initCall()
    call.questionId = head.questionId
    call.interfaceId = head.interfaceId
    call.methodId = head.methodId
    writeTarget(call, head.to)
    params.write(call._initParams())
  })
}

export function writeFinish(questionId: number, releaseResultCaps: boolean): Chunks {
  return write(0, (rpc) => {
    const finish = rpc._initFinish()
    finish.questionId = questionId
    finish.releaseResultCaps = releaseResultCaps
  })
}

export function writeResults(answerId: number, results: Outgoing): Chunks {
  return write(results.bytes, (rpc) => {
    const answer = rpc._initReturn()
    answer.answerId = answerId
    results.write(answer._initResults())
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

function writeTarget(call: Call, to: CallTo): void {
  const target = call._initTarget()
  if ("importId" in to) target.importedCap = to.importId
  else target._initPromisedAnswer().questionId = to.questionId
}

function fill(target: Exception, exception: WireException): void {
  target.reason = exception.reason
  target.type = EXCEPTION_TYPES.indexOf(exception.type) as Exception["type"]
}
