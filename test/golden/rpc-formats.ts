/** Frames of every call and every answer of the interface, and of what an endpoint says besides. */
import { concat } from "../../core/domain/bytes.ts"
import type { CallTo } from "../../core/rpc/rpc-writer.ts"
import {
  writeAbort,
  writeBootstrap,
  writeCall,
  writeCanceled,
  writeCapability,
  writeException,
  writeFinish,
  writeResults,
} from "../../core/rpc/rpc-writer.ts"
import type { Chunks } from "../../core/rpc/rpc-writer.ts"
import type { CallMessage, RpcMessage } from "../../core/rpc/rpc-message.ts"
import { exceptionOf } from "../../core/wire/error-codec.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { Incoming } from "../../core/wire/message.ts"
import type { MethodCodec } from "../../core/wire/method-codec.ts"
import { NODE_CODECS } from "../../core/wire/node-codec.ts"
import { messageIn, spoken } from "../fuzz/spoken-calls.ts"
import type { Format } from "./format.ts"

type Codec = MethodCodec<unknown, unknown>

const METHODS = Object.entries(NODE_CODECS) as unknown as readonly (readonly [string, Codec])[]

const calls = METHODS.map(([method, codec]): Format => ({
  name: `call of ${method}`,
  make: async () => (await spoken(method)).calls[1]!,
  read: (frame) => codec.decodeRequest(contentOf(callIn(frame).params)),
  again: (frame) => {
    const { questionId, interfaceId, methodId, params, target } = callIn(frame)
    const { request, auth } = codec.decodeRequest(contentOf(params))
    return concat(
      ...writeCall({ questionId, to: toOf(target), interfaceId, methodId }, codec.encodeRequest(request, auth)),
    )
  },
}))

const answers = METHODS.map(([method, codec]): Format => ({
  name: `answer of ${method}`,
  make: async () => (await spoken(method)).answers[1]!,
  read: (frame) => codec.decodeAnswer(resultsIn(frame).content) ?? "nothing",
  again: (frame) => {
    const { answerId, content } = resultsIn(frame)
    return concat(...writeResults(answerId, codec.encodeAnswer(codec.decodeAnswer(content))))
  },
}))

const ODD = { type: "failed", reason: "some words" } as const
const REFUSED = exceptionOf(new QpqError("E041", "mailbox full"))

/** What has no fields of ours is the whole message. */
const envelopes = (
  [
    ["bootstrap", () => writeBootstrap(7)],
    ["the capability", () => writeCapability(7)],
    ["a refusal", () => writeException(7, REFUSED)],
    ["canceled", () => writeCanceled(7)],
    ["finish", () => writeFinish(7, true)],
    ["abort", () => writeAbort(ODD)],
  ] as const satisfies readonly (readonly [string, () => Chunks])[]
).map(([name, write]): Format => ({
  name: `rpc: ${name}`,
  make: () => concat(...write()),
  read: (frame) => messageIn(frame),
  again: () => concat(...write()),
}))

export const RPC_FORMATS: readonly Format[] = [...calls, ...answers, ...envelopes]

function messageOf<Kind extends RpcMessage["kind"]>(frame: Uint8Array, kind: Kind): RpcMessage & { kind: Kind } {
  const message = messageIn(frame)
  if (message?.kind !== kind) throw new Error(`${message?.kind ?? "nothing"} instead of ${kind}`)
  return message as RpcMessage & { kind: Kind }
}

const callIn = (frame: Uint8Array): CallMessage => messageOf(frame, "call")

function resultsIn(frame: Uint8Array): { readonly answerId: number; readonly content: Incoming } {
  const { answerId, outcome } = messageOf(frame, "return")
  if (outcome.kind !== "results") throw new Error(`${outcome.kind} instead of results`)
  return { answerId, content: contentOf(outcome.content) }
}

function contentOf(incoming: Incoming | undefined): Incoming {
  if (!incoming) throw new Error("no content")
  return incoming
}

function toOf(target: CallMessage["target"]): CallTo {
  if (target.kind === "import") return { importId: target.exportId }
  if (target.kind === "answer") return { questionId: target.questionId }
  throw new Error("an unknown target")
}
