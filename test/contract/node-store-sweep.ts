/** What every server store promises of time: expiry, what stays in its place, and what is said about it. */
import { beforeEach, expect, test } from "vitest"
import type { FetchAnswer } from "../../core/contract/node-service.ts"
import { DAY_MS, RETENTION_MS } from "../../core/domain/limits.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { EMPTIED_AGAIN_MS } from "../../server/store/node-store.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { ackOf, commitOf, depositOf, freshChannel, itemTo, NOW, readOf, resident } from "../fakes/node-stores.ts"
import { sweepAll } from "../fakes/node-stores.ts"

const SOON = NOW + 1000
const LATE = NOW + RETENTION_MS
const seen = ({ envelopes, expired, head }: FetchAnswer) => [
  envelopes.map((row) => [row.position, row.payload.length]),
  expired,
  head,
]

export function sweepCases(store: () => NodeStore): void {
  const deposit = (to: DeviceKey, expiresAt: number, channelId = itemTo(to).channelId) =>
    store().deposit(depositOf(0, [itemTo(to, { channelId })], { expiresAt }))
  // Nothing of other cases is left to expire.
  beforeEach(async () => {
    for (const days of [40, 41]) await sweepAll(store(), NOW + days * DAY_MS)
  })
  const look = async (key: DeviceKey, now: number) => seen(await store().read(readOf(key, { now })))

  test("expired mail at the old end goes, and the mailbox says up to where", async () => {
    const { deviceKey } = await resident(store())
    for (const expiresAt of [SOON, SOON, LATE]) await deposit(deviceKey, expiresAt)
    expect(await sweepAll(store(), SOON - 1)).toBe(0)
    expect(await sweepAll(store(), SOON)).toBe(2)
    expect(await look(deviceKey, SOON)).toEqual([[[3n, 10]], 2n, 3n])
    expect(await sweepAll(store(), LATE)).toBe(1)
    expect(await look(deviceKey, LATE)).toEqual([[], 3n, 3n])
    await deposit(deviceKey, LATE)
    expect((await look(deviceKey, NOW))[2]).toBe(4n)
  })

  test("a row that expires before older ones leaves an empty envelope until it reaches the front", async () => {
    const { deviceKey } = await resident(store())
    for (const expiresAt of [LATE, SOON, LATE]) await deposit(deviceKey, expiresAt)
    expect(await sweepAll(store(), SOON)).toBe(1)
    const emptied = [
      [1n, 10],
      [2n, 0],
      [3n, 10],
    ]
    expect(await look(deviceKey, SOON)).toEqual([emptied, 0n, 3n])
    expect(await sweepAll(store(), SOON)).toBe(0)
    await store().acknowledge(ackOf(deviceKey, 1n))
    expect(await sweepAll(store(), SOON + EMPTIED_AGAIN_MS)).toBe(1)
    expect(await look(deviceKey, SOON)).toEqual([[[3n, 10]], 2n, 3n])
  })

  test("an emptied row that is acknowledged did not expire unseen", async () => {
    const { deviceKey } = await resident(store())
    for (const expiresAt of [LATE, SOON]) await deposit(deviceKey, expiresAt)
    await sweepAll(store(), SOON)
    expect(await store().acknowledge(ackOf(deviceKey, 2n))).toBe(2n)
    expect(await look(deviceKey, SOON)).toEqual([[], 0n, 2n])
  })

  test("each channel knows its own highest expired number", async () => {
    const { deviceKey } = await resident(store())
    const channel = freshChannel()
    await deposit(deviceKey, SOON)
    await deposit(deviceKey, SOON, channel)
    await deposit(deviceKey, SOON, channel)
    await deposit(deviceKey, LATE, channel)
    await sweepAll(store(), SOON)
    const lane = await store().read(readOf(deviceKey, { channelId: channel, allChannels: false }))
    expect([lane.envelopes.map((row) => row.seq), lane.expired, lane.head]).toEqual([[3n], 2n, 3n])
    const group = await store().read(readOf(deviceKey, { allChannels: false }))
    expect([group.envelopes, group.expired, group.head]).toEqual([[], 1n, 1n])
    expect((await store().read(readOf(deviceKey))).expired).toBe(3n)
  })

  test("an emptied commit row no longer says which group it was of", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    await deposit(bob.deviceKey, LATE)
    const recipients = [{ recipientKey: bob.deviceKey, channelId: itemTo(bob.deviceKey).channelId, prefix: fresh(5) }]
    await store().commit(commitOf(alice, { recipients, expiresAt: SOON }))
    await sweepAll(store(), SOON)
    const { envelopes } = await store().read(readOf(bob.deviceKey))
    expect(envelopes.map((row) => [row.payload.length, row.commit])).toEqual([
      [10, undefined],
      [0, undefined],
    ])
  })

  test("what expired no longer counts against the quota", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const quarter = Array.from({ length: 2500 }, () => itemTo(bob.deviceKey))
    await store().deposit(depositOf(alice.id, quarter, { expiresAt: SOON }))
    const code = async () => (await store().deposit(depositOf(alice.id, [itemTo(bob.deviceKey)]))).results[0]!.code
    expect(await code()).toBe(41)
    expect(await sweepAll(store(), SOON)).toBe(2500)
    expect(await code()).toBe(0)
  })

  test("an expired login is swept, a living one stays", async () => {
    const { deviceKey } = await resident(store())
    const session = (expires: number) => ({
      deviceKey,
      family: fresh(16),
      accessHash: fresh(32),
      accessExpires: expires,
      refreshHash: fresh(32),
      refreshExpires: expires,
      now: NOW,
    })
    const [short, long] = [session(SOON), session(LATE)]
    await store().openSession(short)
    await store().openSession(long)
    await sweepAll(store(), SOON)
    expect(await store().sessionByAccess(short.accessHash, NOW)).toBe(undefined)
    expect(await store().sessionByAccess(long.accessHash, NOW)).toBeDefined()
  })
}
