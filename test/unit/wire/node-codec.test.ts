/** Every method between a client's and a server's endpoint: what is said arrives, what is wrong gets its code. */
import { describe, expect, test } from "vitest"
import type { AccountRecord } from "../../../core/contract/account-record.ts"
import type { CommitRequest, FetchRequest, Letter } from "../../../core/contract/node-service.ts"
import { equal } from "../../../core/domain/bytes.ts"
import { NO_CHANNEL, type DeviceKey, messageId } from "../../../core/domain/ids.ts"
import { PAYLOAD_BYTES_MAX } from "../../../core/domain/limits.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { userName, type UserName } from "../../../core/domain/user-name.ts"
import type { RemoteNode } from "../../../core/rpc/remote-node.ts"
import { NODE_CODECS } from "../../../core/wire/node-codec.ts"
import { endpointPair } from "../../fakes/endpoint-pair.ts"
import {
  AUTH,
  CHANNEL,
  DEVICE,
  fakeServices,
  FETCHED,
  filled,
  MESSAGE,
  OTHER_DEVICE,
  RECORD,
  SESSION,
  TAG,
} from "../../fakes/fake-services.ts"

const ALICE = userName("alice")
const BOB = userName("bob.b-b_1")

const LETTER: Letter = {
  recipientKey: DEVICE,
  channelId: CHANNEL,
  messageId: MESSAGE,
  payload: filled(1000, 30),
  ttlSecs: 0xffff_ffff,
}
const FETCH: FetchRequest = {
  recipientKey: DEVICE,
  channelId: NO_CHANNEL,
  allChannels: true,
  generation: 2n ** 64n - 1n,
  limit: 17,
  after: 2n ** 63n,
  ack: 4n,
  ackMode: "explicit",
}
const ITEM = { recipientKey: DEVICE, channelId: NO_CHANNEL, prefix: filled(1157, 31) }
const COMMIT: CommitRequest = {
  groupTag: TAG,
  baseEpoch: 8n,
  proof: filled(32, 32),
  nextVerifier: filled(32, 33),
  authorSig: filled(64, 34),
  restoreProof: filled(0, 0),
  messageId: MESSAGE,
  payload: filled(900, 35),
  recipients: [ITEM, { ...ITEM, recipientKey: OTHER_DEVICE, prefix: filled(0, 0) }],
  welcomeBody: filled(800, 36),
  welcomes: [{ ...ITEM, messageId: messageId(filled(16, 37)) }],
}
const REGISTRATION = {
  record: filled(192, 38),
  account: RECORD,
  inviteToken: filled(16, 39),
  sealedAccountKey: filled(0, 0),
}
const LOGIN = {
  loginId: filled(16, 40),
  finish: filled(64, 41),
  deviceKey: DEVICE,
  signature: filled(64, 42),
  refreshHash: filled(32, 43),
}
const REFRESH = { refreshToken: filled(32, 44), nextHash: filled(32, 45), deviceKey: DEVICE }
const HYBRID = { deviceKey: DEVICE, record: filled(1229, 46), signature: filled(64, 47) }
const UPLOAD = { identityKey: DEVICE, packages: [filled(306, 48), filled(2676, 49)], replace: true }
const FAN_OUT = {
  items: [ITEM, { ...ITEM, channelId: CHANNEL }],
  payload: filled(500, 50),
  messageId: MESSAGE,
  group: { tag: TAG, epoch: 12n },
  ttlSecs: 60,
}

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
  uploadHybridKey: [(node) => node.uploadHybridKey(HYBRID), [HYBRID], undefined],
  fetchHybridKeys: [
    (node) => node.fetchHybridKeys([DEVICE, OTHER_DEVICE]),
    [[DEVICE, OTHER_DEVICE]],
    [
      { deviceKey: DEVICE, record: filled(1229, 24), signature: filled(64, 25) },
      { deviceKey: OTHER_DEVICE, record: filled(0, 0), signature: filled(0, 0) },
    ],
  ],
  enqueue: [(node) => node.enqueue(LETTER), [LETTER], { seq: 12n, duplicate: true }],
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
    },
  ],
  commit: [(node) => node.commit(COMMIT), [COMMIT], { accepted: true, epoch: 4n, winner: filled(48, 26) }],
  resolveUser: [(node) => node.resolveUser(ALICE), [ALICE], RECORD],
  resolveUsers: [(node) => node.resolveUsers([ALICE, BOB]), [[ALICE, BOB]], [RECORD, undefined]],
  resolveIdentity: [(node) => node.resolveIdentity(DEVICE), [DEVICE], RECORD],
  logout: [(node) => node.logout(), [], undefined],
}

