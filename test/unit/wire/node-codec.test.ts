/** Every method between a client's and a server's endpoint: what is said arrives. */
import { describe, expect, test } from "vitest"
import type { FetchRequest, Letter } from "../../../core/contract/node-service.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { NODE_CODECS } from "../../../core/wire/node-codec.ts"
import { endpointPair } from "../../fakes/endpoint-pair.ts"
import { AUTH, fakeServices, FETCHED, OTHER_DEVICE } from "../../fakes/fake-services.ts"
import { ANY_SIGNAL, NODE_CALLS } from "../../fakes/node-calls.ts"
import { FAN_OUT, FETCH, LETTER } from "../../fakes/node-requests.ts"

describe("round trips", () => {
  test("cover every method of the schema", () => {
    expect([...NODE_CALLS.keys()].sort()).toEqual(Object.keys(NODE_CODECS).sort())
    const ordinals = Object.values(NODE_CODECS).map((codec) => codec.ordinal)
    expect([...ordinals].sort((a, b) => a - b)).toEqual(Array.from({ length: 36 }, (_, index) => index))
  })

  for (const [method, [call, given, answer]] of NODE_CALLS) {
    test(`${method}: each argument and the answer arrive equal`, async () => {
      const services = fakeServices()
      const { node } = endpointPair(services)
      expect(await call(node)).toEqual(answer)
      const seen = given.map((value) => (value === ANY_SIGNAL ? (expect.any(AbortSignal) as unknown) : value))
      expect(services.seen).toEqual([{ method, arguments: seen }])
    })
  }

  test("the caller's token reaches authenticate, and each outcome is reported", async () => {
    const seen: unknown[] = []
    const outcomes: unknown[] = []
    const services = fakeServices({
      enqueue: () => {
        throw new QpqError("E041")
      },
    })
    const { node } = endpointPair(services, {
      authenticate: async (auth) => {
        seen.push(auth)
        return services.node
      },
      onCall: ({ method, outcome }) => outcomes.push([method, outcome]),
    })
    await node.fetch(FETCH)
    await expect(node.enqueue(LETTER)).rejects.toMatchObject({ code: "E041" })
    expect(seen).toEqual([AUTH, AUTH])
    expect(outcomes).toEqual([
      ["fetch", "ok"],
      ["enqueue", "E041"],
    ])
  })

  test("optional parts stay away", async () => {
    const services = fakeServices()
    const { node } = endpointPair(services)
    const outside = { items: [], payload: FAN_OUT.payload, messageId: FAN_OUT.messageId, ttlSecs: 60 }
    await node.enqueueMany(outside)
    expect(services.seen[0]?.arguments).toEqual([outside])
  })

  test("what arrives is a copy of its own memory", async () => {
    const services = fakeServices()
    const { node } = endpointPair(services)
    await node.enqueue(LETTER)
    const [letter] = services.seen[0]?.arguments as [Letter]
    expect(letter.payload.buffer.byteLength).toBe(letter.payload.length)
  })
})

describe("cancelling", () => {
  test("fetchWait's signal and withSignal reach the server", async () => {
    let handlerSignal: AbortSignal | undefined
    const services = fakeServices({
      fetchWait: (_request: FetchRequest, _ms: number, signal: AbortSignal) => {
        handlerSignal = signal
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)))
      },
      ping: () => new Promise(() => undefined),
    })
    const { node, server } = endpointPair(services)
    const controller = new AbortController()
    const reason = new QpqError("E076")
    const waiting = expect(node.fetchWait(FETCH, 1000, controller.signal)).rejects.toBe(reason)
    const other = expect(node.withSignal(controller.signal).ping()).rejects.toBe(reason)
    while (services.seen.length < 2) await new Promise((resolve) => setImmediate(resolve))
    controller.abort(reason)
    await Promise.all([waiting, other])
    while (server.load.unfinished > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(handlerSignal?.aborted).toBe(true)
  })
})

describe("implicit acknowledgement", () => {
  const implicit: FetchRequest = { ...FETCH, ackMode: "implicit", after: 0n, ack: 0n, allChannels: false }
  const acked = (services: ReturnType<typeof fakeServices>): unknown[] =>
    services.seen.filter(({ method }) => method === "ack").map(({ arguments: given }) => given[0])

  test("comes with the next fetch from the same mailbox on the same connection", async () => {
    const services = fakeServices()
    const { node } = endpointPair(services)
    const other = endpointPair(services).node
    await node.fetch(implicit)
    await other.fetch(implicit)
    await node.fetch({ ...implicit, recipientKey: OTHER_DEVICE })
    expect(acked(services)).toEqual([])
    await node.fetch(implicit)
    const { recipientKey, channelId, allChannels } = implicit
    expect(acked(services)).toEqual([
      { recipientKey, channelId, allChannels, generation: FETCHED.generation, upTo: 2n },
    ])
    expect(services.seen.at(-1)?.method).toBe("fetch")
  })

  test("never comes for explicit callers, nor for rows behind ones not given out", async () => {
    const services = fakeServices()
    const { node } = endpointPair(services)
    await node.fetch({ ...implicit, ackMode: "explicit" })
    await node.fetch({ ...implicit, after: 5n })
    await node.fetch(implicit)
    expect(acked(services)).toEqual([])
  })
})
