/** How calls behave on a connection: order, cancellation, limits, ending. */
import { describe, expect, test } from "vitest"
import { QpqError } from "../../../core/domain/errors.ts"
import { CALLS_RUNNING_MAX, HALF_FRAME_MS_MAX, QUESTIONS_UNFINISHED_MAX } from "../../../core/domain/limits.ts"
import type { CallContext, ServedInterface } from "../../../core/rpc/answers.ts"
import { attach } from "../../../core/rpc/attach.ts"
import { Endpoint } from "../../../core/rpc/endpoint.ts"
import { writeBootstrap, writeCall, writeFinish } from "../../../core/rpc/rpc-writer.ts"
import { readRpcMessage, type RpcMessage } from "../../../core/rpc/rpc-message.ts"
import { FrameReader } from "../../../core/rpc/frame-reader.ts"
import { concat } from "../../../core/domain/bytes.ts"
import type { Incoming, Outgoing } from "../../../core/wire/message.ts"
import { StructView } from "../../../core/wire/struct-view.ts"
import { resolve } from "../../../core/wire/pointer.ts"
import { pingCodec } from "../../../core/wire/account-codec.ts"
import { recordingSink, type RecordingSink, streamPair } from "../../fakes/stream-pair.ts"
import { fakeWorld, turn } from "../../fakes/world.ts"

const INTERFACE_ID = 0x1234n
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted })

/** Ping's codec, its number used as the test's value. */
const outgoing = (value: number): Outgoing => pingCodec.encodeAnswer(value)
const valueOf = (incoming: Incoming): number =>
  Number(new StructView(incoming.frame, resolve(incoming.frame, incoming.place)).uint64(0))

interface Pending {
  readonly value: number
  readonly context: CallContext
  readonly answer: (value: number) => void
  readonly fail: (error: unknown) => void
}

/** Method 0 answers at once with the same value, method 1 waits for the test. */
function scriptedInterface(): { served: ServedInterface; pending: Pending[] } {
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

function joined(): ReturnType<typeof scriptedInterface> & {
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

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1000 && !condition(); turns++) await turn()
  expect(condition()).toBe(true)
}

describe("calls", () => {
  test("are answered, the first ones pipelined on the bootstrap", async () => {
    const { ask, client, server } = joined()
    expect(await Promise.all([ask(0, 1), ask(0, 2), ask(0, 3)])).toEqual([1, 2, 3])
    expect(await ask(0, 4)).toBe(4)
    await until(() => server.load.unfinished === 0)
    expect(client.load.asked).toBe(0)
  })

  test("end in any order", async () => {
    const { ask, pending } = joined()
    const ended: number[] = []
    const calls = [1, 2, 3].map((value) => ask(1, value).then((answer) => ended.push(answer)))
    await until(() => pending.length === 3)
    for (const call of [...pending].reverse()) call.answer(call.value)
    await Promise.all(calls)
    expect(ended).toEqual([3, 2, 1])
    expect(await ask(0, 9)).toBe(9)
  })

  test("fail with the callee's code; what is no QpqError goes out as E099 without detail", async () => {
    const { ask, pending } = joined()
    const refused = ask(1, 1)
    const broken = ask(1, 2)
    await until(() => pending.length === 2)
    pending[0]?.fail(new QpqError("E041", "of the recipient"))
    pending[1]?.fail(new TypeError("secret detail"))
    await expect(refused).rejects.toMatchObject({ code: "E041", message: "mailbox full: of the recipient" })
    await expect(broken).rejects.toMatchObject({ code: "E099", message: "internal fault" })
  })

  test("to an unknown method or interface are refused, the connection lives", async () => {
    const { ask, client } = joined()
    await expect(ask(7, 1)).rejects.toEqual(code("E026"))
    const other = client.call({ interfaceId: 99n, methodId: 0, params: outgoing(1) })
    await expect(other).rejects.toEqual(code("E026"))
    expect(await ask(0, 1)).toBe(1)
  })

  test("to a peer that offers nothing end the connection", async () => {
    const world = fakeWorld()
    const [near, far] = streamPair()
    attach(far, { world })
    const client = attach(near, { world })
    const call = client.call({ interfaceId: INTERFACE_ID, methodId: 0, params: outgoing(1) })
    await expect(call).rejects.toEqual(code("E026"))
    expect((await client.closed).code).toBe("E026")
  })
})