describe("round trips", () => {
  test("cover every method of the schema", () => {
    expect(Object.keys(CALLS).sort()).toEqual(Object.keys(NODE_CODECS).sort())
    const ordinals = Object.values(NODE_CODECS).map((codec) => codec.ordinal)
    expect([...ordinals].sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, index) => index))
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
    const { group: _, ...outside } = FAN_OUT
    await node.enqueueMany({ ...outside, items: [] })
    expect(services.seen[0]?.arguments).toEqual([{ ...outside, items: [] }])
  })

  test("what arrives is a copy of its own memory", async () => {
    const services = fakeServices()
    const { node } = endpointPair(services)
    await node.enqueue(LETTER)
    const [letter] = services.seen[0]?.arguments as [Letter]
    expect(letter.payload.buffer.byteLength).toBe(letter.payload.length)
  })
})

describe("limits", () => {
  test("limit and waiting time are clamped", async () => {
    const services = fakeServices()
    const { node } = endpointPair(services)
    await node.fetch({ ...FETCH, limit: 0 })
    await node.fetch({ ...FETCH, limit: 1_000_000 })
    await node.fetchWait(FETCH, 10_000_000, new AbortController().signal)
    expect(services.seen.map(({ arguments: [request] }) => (request as FetchRequest).limit)).toEqual([64, 256, 17])
    expect(services.seen[2]?.arguments[1]).toBe(30_000)
  })

  test("a payload of 5 MB passes, one byte more is E025 before it is sent", async () => {
    const services = fakeServices()
    const { node, client } = endpointPair(services)
    const payload = filled(PAYLOAD_BYTES_MAX, 7)
    await node.enqueue({ ...LETTER, payload })
    expect(equal((services.seen[0]?.arguments[0] as Letter).payload, payload)).toBe(true)
    const larger = filled(PAYLOAD_BYTES_MAX + 1, 7)
    await expect(node.enqueue({ ...LETTER, payload: larger })).rejects.toMatchObject({ code: "E025" })
    await expect(node.enqueueMany({ ...FAN_OUT, payload: larger })).rejects.toMatchObject({ code: "E025" })
    await expect(node.commit({ ...COMMIT, payload: larger })).rejects.toMatchObject({ code: "E025" })
    await expect(node.commit({ ...COMMIT, welcomeBody: larger })).rejects.toMatchObject({ code: "E025" })
    expect(client.load.asked).toBe(0)
    expect(services.seen).toHaveLength(1)
  })

  const refusals: Readonly<Record<string, [code: string, call: (node: RemoteNode) => Promise<unknown>]>> = {
    "a prefix above 8 KiB": [
      "E025",
      (node) => node.enqueueMany({ ...FAN_OUT, items: [{ ...ITEM, prefix: filled(8193, 0) }] }),
    ],
    "more than 1024 recipients": [
      "E027",
      (node) => node.enqueueMany({ ...FAN_OUT, items: Array.from({ length: 1025 }, () => ITEM) }),
    ],
    "more than 100 names": ["E027", (node) => node.resolveUsers(Array.from({ length: 101 }, () => ALICE))],
    "more than 128 KeyPackages": [
      "E027",
      (node) => node.uploadKeyPackage({ ...UPLOAD, packages: Array.from({ length: 129 }, () => filled(1, 1)) }),
    ],
    "a KeyPackage above 16 KiB": [
      "E011",
      (node) => node.uploadKeyPackage({ ...UPLOAD, packages: [filled(16_385, 1)] }),
    ],
    "a device key of 31 bytes": [
      "E024",
      (node) => node.enqueue({ ...LETTER, recipientKey: filled(31, 1) as DeviceKey }),
    ],
    "a channel id of 15 bytes": ["E024", (node) => node.enqueue({ ...LETTER, channelId: filled(15, 1) as never })],
    "an empty message id": ["E024", (node) => node.enqueue({ ...LETTER, messageId: filled(0, 1) as never })],
    "a group tag of 32 bytes": ["E024", (node) => node.commit({ ...COMMIT, groupTag: filled(32, 1) as never })],
    "a short OPAQUE request": ["E024", (node) => node.registerStart(ALICE, filled(31, 1))],
    "a short signature": ["E024", (node) => node.loginFinish({ ...LOGIN, signature: filled(63, 1) })],
    "a short hybrid key": ["E024", (node) => node.uploadHybridKey({ ...HYBRID, record: filled(1228, 1) })],
    "a certificate of another length": [
      "E024",
      (node) =>
        node.registerFinish({
          ...REGISTRATION,
          account: { ...RECORD, certificates: [filled(1, 1)] } satisfies AccountRecord,
        }),
    ],
    "a user name in capitals": ["E016", (node) => node.resolveUser("ALICE" as UserName)],
    "an empty user name": ["E016", (node) => node.resolveUsers(["" as UserName])],
    "a suite that is none of ours": ["E021", (node) => node.fetchKeyPackage(DEVICE, "none" as never)],
  }
  for (const [what, [code, call]] of Object.entries(refusals)) {
    test(`${what} is ${code}`, async () => {
      const services = fakeServices()
      const { node } = endpointPair(services)
      await expect(call(node)).rejects.toMatchObject({ code })
      expect(services.seen).toEqual([])
      expect(await node.ping()).toBe(1_700_000_000_003)
    })
  }
})

