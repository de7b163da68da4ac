/** What the real server refuses, asked over real QUIC by a registered device; afterwards honest clients go on as before. */
import { type Struct, utils } from "capnp-es"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { FanOut, Letter } from "../../core/contract/node-service.ts"
import { concat, EMPTY, equal } from "../../core/domain/bytes.ts"
import { PAYLOAD_BYTES_MAX } from "../../core/domain/limits.ts"
import { realWorld } from "../../core/domain/world.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import { attach } from "../../core/rpc/attach.ts"
import type { Endpoint } from "../../core/rpc/endpoint.ts"
import { put } from "../../core/wire/field-codec.ts"
import { closeReasonOf } from "../../core/transport/quic-close.ts"
import {
  NodeService_Commit$Params as CommitParams,
  NodeService_Enqueue$Params as EnqueueParams,
  NodeService_EnqueueMany$Params as EnqueueManyParams,
} from "../../core/wire/generated/node.ts"
import type { StructClass } from "../../core/wire/message.ts"
import { NODE_INTERFACE_ID } from "../../core/wire/method-codec.ts"
import { NODE_CODECS } from "../../core/wire/node-codec.ts"
import { commitRequest } from "../fakes/commit-request.ts"
import { fetchOf, fresh, freshMessageId, joined, letterTo } from "../fakes/node-device.ts"
import type { LoggedIn } from "../fakes/node-device.ts"
import { RawClient } from "../fakes/raw-quic.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import type { Dialled } from "../fakes/server-process.ts"

const DEADLINE_MS = 120_000
/** Where a KeyPackage says its suite (RFC 9420 section 10). */
const SUITE_AT = 2

const data = dataFolder()
let server: ServerProcess
let alice: LoggedIn
let bob: LoggedIn
let asAlice: Dialled
let asBob: Dialled
/** A second stream of Alice's connection, for requests that her client would not write. */
let raw: Endpoint

beforeAll(async () => {
  server = await ServerProcess.start(data.path, "--log-level", "debug")
  const { door } = await server.dial()
  ;[alice, bob] = [await joined(door, "alice"), await joined(door, "bob")]
  ;[asAlice, asBob] = [await server.dial(alice.auth), await server.dial(bob.auth)]
  // No strangers' any more: large calls follow.
  await Promise.all([asAlice.node.fetchHybridKeys([]), asBob.node.fetchHybridKeys([])])
  raw = attach(asAlice.connection.openStream(), { world: realWorld })
}, DEADLINE_MS)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  data.remove()
})

const letter = (change: Partial<Letter> = {}): Letter => letterTo(bob.identity.deviceKey, change)
const fanOut = (payload: Uint8Array): FanOut => {
  const { recipientKey, channelId } = letter()
  return { items: [{ recipientKey, channelId, prefix: EMPTY }], payload, messageId: freshMessageId(), ttlSecs: 0 }
}
const commit = (change: object) => commitRequest(alice.identity, change)

/** Reads Bob's mailbox to its end and empties it. */
async function taken(): Promise<readonly Uint8Array[]> {
  const { deviceKey } = bob.identity
  const payloads: Uint8Array[] = []
  for (let [after, generation] = [0n, 0n]; ;) {
    const answer = await asBob.node.fetch(fetchOf(deviceKey, { after, ack: after, generation }))
    payloads.push(...answer.envelopes.map(({ payload }) => payload))
    if (answer.envelopes.length === 0) return payloads
    after = answer.envelopes.at(-1)?.position ?? after
    generation = answer.generation
  }
}

const send = <S extends Struct>(ordinal: number, params: StructClass<S>, fill: (struct: S) => void): Promise<unknown> =>
  raw.call({
    interfaceId: NODE_INTERFACE_ID,
    methodId: ordinal,
    params: { bytes: PAYLOAD_BYTES_MAX + 10_000, write: (payload) => fill(utils.initStructAt(0, params, payload)) },
  })

function signedBy(params: EnqueueParams | EnqueueManyParams | CommitParams, auth = alice.auth): void {
  params.version = 1
  const written = params._initAuth()
  written.version = 1
  put((length) => written._initAccessToken(length), auth.accessToken)
  put((length) => written._initDeviceId(length), auth.deviceId)
}

/** An enqueue that is right in everything; then `change` makes it wrong. */
const enqueueRaw = (change: (params: EnqueueParams) => void, auth = alice.auth): Promise<unknown> =>
  send(NODE_CODECS.enqueue.ordinal, EnqueueParams, (params) => {
    signedBy(params, auth)
    const { recipientKey, messageId } = letter()
    put((length) => params._initRecipientKey(length), recipientKey)
    put((length) => params._initMessageId(length), messageId)
    put((length) => params._initPayload(length), fresh(8))
    change(params)
  })

