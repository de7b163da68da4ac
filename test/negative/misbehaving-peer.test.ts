/** What a peer may do to an endpoint: it is told why, dropped, or held back; it never costs more than its share. */
import { describe, expect, test } from "vitest"
import { concat } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { CALLS_RUNNING_MAX, HALF_FRAME_MS_MAX, QUESTIONS_UNFINISHED_MAX } from "../../core/domain/limits.ts"
import type { ServedInterface } from "../../core/rpc/answers.ts"
import { Endpoint } from "../../core/rpc/endpoint.ts"
import type { RpcMessage } from "../../core/rpc/rpc-message.ts"
import { writeFinish } from "../../core/rpc/rpc-writer.ts"
import type { Outgoing } from "../../core/wire/message.ts"
import { alone, bootstrapBytes, callBytes, code, INTERFACE_ID, joined } from "../fakes/scripted-endpoint.ts"
import { recordingSink } from "../fakes/stream-pair.ts"
import { fakeWorld, turn } from "../fakes/world.ts"

describe("a peer that misbehaves", () => {
  const abortOf = (messages: RpcMessage[]): unknown => messages.at(-1)

  test("is told why by an Abort, then dropped", async () => {
    const { endpoint, said, sink } = alone()
    endpoint.receive(concat(...writeFinish(5, true)))
    expect(abortOf(said())).toMatchObject({
      kind: "abort",
      exception: { reason: expect.stringMatching(/^E026: /) as string },
    })
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
      outcome: {
        kind: "exception",
        exception: { type: "overloaded", reason: expect.stringMatching(/^E052: /) as string },
      },
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

  test("has what is kept for it counted: half a frame, and answers that it does not read", async () => {
    const { endpoint, sink } = alone()
    let held = 0
    sink.hold = (grown) => (held += grown)
    const bytes = callBytes(1, 0)
    endpoint.receive(concat(bootstrapBytes, bytes.subarray(0, 24)))
    expect(held).toBeGreaterThanOrEqual(24)
    endpoint.receive(bytes.subarray(24))
    await turn()
    await turn()
    expect(held).toBe(0)
    sink.accept = false
    for (let id = 2; id < 6; id++) endpoint.receive(callBytes(id, 0))
    await turn()
    await turn()
    endpoint.receive(callBytes(7, 0))
    expect(held).toBeGreaterThan(0)
    endpoint.close()
    expect(held).toBe(0)
  })

  test("is not read for a while when it sends too fast, and loses nothing by it", async () => {
    const sink = recordingSink()
    const world = fakeWorld()
    const seen: number[] = []
    const pace = (bytes: number): number => {
      seen.push(bytes)
      return bytes > 10 ? 500 : 0
    }
    const endpoint = new Endpoint({ sink, world, pace, served: { interfaceId: INTERFACE_ID, methods: [] } })
    endpoint.receive(bootstrapBytes.subarray(0, 8))
    expect(sink.paused).toBe(false)
    endpoint.receive(bootstrapBytes.subarray(8))
    expect([sink.paused, seen]).toEqual([true, [8, bootstrapBytes.length - 8]])
    endpoint.receive(callBytes(1, 0))
    await world.advance(499)
    expect(sink.paused).toBe(true)
    await world.advance(1)
    expect([sink.paused, endpoint.failure]).toEqual([false, undefined])
    endpoint.receive(callBytes(2, 0))
    expect(sink.paused).toBe(true)
    endpoint.close()
    expect([sink.paused, world.clock.pending]).toEqual([false, 0])
  })

  test("is cut off when it goes on and on after it was told to end", async () => {
    const { endpoint, sink, said } = alone()
    endpoint.receive(new Uint8Array(8).fill(0xff))
    expect(endpoint.failure).toEqual(code("E026"))
    expect(abortOf(said())).toMatchObject({ kind: "abort" })
    const chunk = new Uint8Array(65_536)
    for (let count = 0; count < 32; count++) endpoint.receive(chunk)
    expect([sink.ended, sink.resetCode]).toEqual([true, undefined])
    endpoint.receive(chunk)
    expect(sink.resetCode).toBe(1)
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
