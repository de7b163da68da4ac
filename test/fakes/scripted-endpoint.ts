/** A small scripted interface for tests of the endpoint itself, and endpoints to reach it. */
import { expect } from "vitest"
import { concat } from "../../core/domain/bytes.ts"
import type { CallContext, ServedInterface } from "../../core/rpc/answers.ts"
import { attach } from "../../core/rpc/attach.ts"
import { Endpoint } from "../../core/rpc/endpoint.ts"
import { FrameReader } from "../../core/rpc/frame-reader.ts"
import { readRpcMessage, type RpcMessage } from "../../core/rpc/rpc-message.ts"
import { writeBootstrap, writeCall } from "../../core/rpc/rpc-writer.ts"
import { pingCodec } from "../../core/wire/account-codec.ts"
import type { Incoming, Outgoing } from "../../core/wire/message.ts"
import { resolve } from "../../core/wire/pointer.ts"
import { StructView } from "../../core/wire/struct-view.ts"
import { recordingSink, type RecordingSink, streamPair } from "./stream-pair.ts"
import { fakeWorld, turn } from "./world.ts"

export const INTERFACE_ID = 0x1234n
export const code = (wanted: string): unknown => expect.objectContaining({ code: wanted })

/** Ping's codec, its number used as the test's value. */
export const outgoing = (value: number): Outgoing => pingCodec.encodeAnswer(value)
export const valueOf = (incoming: Incoming): number =>
  Number(new StructView(incoming.frame, resolve(incoming.frame, incoming.place)).uint64(0))

export interface Pending {
  readonly value: number
  readonly context: CallContext
  readonly answer: (value: number) => void
  readonly fail: (error: unknown) => void
}

/** Method 0 answers at once with the same value, method 1 waits for the test. */
export function scriptedInterface(): { served: ServedInterface; pending: Pending[] } {
  const pending: Pending[] = []
  const served: ServedInterface = {
    interfaceId: INTERFACE_ID,
    methods: [
      async (params) => outgoing(valueOf(params)),
      (params, context) =>
        new Promise<Outgoing>((answer, fail) => {
          pending.push({ value: valueOf(params), context, answer: (value) => answer(outgoing(value)), fail })
        }),
    ],
  }
  return { served, pending }
}

export function joined(): ReturnType<typeof scriptedInterface> & {
  client: Endpoint
  server: Endpoint
  world: ReturnType<typeof fakeWorld>
  ask: (methodId: number, value: number, signal?: AbortSignal) => Promise<number>
} {
  const world = fakeWorld()
  const [near, far] = streamPair()
  const script = scriptedInterface()
  const server = attach(far, { world, served: script.served })
  const client = attach(near, { world })
  const ask = async (methodId: number, value: number, signal?: AbortSignal): Promise<number> =>
    valueOf(
      await client.call({
        interfaceId: INTERFACE_ID,
        methodId,
        params: outgoing(value),
        ...(signal !== undefined && { signal }),
      }),
    )
  return { ...script, client, server, world, ask }
}

export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1000 && !condition(); turns++) await turn()
  expect(condition()).toBe(true)
}

/** A served endpoint without a peer: bytes are given by hand, what it says is read back. */
export function alone(): {
  endpoint: Endpoint
  sink: RecordingSink
  said: () => RpcMessage[]
  world: ReturnType<typeof fakeWorld>
} & ReturnType<typeof scriptedInterface> {
  const sink = recordingSink()
  const world = fakeWorld()
  const script = scriptedInterface()
  const endpoint = new Endpoint({ sink, world, served: script.served })
  const said = (): RpcMessage[] => {
    const reader = new FrameReader()
    reader.push(concat(...sink.chunks))
    const messages: RpcMessage[] = []
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) messages.push(readRpcMessage(frame))
    return messages
  }
  return { endpoint, sink, said, world, ...script }
}

export const callBytes = (questionId: number, methodId: number, value = questionId): Uint8Array =>
  concat(...writeCall({ questionId, to: { importId: 0 }, interfaceId: INTERFACE_ID, methodId }, outgoing(value)))
export const bootstrapBytes = concat(...writeBootstrap(0))