describe("payloads", () => {
  const largest = fresh(PAYLOAD_BYTES_MAX)
  const larger = concat(largest, Uint8Array.of(1))

  test("of 5,242,880 bytes go through enqueue and enqueueMany, and come back byte for byte", async () => {
    await asAlice.node.enqueue(letter({ payload: largest }))
    const { results } = await asAlice.node.enqueueMany(fanOut(largest))
    expect(results.map(({ code }) => code)).toEqual([0])
    expect((await taken()).map((payload) => equal(payload, largest))).toEqual([true, true])
  })

  test("of one byte more are E025 at the client", async () => {
    const { node } = asAlice
    expect(await codeOfAsync(() => node.enqueue(letter({ payload: larger })))).toBe("E025")
    expect(await codeOfAsync(() => node.enqueueMany(fanOut(larger)))).toBe("E025")
    expect(await codeOfAsync(() => node.commit(commit({ payload: larger })))).toBe("E025")
    expect(await codeOfAsync(() => node.commit(commit({ welcomeBody: larger })))).toBe("E025")
  })

  test("of one byte more are E025 at the server, for a client that sends them all the same", async () => {
    expect(await codeOfAsync(() => enqueueRaw((params) => void params._initPayload(larger.length)))).toBe("E025")
    const many = send(NODE_CODECS.enqueueMany.ordinal, EnqueueManyParams, (params) => {
      signedBy(params)
      params._initMessageId(16)
      params._initPayload(larger.length)
    })
    expect(await codeOfAsync(() => many)).toBe("E025")
    for (const init of ["_initPayload", "_initWelcomeBody"] as const) {
      const committed = send(NODE_CODECS.commit.ordinal, CommitParams, (params) => {
        signedBy(params)
        params._initGroupTag(16)
        params._initNextVerifier(32)
        params._initAuthorSig(64)
        params._initMessageId(16)
        params[init](larger.length)
      })
      expect(await codeOfAsync(() => committed)).toBe("E025")
    }
    expect(await taken()).toEqual([])
  })
})

describe("versions and tokens", () => {
  test.each([0, 2])("wire version %i is E020, auth version %i is E003", async (version) => {
    expect(await codeOfAsync(() => enqueueRaw((params) => (params.version = version)))).toBe("E020")
    expect(await codeOfAsync(() => enqueueRaw((params) => (params.auth.version = version)))).toBe("E003")
  })

  test("without a token it is E001, with a random one E002, with another device's id E006", async () => {
    const withAuth = (auth: LoggedIn["auth"]) => enqueueRaw(() => undefined, auth)
    expect(await codeOfAsync(() => withAuth({ ...alice.auth, accessToken: EMPTY }))).toBe("E001")
    expect(await codeOfAsync(() => withAuth({ ...alice.auth, accessToken: fresh(32) }))).toBe("E002")
    expect(await codeOfAsync(() => withAuth({ ...alice.auth, deviceId: bob.auth.deviceId }))).toBe("E006")
    expect(await codeOfAsync(() => withAuth(alice.auth))).toBe("accepted")
    expect(await taken()).toHaveLength(1)
  })

  test("another's mailbox is E012, to read, to wait for and to empty", async () => {
    const request = fetchOf(bob.identity.deviceKey)
    const { node } = asAlice
    expect(await codeOfAsync(() => node.fetch(request))).toBe("E012")
    expect(await codeOfAsync(() => node.fetchWait(request, 1000, new AbortController().signal))).toBe("E012")
    expect(await codeOfAsync(() => node.ack({ ...request, upTo: 1n }))).toBe("E012")
  })
})

test("a KeyPackage of a suite that is not ours is E021 and is not published; the same one of ours is", async () => {
  const { identity } = alice
  const now = realWorld.clock.now()
  const { publicBytes } = await new TsMlsEngine(identity).makeKeyPackage({ suite: "hybrid", now })
  const upload = (suite: readonly [number, number] | undefined) => {
    const patched = publicBytes.slice()
    if (suite) patched.set(suite, SUITE_AT)
    return asAlice.node.uploadKeyPackage({ identityKey: identity.deviceKey, packages: [patched], replace: false })
  }
  expect(await codeOfAsync(() => upload([0x00, 0x02]))).toBe("E021")
  expect(await codeOfAsync(() => upload([0xf1, 0x01]))).toBe("E021")
  expect(await upload(undefined)).toMatchObject({ hybridCount: 1, baselineCount: 0 })
})

test("a client that offers another protocol is refused in the handshake, and knows it as E058", async () => {
  const stranger = await RawClient.open(server.address.port, "h3")
  while (!stranger.native.peerError()) {
    stranger.send(...stranger.flight())
    await stranger.feed()
  }
  const [peer, isEstablished] = [stranger.native.peerError(), stranger.native.isEstablished()]
  stranger.close()
  expect(isEstablished).toBe(false)
  expect(closeReasonOf({ peer, local: null, isEstablished, refusal: undefined }).error.code).toBe("E058")
})

test("after all this an honest client is served as before, and no refusal left a stack trace in the log", async () => {
  const { door } = await server.dial()
  await joined(door, "carol")
  const payload = fresh(100)
  await asAlice.node.enqueue(letter({ payload }))
  expect((await taken()).map((one) => equal(one, payload))).toEqual([true])
  const { status, stderr } = await server.stop()
  expect(status).toBe(0)
  const lines = stderr.split("\n").filter((line) => line !== "")
  for (const line of lines) expect(["debug", "info"]).toContain((JSON.parse(line) as { level: string }).level)
  for (const code of ["E001", "E002", "E003", "E006", "E012", "E020", "E021", "E025"]) expect(stderr).toContain(code)
  expect(stderr).not.toMatch(/"stack"|\n\s+at |E099/)
})
