/** The server's SQLite store against the model in memory: the same questions in the same order, the same answers. */
import fc from "fast-check"
import { deepStrictEqual } from "node:assert/strict"
import { EMPTY } from "../../core/domain/bytes.ts"
import { RESTORE_STEP } from "../../core/domain/limits.ts"
import { accountKey, channelId, deviceKey, groupTag, messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { ackOf, depositOf, GENERATION, localKind, memoryKind, newAccount, NOW } from "../fakes/node-stores.ts"
import { plain, readOf } from "../fakes/node-stores.ts"

const STEPS_MAX = 60
const MINUTE_MS = 60_000

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)
const small = (max: number): fc.Arbitrary<number> => fc.nat({ max })
/** The third device is nobody's. */
const device = fc.constantFrom(0, 0, 0, 1, 1, 2).map((at) => deviceKey(bytes(32, at + 1)))
const channel = small(1).map((at) => (at === 0 ? NO_CHANNEL : channelId(bytes(16, 1))))
const message = small(9).map((at) => messageId(bytes(16, at + 1)))
const tag = fc.constantFrom(0, 0, 0, 1).map((at) => groupTag(bytes(16, at + 1)))
const epoch = fc.constantFrom(0n, 0n, 1n, 1n, 2n, 4n)
const STEP = BigInt(RESTORE_STEP)
const cursor = fc.constantFrom(0n, 1n, 2n, 3n, 5n, 8n, STEP + 1n, STEP + 3n)
/** Of the first incarnation, and of those that were restored. */
const NEXT_GENERATION = bytes(8, 9)
const NEXT = Buffer.from(NEXT_GENERATION).readBigUInt64BE()
const generation = fc.constantFrom(GENERATION, GENERATION, GENERATION, NEXT, 0n)
const allChannels = fc.boolean()
const membersOnly = fc.boolean()
const hash = small(1).map((at) => bytes(32, at + 1))
const token = small(2).map((at) => bytes(32, at + 1))
const prefix = small(3).map((length) => bytes(length * 100, 7))
const lifeMs = fc.constantFrom(MINUTE_MS, 3 * MINUTE_MS, 300 * MINUTE_MS)
const item = fc.record({ recipientKey: device, channelId: channel, messageId: message, prefix })
const items = fc.array(item, { maxLength: 4 })
const account = small(3)
const suite = fc.constantFrom("hybrid" as const, "baseline" as const)

const PEOPLE = [1, 2].map((at) => newAccount({ name: userName(`u${at}`), deviceKeys: [deviceKey(bytes(32, at))] }))

type Step = (store: NodeStore, now: number, serial: number) => Promise<unknown>

const deposits = fc
  .record({
    account,
    items,
    lifeMs,
    membersOnly,
    body: prefix,
    senderKey: fc.option(device, { nil: undefined }),
    group: fc.option(fc.record({ tag, epoch }), { nil: undefined }),
  })
  .map(({ account: sender, items: letters, lifeMs: ms, body, group, senderKey, membersOnly: only }): Step => {
    const whose = { ...(group && { group }), ...(senderKey && { senderKey }) }
    return (store, now) => {
      const until = { now, expiresAt: now + ms, rememberUntil: now + 400 * MINUTE_MS }
      return store.deposit(depositOf(sender, letters, { ...until, body, membersOnly: only, ...whose }))
    }
  })

const reads = fc
  .record({
    key: device,
    channelId: channel,
    allChannels,
    generation,
    membersOnly,
    after: cursor,
    ack: cursor,
    limit: small(3),
  })
  .map(({ key, ...read }): Step => {
    return (store, now) => store.read(readOf(key, { ...read, limit: read.limit + 1, bytesMax: 700, now }))
  })

const acks = fc.record({ key: device, upTo: cursor, channelId: channel, allChannels, generation, membersOnly }).map(
  ({ key, upTo, ...ack }): Step =>
    (store) =>
      store.acknowledge(ackOf(key, upTo, ack)),
)

const commits = fc
  .record({
    account,
    authorKey: device,
    groupTag: tag,
    baseEpoch: epoch,
    proofHash: hash,
    restoreHash: fc.oneof(fc.constant(EMPTY), hash),
    nextVerifier: hash,
    messageId: message,
    membersOnly,
  })
  .chain((fixed) =>
    fc.record({ fixed: fc.constant(fixed), recipients: items, welcomes: items, payload: prefix, lifeMs }),
  )
  .map(({ fixed, recipients, welcomes, payload, lifeMs: ms }): Step => {
    const sizes = { payload, payloadHash: bytes(32, payload.length % 251), commitInfo: bytes(128, 9) }
    const welcome = { welcomes: welcomes.slice(0, 1), welcomeBody: bytes(20, 3) }
    return (store, now) => store.commit({ ...fixed, ...sizes, ...welcome, recipients, now, expiresAt: now + ms })
  })