describe("identity", () => {
  test("without a token a call is E001 and not sent", async () => {
    const services = fakeServices()
    const { node } = endpointPair(services, { auth: () => undefined })
    await expect(node.enqueue(LETTER)).rejects.toMatchObject({ code: "E001" })
    expect(services.seen).toEqual([])
    expect(await node.ping()).toBe(1_700_000_000_003)
  })

  test("an empty token is E001, a monstrous one E002, a wrong device id E024", async () => {
    for (const [auth, code] of [
      [{ ...AUTH, accessToken: filled(0, 0) }, "E001"],
      [{ ...AUTH, accessToken: filled(257, 0) }, "E002"],
      [{ ...AUTH, deviceId: filled(31, 0) }, "E024"],
    ] as const) {
      const { node } = endpointPair(fakeServices(), { auth: () => auth })
      await expect(node.enqueue(LETTER)).rejects.toMatchObject({ code })
    }
  })
})

describe("answers", () => {
  const answering = (answer: unknown): RemoteNode => endpointPair(fakeServices({ fetch: () => answer })).node
  const row = FETCHED.envelopes[0]

  test("that break the contract are refused by the client", async () => {
    for (const [answer, code] of [
      [{ ...FETCHED, envelopes: [{ ...row, id: filled(15, 1) }] }, "E024"],
      [{ ...FETCHED, envelopes: [{ ...row, channelId: filled(1, 1) }] }, "E024"],
      [{ ...FETCHED, envelopes: Array.from({ length: 257 }, () => row) }, "E027"],
    ] as const) {
      await expect(answering(answer).fetch(FETCH)).rejects.toMatchObject({ code })
    }
  })

  test("for an unknown user are E015 wherever they come from", async () => {
    const services = fakeServices({
      resolveUser: () => {
        throw new QpqError("E015")
      },
    })
    await expect(endpointPair(services).node.resolveUser(ALICE)).rejects.toMatchObject({ code: "E015" })
  })

  test("of 256 rows of 16 KiB arrive whole", async () => {
    const rows = Array.from({ length: 256 }, (_, index) => ({ ...row, payload: filled(16_384, index) }))
    const answer = await answering({ ...FETCHED, envelopes: rows }).fetch(FETCH)
    expect(answer.envelopes).toHaveLength(rows.length)
    for (const [index, envelope] of answer.envelopes.entries()) {
      expect(equal(envelope.payload, filled(16_384, index))).toBe(true)
    }
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
    } as never)
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
