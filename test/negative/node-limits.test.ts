/** Limits and lengths of every field: kept by the client before it sends, by the server before it acts. */
import { describe, expect, test } from "vitest"
import type { AccountRecord } from "../../core/contract/account-record.ts"
import type { FetchRequest, Letter } from "../../core/contract/node-service.ts"
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { PAYLOAD_BYTES_MAX } from "../../core/domain/limits.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import type { RemoteNode } from "../../core/rpc/remote-node.ts"
import { endpointPair } from "../fakes/endpoint-pair.ts"
import { AUTH, DEVICE, fakeServices, FETCHED, filled, RECORD } from "../fakes/fake-services.ts"
import {
  ALICE,
  BLOB_UPLOAD,
  LETTER,
  FETCH,
  ITEM,
  COMMIT,
  REGISTRATION,
  LOGIN,
  HYBRID,
  UPLOAD,
  FAN_OUT,
} from "../fakes/node-requests.ts"

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

  test("fields that fit one by one but not one frame together are E025, and the connection lives", async () => {
    const { node } = endpointPair(fakeServices())
    const half = filled(PAYLOAD_BYTES_MAX, 7)
    await expect(node.commit({ ...COMMIT, payload: half, welcomeBody: half })).rejects.toMatchObject({ code: "E025" })
    expect(await node.ping()).toBe(1_700_000_000_003)
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
    "a blob id of 15 bytes": [
      "E024",
      (node) => node.downloadBlob({ blobId: filled(15, 1) as never, offset: 0, limit: 0 }),
    ],
    "a chunk of more than a mebibyte": [
      "E025",
      (node) => node.uploadBlob({ ...BLOB_UPLOAD, chunk: filled(1_048_577, 1) }),
    ],
    "a short hash": ["E024", (node) => node.uploadBlob({ ...BLOB_UPLOAD, hash: filled(31, 1) })],
    "an account key of 31 bytes": ["E024", (node) => node.createChannel(filled(31, 1) as never)],
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

  test("name a 1:1 channel of 16 bytes, never the groups' empty one", async () => {
    for (const channelId of [filled(0, 1), filled(15, 1), filled(17, 1)]) {
      const { node } = endpointPair(fakeServices({ createChannel: () => ({ channelId, wasNew: true }) }))
      await expect(node.createChannel(RECORD.accountKey)).rejects.toMatchObject({ code: "E024" })
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
