/** How calls behave on a connection: order, cancellation, ending. */
import { describe, expect, test } from "vitest"
import { concat } from "../../../core/domain/bytes.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { QUESTIONS_UNFINISHED_MAX } from "../../../core/domain/limits.ts"
import { attach } from "../../../core/rpc/attach.ts"
import { Endpoint } from "../../../core/rpc/endpoint.ts"
import {
  alone,
  bootstrapBytes,
  callBytes,
  code,
  INTERFACE_ID,
  joined,
  outgoing,
  until,
} from "../../fakes/scripted-endpoint.ts"
import { recordingSink, streamPair } from "../../fakes/stream-pair.ts"
import { fakeWorld, turn } from "../../fakes/world.ts"

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

test("a handler that waits for room goes on when the caller has taken what it was answered before, and not sooner", async () => {
  const { endpoint, sink, pending } = alone()
  sink.accept = false
  endpoint.receive(concat(bootstrapBytes, callBytes(1, 1)))
  await until(() => sink.chunks.length > 0)
  let hasRoom = false
  void pending[0]?.context.room().then(() => (hasRoom = true))
  await turn()
  expect(hasRoom).toBe(false)
  sink.accept = true
  endpoint.drained()
  await until(() => hasRoom)
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

test("a caller has at most 1024 questions of its own", async () => {
  const world = fakeWorld()
  const client = new Endpoint({ sink: recordingSink(), world })
  const call = (): Promise<unknown> => client.call({ interfaceId: INTERFACE_ID, methodId: 0, params: outgoing(1) })
  const calls = Array.from({ length: QUESTIONS_UNFINISHED_MAX - 1 }, call)
  await expect(call()).rejects.toEqual(code("E052"))
  client.close()
  for (const result of await Promise.allSettled(calls)) expect(result).toMatchObject({ reason: code("E054") })
})