describe("cancelling", () => {
  test("aborts the handler, rejects with the signal's reason and frees both sides", async () => {
    const { ask, pending, client, server } = joined()
    const controller = new AbortController()
    const call = ask(1, 1, controller.signal)
    await until(() => pending.length === 1)
    const reason = new QpqError("E076")
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    await until(() => pending[0]?.context.signal.aborted === true)
    expect(pending[0]?.context.signal.reason).toEqual(code("E054"))
    await until(() => client.load.asked === 0 && server.load.unfinished === 0)
    expect(server.load.running).toBe(1)
    pending[0]?.answer(1)
    await until(() => server.load.running === 0)
    expect(await ask(0, 2)).toBe(2)
  })

  test("before the call sends nothing", async () => {
    const { ask, client } = joined()
    await expect(ask(0, 1, AbortSignal.abort(new QpqError("E076")))).rejects.toEqual(code("E076"))
    expect(client.load.unsentBytes).toBe(0)
  })

  test("an answer counts as received when its Finish comes, not when it is cancelled", async () => {
    const { ask, pending } = joined()
    const received: number[] = []
    const controller = new AbortController()
    const kept = ask(1, 1)
    const cancelled = ask(1, 2, controller.signal)
    await until(() => pending.length === 2)
    for (const { context, value } of pending) context.onReceived(() => received.push(value))
    pending[0]?.answer(1)
    const gone = expect(cancelled).rejects.toEqual(code("E076"))
    controller.abort(new QpqError("E076"))
    await kept
    await gone
    await until(() => received.length > 0)
    pending[1]?.answer(2)
    await turn()
    expect(received).toEqual([1])
  })
})

describe("ending", () => {
  test("a drain refuses new calls, aborts waiting ones, sends their answers and ends", async () => {
    const { ask, pending, client, server } = joined()
    const waiting = ask(1, 1)
    await until(() => pending.length === 1)
    pending[0]?.context.signal.addEventListener("abort", () => pending[0]?.answer(5))
    const drained = server.drain(1000)
    expect(await waiting).toBe(5)
    await drained
    expect((await server.closed).code).toBe("E059")
    expect((await client.closed).code).toBe("E059")
    await expect(ask(0, 1)).rejects.toEqual(code("E059"))
  })

  test("a waiting call that gives up on a drain fails with E059", async () => {
    const { ask, pending, server } = joined()
    const waiting = ask(1, 1)
    await until(() => pending.length === 1)
    pending[0]?.context.signal.addEventListener("abort", () => pending[0]?.fail(new DOMException("x", "AbortError")))
    const late = ask(1, 2)
    const refused = [waiting, late].map((call) => expect(call).rejects.toEqual(code("E059")))
    await server.drain(1000)
    await Promise.all(refused)
  })

  test("a drain waits for a stubborn handler only as long as it was told", async () => {
    const { ask, pending, server, world } = joined()
    const waiting = ask(1, 1)
    await until(() => pending.length === 1)
    let over = false
    const drained = server.drain(1000).then(() => (over = true))
    await world.advance(999)
    expect(over).toBe(false)
    const refused = expect(waiting).rejects.toEqual(code("E059"))
    await world.advance(1)
    await drained
    await refused
  })

  test("loss rejects every call and aborts every handler", async () => {
    const { ask, pending, client, server } = joined()
    const waiting = ask(1, 1)
    await until(() => pending.length === 1)
    client.failed(new QpqError("E055"))
    server.failed(new Error("socket"))
    await expect(waiting).rejects.toEqual(code("E055"))
    expect(pending[0]?.context.signal.reason).toEqual(code("E054"))
    pending[0]?.answer(1)
    await until(() => server.load.running === 0)
  })
})

