/** Damaged frames against a serving and an asking endpoint: only typed refusals, no hang, no crash; the same each run. */
import { expect, test } from "vitest"
import { concat } from "../../core/domain/bytes.ts"
import { isErrorCode, QpqError } from "../../core/domain/errors.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import { Endpoint } from "../../core/rpc/endpoint.ts"
import { remoteNode } from "../../core/rpc/remote-node.ts"
import { serveNode } from "../../core/rpc/serve-node.ts"
import { AUTH, BLOB, CHANNEL, DEVICE, fakeServices, filled, MESSAGE, RECORD, TAG } from "../fakes/fake-services.ts"
import { recordingSink, type RecordingSink } from "../fakes/stream-pair.ts"
import { fakeWorld, SeededRandom, turn } from "../fakes/world.ts"

const ROUNDS = 20_000
const ROUND_MS_MAX = 1000
const SEED = 20_240_607

/** What an honest client sends, the bootstrap first, one frame each. */
async function corpus(): Promise<Uint8Array<ArrayBuffer>[]> {
  const sink = recordingSink()
  const endpoint = new Endpoint({ sink, world: fakeWorld() })
  const node = remoteNode(endpoint, () => AUTH)
  const cursor = { recipientKey: DEVICE, channelId: NO_CHANNEL, allChannels: true, generation: 1n }
  const item = { recipientKey: DEVICE, channelId: CHANNEL, prefix: filled(40, 1) }
  const calls = [
    () => node.ping(),
    () => node.enqueue({ ...item, messageId: MESSAGE, payload: filled(60, 2), ttlSecs: 1 }),
    () => node.fetch({ ...cursor, limit: 3, after: 0n, ack: 0n, ackMode: "implicit" as const }),
    () => node.resolveUser(userName("alice")),
    () => node.createChannel(RECORD.accountKey),
    () => node.uploadBlob({ blobId: BLOB, offset: 3, chunk: filled(60, 9), size: 63, hash: filled(32, 4) }),
    () => node.downloadBlob({ blobId: BLOB, offset: 3, limit: 60 }),
    () => node.uploadKeyPackage({ identityKey: DEVICE, packages: [filled(30, 3), filled(31, 4)], replace: false }),
    () =>
      node.registerFinish({
        record: filled(192, 5),
        account: RECORD,
        inviteToken: filled(3, 6),
        sealedAccountKey: filled(0, 0),
      }),
    () =>
      node.enqueueMany({
        items: [item, item],
        payload: filled(20, 7),
        messageId: MESSAGE,
        group: { tag: TAG, epoch: 1n },
        ttlSecs: 0,
      }),
  ]
  for (const call of calls) {
    call().catch(() => undefined)
    await turn()
    await turn()
  }
  const frames = framesOf(sink)
  return [...frames, twoSegments(frames[1] ?? new Uint8Array(0))]
}

/** What was written, one single-segment frame each. */
function framesOf(sink: RecordingSink): Uint8Array<ArrayBuffer>[] {
  const frames: Uint8Array<ArrayBuffer>[] = []
  const all = concat(...sink.chunks)
  for (let at = 0; at < all.length;) {
    const size = 8 + 8 * new DataView(all.buffer, at).getUint32(4, true)
    frames.push(all.slice(at, at + size))
    at += size
  }
  return frames
}

/** The same message with its root behind a far pointer. */
function twoSegments(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const words = (frame.length - 8) / 8
  const split = new Uint8Array(16 + 8 + words * 8)
  const view = new DataView(split.buffer)
  for (const [index, value] of [1, 1, words, 0, 2, 1].entries()) view.setUint32(index * 4, value, true)
  split.set(frame.subarray(8), 24)
  return split
}

function damaged(frames: readonly Uint8Array<ArrayBuffer>[], random: SeededRandom): Uint8Array {
  const frame = (frames[random.below(frames.length)] ?? new Uint8Array(8)).slice()
  const mode = random.below(12)
  if (mode === 0) return frame.subarray(0, random.below(frame.length))
  if (mode === 1) {
    const noise = random.bytes(8 * (2 + random.below(40)))
    new DataView(noise.buffer as ArrayBuffer).setUint32(0, 0, true)
    new DataView(noise.buffer as ArrayBuffer).setUint32(4, noise.length / 8 - 1, true)
    return noise
  }
  for (let edits = 1 + random.below(5); edits > 0; edits--) damage(frame, random)
  return frame
}