/** Of the two people there are, or of one with a stranger or himself. */
const channels = fc
  .record({ account: fc.constantFrom(1, 2), peer: small(2) })
  .map(({ account: opener, peer }): Step => (store, now) => {
    const peerKey = PEOPLE[peer]?.accountKey ?? accountKey(bytes(32, 99))
    return store.openChannel({ account: opener, peerKey, newId: channelId(bytes(16, 1)), now })
  })

/** Access tokens are named by the step that made them, so that none is made twice. */
const accessOf = (serial: number): Uint8Array => bytes(32, serial)
const sessions = fc
  .record({ deviceKey: device, refreshHash: token, nextHash: token, lifeMs, made: small(STEPS_MAX), kind: small(3) })
  .map(({ deviceKey: key, refreshHash, nextHash, lifeMs: ms, made, kind }): Step => {
    return (store, now, serial) => {
      const accessHash = accessOf(serial)
      const session = {
        deviceKey: key,
        refreshHash,
        accessHash,
        accessExpires: now + ms,
        refreshExpires: now + 2 * ms,
        now,
      }
      if (kind === 0) return store.sessionByAccess(accessOf(made), now)
      if (kind === 1) return store.openSession({ ...session, family: bytes(16, serial) })
      if (kind === 2) return store.rotateSession({ ...session, nextHash })
      if (made % 5 === 0) return store.endLogins(1 + (made % 2), accessOf(made))
      if (made % 5 === 1) return store.openLogins(1 + (made % 2), now, 2)
      return made % 4 === 0 ? store.closeSession(accessOf(made)) : store.sessionByAccess(accessOf(made), now)
    }
  })

const keyPackage = fc.record({
  suite,
  lastResort: fc.boolean(),
  keyPackage: hash,
  notAfter: lifeMs.map((ms) => NOW + ms),
})
const publications = fc
  .record({ deviceKey: device, packages: fc.array(keyPackage, { maxLength: 3 }), replace: fc.boolean() })
  .map(
    (change): Step =>
      (store, now) =>
        store.changeKeyPackages({ ...change, now }),
  )
const takes = fc.record({ deviceKey: device, suite, caller: account }).map(
  (take): Step =>
    (store, now) =>
      store.takeKeyPackage({ ...take, now }),
)
const sweeps = fc.constant<Step>((store, now) => store.sweep(now))
const restores = fc.constant<Step>((store) => store.restored(NEXT_GENERATION))
const counts = fc.constant<Step>((store, now) => store.counts(now))

const step = fc.oneof(
  { weight: 6, arbitrary: deposits },
  { weight: 5, arbitrary: reads },
  { weight: 2, arbitrary: acks },
  { weight: 4, arbitrary: commits },
  { weight: 2, arbitrary: channels },
  { weight: 5, arbitrary: sessions },
  { weight: 2, arbitrary: publications },
  { weight: 2, arbitrary: takes },
  { weight: 2, arbitrary: sweeps },
  { weight: 1, arbitrary: counts },
  { weight: 1, arbitrary: restores },
)
const timedSteps = fc.array(fc.tuple(fc.constantFrom(0, 0, 1, MINUTE_MS, 70 * MINUTE_MS), step), {
  minLength: STEPS_MAX / 2,
  maxLength: STEPS_MAX,
  size: "max",
})

/** @throws with the smallest counterexample that was found. */
export async function nodeStoresAgree(runs: number, seed?: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(timedSteps, async (steps) => {
      const told = []
      for (const kind of [localKind, memoryKind]) told.push(await conversation(await kind.open(), steps))
      deepStrictEqual(told[0], told[1])
    }),
    { numRuns: runs, ...(seed !== undefined && { seed }) },
  )
}

/** What a fresh store with two people answers, refusals included. */
async function conversation(store: NodeStore, steps: readonly (readonly [number, Step])[]): Promise<unknown[]> {
  for (const account of PEOPLE) await store.addAccount(account)
  const answers: unknown[] = []
  let now = NOW
  for (const [serial, [waitMs, ask]] of steps.entries()) {
    now += waitMs
    answers.push(
      await ask(store, now, serial).then(plain, (thrown: unknown) =>
        thrown instanceof Error ? thrown.message : thrown,
      ),
    )
  }
  await store.close()
  return answers
}