/** A served endpoint without a peer: bytes are given by hand, what it says is read back. */
function alone(): {
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

const callBytes = (questionId: number, methodId: number, value = questionId): Uint8Array =>
  concat(...writeCall({ questionId, to: { importId: 0 }, interfaceId: INTERFACE_ID, methodId }, outgoing(value)))
const bootstrapBytes = concat(...writeBootstrap(0))

describe("a peer that misbehaves", () => {
  const abortOf = (messages: RpcMessage[]): unknown => messages.at(-1)

  test("is told why by an Abort, then dropped", async () => {
    const { endpoint, said, sink } = alone()
    endpoint.receive(concat(...writeFinish(5, true)))
    expect(abortOf(said())).toMatchObject({ kind: "abort", exception: { reason: expect.stringMatching(/^E026: /) } })
    expect(sink.ended).toBe(true)
    expect((await endpoint.closed).code).toBe("E026")
    endpoint.receive(bootstrapBytes)
    expect(said()).toHaveLength(1)
  })

  test("may not reuse a question id", () => {
    const { endpoint, said } = alone()
    endpoint.receive(concat(bootstrapBytes, callBytes(1, 1), callBytes(1, 1)))
    expect(abortOf(said())).toMatchObject({ kind: "abort" })
  })

  test("may not call what it does not hold", async () => {
    const { endpoint, said } = alone()
    endpoint.receive(callBytes(1, 0))
    await turn()
    expect(said()).toMatchObject([{ kind: "return", outcome: { kind: "exception" } }])
    endpoint.receive(concat(bootstrapBytes, ...writeFinish(0, true), callBytes(2, 0)))
    await turn()
    expect(said().at(-1)).toMatchObject({ kind: "return", answerId: 2, outcome: { kind: "exception" } })
  })

  test("has at most 1024 unfinished questions", () => {
    const { endpoint, said } = alone()
    endpoint.receive(bootstrapBytes)
    for (let id = 1; id < QUESTIONS_UNFINISHED_MAX; id++) endpoint.receive(callBytes(id, 0))
    expect(endpoint.failure).toBeUndefined()
    endpoint.receive(callBytes(QUESTIONS_UNFINISHED_MAX, 0))
    expect(endpoint.failure).toEqual(code("E052"))
    expect(abortOf(said())).toMatchObject({ kind: "abort", exception: { type: "overloaded" } })
  })

  test("has at most 256 running calls, cancelled ones that go on included", async () => {
    const { endpoint, said, pending } = alone()
    endpoint.receive(bootstrapBytes)
    for (let id = 1; id <= CALLS_RUNNING_MAX; id++) {
      endpoint.receive(callBytes(id, 1))
      endpoint.receive(concat(...writeFinish(id, true)))
    }
    endpoint.receive(callBytes(1, 1))
    await turn()
    expect(said().at(-1)).toMatchObject({
      outcome: { kind: "exception", exception: { type: "overloaded", reason: expect.stringMatching(/^E052: /) } },
    })
    expect(endpoint.load.running).toBe(CALLS_RUNNING_MAX)
    pending[0]?.answer(1)
    await turn()
    endpoint.receive(callBytes(2, 1))
    expect(pending).toHaveLength(CALLS_RUNNING_MAX + 1)
  })

  test("is not read while it does not read its answers", async () => {
    const { endpoint, sink, pending } = alone()
    sink.accept = false
    endpoint.receive(concat(bootstrapBytes, callBytes(1, 0)))
    await turn()
    expect(sink.paused).toBe(true)
    const before = sink.chunks.length
    for (let id = 2; id < 500; id++) endpoint.receive(callBytes(id, 1))
    await turn()
    expect(pending).toHaveLength(0)
    expect(sink.chunks).toHaveLength(before)
    sink.accept = true
    endpoint.drained()
    await turn()
    expect(sink.paused).toBe(false)
    expect(pending).toHaveLength(CALLS_RUNNING_MAX)
  })

  test("cannot make large answers pile up", async () => {
    const sink = recordingSink()
    sink.accept = false
    const large: Outgoing = { bytes: 4_194_304, write: () => expect.unreachable() }
    const answers: ((answer: Outgoing) => void)[] = []
    const served: ServedInterface = {
      interfaceId: INTERFACE_ID,
      methods: [() => new Promise((answer) => answers.push(answer))],
    }
    const endpoint = new Endpoint({ sink, world: fakeWorld(), served })
    endpoint.receive(concat(bootstrapBytes, ...Array.from({ length: 200 }, (_, index) => callBytes(index + 1, 0))))
    expect(answers).toHaveLength(200)
    await turn()
    for (const answer of answers) answer(large)
    await turn()
    expect(endpoint.load.running).toBe(0)
    expect(endpoint.load.unsentBytes).toBeLessThan(70_000_000)
    endpoint.close()
    expect(sink.resetCode).toBeDefined()
  })

  test("must complete a frame it began within 30 s", async () => {
    const { endpoint, said, world } = alone()
    const bytes = callBytes(1, 0)
    endpoint.receive(bootstrapBytes)
    endpoint.receive(bytes.subarray(0, 20))
    await world.advance(HALF_FRAME_MS_MAX - 1)
    endpoint.receive(bytes.subarray(20))
    endpoint.receive(callBytes(2, 0).subarray(0, 9))
    await world.advance(1)
    expect(endpoint.failure).toBeUndefined()
    await world.advance(HALF_FRAME_MS_MAX)
    expect(endpoint.failure).toEqual(code("E055"))
    expect(abortOf(said())).toMatchObject({ kind: "abort" })
    expect(world.clock.pending).toBe(0)
  })

  test("gets messages of unknown kinds back, and an Abort for a large one", async () => {
    const { endpoint, said } = alone()
    const resolveMessage = [0, 0x0001_0001, 5, 0, 0, 0x0001_0001, 1, 0, 0, 0]
    const frame = (...tail: readonly number[]): Uint8Array =>
      new Uint8Array(
        Uint32Array.from([0, (resolveMessage.length + tail.length) / 2, ...resolveMessage, ...tail]).buffer,
      )
    endpoint.receive(frame())
    await turn()
    expect(endpoint.failure).toBeUndefined()
    expect(said()).toMatchObject([{ kind: "unimplemented", questionId: undefined }])
    endpoint.receive(frame(...Array<number>(2000).fill(0)))
    expect(endpoint.failure).toEqual(code("E026"))
  })

  test("that sends an Abort ends the connection with its error", async () => {
    const { client, server, ask } = joined()
    const call = ask(1, 1)
    await turn()
    server.abort(new QpqError("E051"))
    await expect(call).rejects.toEqual(code("E051"))
    expect((await client.closed).code).toBe("E051")
  })
})

test("a caller has at most 1024 questions of its own", async () => {
  const world = fakeWorld()
  const client = new Endpoint({ sink: recordingSink(), world })
  const call = (): Promise<unknown> => client.call({ interfaceId: INTERFACE_ID, methodId: 0, params: outgoing(1) })
  const calls = Array.from({ length: QUESTIONS_UNFINISHED_MAX - 1 }, call)
  await expect(call()).rejects.toEqual(code("E052"))
  client.close()
  for (const result of await Promise.allSettled(calls)) expect(result).toMatchObject({ reason: code("E054") })
})
