/** Every method between a client's and a server's endpoint: what is said arrives. */
import { describe, expect, test } from "vitest"
import type { FetchRequest, Letter } from "../../../core/contract/node-service.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import type { RemoteNode } from "../../../core/rpc/remote-node.ts"
import { NODE_CODECS } from "../../../core/wire/node-codec.ts"
import { endpointPair } from "../../fakes/endpoint-pair.ts"
import {
  AUTH,
  BLOB,
  CHANNEL,
  DEVICE,
  fakeServices,
  FETCHED,
  filled,
  OTHER_DEVICE,
  RECORD,
  SESSION,
} from "../../fakes/fake-services.ts"
import {
  ALICE,
  BOB,
  BLOB_UPLOAD,
  LETTER,
  FETCH,
  COMMIT,
  REGISTRATION,
  LOGIN,
  REFRESH,
  HYBRID,
  UPLOAD,
  FAN_OUT,
} from "../../fakes/node-requests.ts"

const CALLS: Readonly<
  Record<string, readonly [call: (node: RemoteNode) => Promise<unknown>, arguments: unknown[], answer: unknown]>
> = {
  health: [(node) => node.health(), [], { status: "ok", software: "0.1.0 «test»", wireVersion: 1, authVersion: 1 }],
  ping: [(node) => node.ping(), [], 1_700_000_000_003],
  registerStart: [(node) => node.registerStart(BOB, filled(32, 1)), [BOB, filled(32, 1)], filled(64, 20)],
  registerFinish: [(node) => node.registerFinish(REGISTRATION), [REGISTRATION], undefined],
  loginStart: [
    (node) => node.loginStart(ALICE, filled(96, 1)),
    [ALICE, filled(96, 1)],
    { response: filled(320, 21), loginId: filled(16, 22) },
  ],
  loginFinish: [(node) => node.loginFinish(LOGIN), [LOGIN], SESSION],
  refreshToken: [(node) => node.refreshToken(REFRESH), [REFRESH], SESSION],
  uploadKeyPackage: [
    (node) => node.uploadKeyPackage(UPLOAD),
    [UPLOAD],
    { baselineCount: 50, hybridCount: 49, baselineLastResort: true, hybridLastResort: false },
  ],
  fetchKeyPackage: [
    (node) => node.fetchKeyPackage(OTHER_DEVICE, "hybrid"),
    [OTHER_DEVICE, "hybrid"],
    { keyPackage: filled(2676, 23), lastResort: true },
  ],
  keyPackageSupply: [
    (node) => node.keyPackageSupply(OTHER_DEVICE),
    [OTHER_DEVICE],
    { baseline: { kind: "none" }, hybrid: { kind: "single", until: 1_700_000_400_000 } },
  ],
  uploadHybridKey: [(node) => node.uploadHybridKey(HYBRID), [HYBRID], undefined],
  fetchHybridKeys: [
    (node) => node.fetchHybridKeys([DEVICE, OTHER_DEVICE]),
    [[DEVICE, OTHER_DEVICE]],
    [
      { deviceKey: DEVICE, record: filled(1229, 24), signature: filled(64, 25) },
      { deviceKey: OTHER_DEVICE, record: filled(0, 0), signature: filled(0, 0) },
    ],
  ],
  enqueue: [(node) => node.enqueue(LETTER), [LETTER], { seq: 12n, duplicate: true, head: 2n ** 64n - 1n }],
  fetch: [(node) => node.fetch(FETCH), [FETCH], FETCHED],
  fetchWait: [
    (node) => node.fetchWait(FETCH, 1234, new AbortController().signal),
    [FETCH, 1234, expect.any(AbortSignal)],
    FETCHED,
  ],
  ack: [
    (node) => node.ack({ recipientKey: DEVICE, channelId: CHANNEL, allChannels: false, generation: 3n, upTo: 77n }),
    [{ recipientKey: DEVICE, channelId: CHANNEL, allChannels: false, generation: 3n, upTo: 77n }],
    5n,
  ],
  enqueueMany: [
    (node) => node.enqueueMany(FAN_OUT),
    [FAN_OUT],
    {
      results: [
        { code: 0, seq: 1n, duplicate: false },
        { code: 41, seq: 0n, duplicate: true },
      ],
      epoch: 3n,
      head: 8n,
    },
  ],
  commit: [(node) => node.commit(COMMIT), [COMMIT], { accepted: true, epoch: 4n, winner: filled(48, 26), head: 9n }],
  resolveUser: [(node) => node.resolveUser(ALICE), [ALICE], RECORD],
  resolveUsers: [(node) => node.resolveUsers([ALICE, BOB]), [[ALICE, BOB]], [RECORD, undefined]],
  resolveIdentity: [(node) => node.resolveIdentity(DEVICE), [DEVICE], RECORD],
  createChannel: [
    (node) => node.createChannel(RECORD.accountKey),
    [RECORD.accountKey],
    { channelId: CHANNEL, wasNew: true },
  ],
  uploadBlob: [(node) => node.uploadBlob(BLOB_UPLOAD), [BLOB_UPLOAD], 1_048_576],
  downloadBlob: [
    (node) => node.downloadBlob({ blobId: BLOB, offset: 5, limit: 9 }),
    [{ blobId: BLOB, offset: 5, limit: 9 }],
    { chunk: filled(70, 8), size: 4_000_000_000 },
  ],
  logout: [(node) => node.logout(), [], undefined],
}

describe("round trips", () => {
  test("cover every method of the schema", () => {
    expect(Object.keys(CALLS).sort()).toEqual(Object.keys(NODE_CODECS).sort())
    const ordinals = Object.values(NODE_CODECS).map((codec) => codec.ordinal)
    expect([...ordinals].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index))
  })

  for (const [method, [call, given, answer]] of Object.entries(CALLS)) {
    test(`${method}: each argument and the answer arrive equal`, async () => {
      const services = fakeServices()
      const { node } = endpointPair(services)
      expect(await call(node)).toEqual(answer)
      expect(services.seen).toEqual([{ method, arguments: given }])
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
      onCall: (method, outcome) => outcomes.push([method, outcome]),
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