function damage(frame: Uint8Array, random: SeededRandom): void {
  const at = random.below(frame.length)
  const word = 8 * random.below(frame.length / 8)
  const edits = [
    () => (frame[at] = (frame[at] ?? 0) ^ (1 << random.below(8))),
    () => (frame[at] = random.next()),
    () => (frame[at] = 0),
    () => (frame[at] = 0xff),
    () => frame.copyWithin(8 * random.below(frame.length / 8), word, word + 8),
  ]
  edits[random.below(edits.length)]?.()
}

/** Damage can make an Abort of any message: then the connection ends by the peer's word, and without a code it is E099. */
function saysAbort(frame: Uint8Array): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const rootAt = 16 + 8 * (frame.length < 16 ? 0 : view.getInt32(8, true) >> 2)
  return rootAt >= 0 && rootAt + 2 <= frame.length && view.getUint16(rootAt, true) === 1
}

test("20,000 damaged frames end in an answer, a typed exception or an Abort, each within a second", async () => {
  const frames = await corpus()
  expect(frames.length).toBeGreaterThan(8)
  const [bootstrap] = frames
  const random = new SeededRandom(SEED)
  const world = fakeWorld()
  const services = fakeServices()
  const outcomes = new Map<string, number>()
  const tally = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  let slowest = 0
  for (let round = 0; round < ROUNDS; round++) {
    const served = serveNode({
      account: services.account,
      authenticate: async () => services.node,
      clock: world.clock,
      onCall: (_, outcome) => tally(outcome),
    })
    const endpoint = new Endpoint({ sink: recordingSink(), world, served })
    const bytes = damaged(frames, random)
    const cut = random.below(bytes.length + 1)
    const since = performance.now()
    endpoint.receive(bootstrap ?? bytes)
    endpoint.receive(bytes.subarray(0, cut))
    endpoint.receive(bytes.subarray(cut))
    if (round % 50 === 0) await turn()
    slowest = Math.max(slowest, performance.now() - since)
    const { failure } = endpoint
    if (failure !== undefined) tally(failure.code === "E099" && saysAbort(bytes) ? "ok" : `closed ${failure.code}`)
    endpoint.failed(undefined)
    services.seen.length = 0
  }
  await turn()
  expect(slowest).toBeLessThan(ROUND_MS_MAX)
  const codes = [...outcomes.keys()].map((outcome) => outcome.replace("closed ", ""))
  expect(codes.filter((code) => code !== "ok" && !isErrorCode(code))).toEqual([])
  expect(outcomes.get("E099") ?? 0).toBe(0)
  expect(outcomes.get("closed E099") ?? 0).toBe(0)
  expect(outcomes.get("ok")).toBeGreaterThan(100)
  expect(outcomes.get("closed E026")).toBeGreaterThan(1000)
})

test("5,000 damaged answers end in an answer or a typed error at the caller", async () => {
  const services = fakeServices()
  const world = fakeWorld()
  const random = new SeededRandom(SEED)
  const request = {
    recipientKey: DEVICE,
    channelId: NO_CHANNEL,
    allChannels: true,
    generation: 1n,
    limit: 3,
    after: 0n,
    ack: 0n,
    ackMode: "explicit" as const,
  }
  const ask = (endpoint: Endpoint): Promise<unknown> => remoteNode(endpoint, () => AUTH).fetch(request)
  const [asked, answered] = [recordingSink(), recordingSink()]
  ask(new Endpoint({ sink: asked, world })).catch(() => undefined)
  await turn()
  const served = serveNode({ account: services.account, authenticate: async () => services.node, clock: world.clock })
  const server = new Endpoint({ sink: answered, world, served })
  server.receive(concat(...asked.chunks))
  await turn()
  await turn()
  const frames = framesOf(answered)
  expect(frames).toHaveLength(2)
  const outcomes = new Map<string, number>()
  for (let round = 0; round < 5000; round++) {
    const endpoint = new Endpoint({ sink: recordingSink(), world })
    const call = ask(endpoint).then(
      () => "ok",
      (thrown: unknown) => (thrown instanceof QpqError ? thrown.code : "untyped"),
    )
    endpoint.receive(round % 2 === 0 ? (frames[0] ?? new Uint8Array(0)) : damaged(frames, random))
    endpoint.receive(damaged(frames, random))
    endpoint.failed(undefined)
    const outcome = await call
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  expect(outcomes.get("untyped")).toBeUndefined()
  expect(outcomes.get("ok")).toBeGreaterThan(10)
  expect(outcomes.get("E026")).toBeGreaterThan(100)
})
