/** What every server store promises of reading and acknowledging. */
import { expect, test } from "vitest"
import { EMPTY } from "../../core/domain/bytes.ts"
import type { FetchAnswer } from "../../core/contract/node-service.ts"
import { ROW_OVERHEAD_BYTES } from "../../server/store/node-store.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { ackOf, depositOf, freshChannel, freshKey, GENERATION, itemTo, NOW } from "../fakes/node-stores.ts"
import { readOf, resident } from "../fakes/node-stores.ts"

const UINT64_MAX = 2n ** 64n - 1n
const positions = ({ envelopes }: FetchAnswer): bigint[] => envelopes.map((row) => row.position)
const upTo = (count: number): bigint[] => Array.from({ length: count }, (_, at) => BigInt(at + 1))

export function readCases(store: () => NodeStore): void {
  /** A mailbox with `count` rows of 100 bytes. */
  const filled = async (count: number, change: { expiresAt?: number } = {}) => {
    const { deviceKey } = await resident(store())
    const items = Array.from({ length: count }, () => itemTo(deviceKey, { prefix: fresh(100) }))
    await store().deposit(depositOf(0, items, change))
    return deviceKey
  }

  test("an empty mailbox and an unknown device have nothing, in the same words", async () => {
    const { deviceKey } = await resident(store())
    const nothing = { envelopes: [], head: 0n, expired: 0n, generation: GENERATION, more: false }
    expect(await store().read(readOf(deviceKey))).toEqual(nothing)
    expect(await store().read(readOf(freshKey()))).toEqual(nothing)
    const lane = readOf(deviceKey, { channelId: freshChannel(), allChannels: false })
    expect(await store().read(lane)).toEqual(nothing)
  })

  test("reading removes nothing; pages follow each other by `after`", async () => {
    const key = await filled(5)
    expect(positions(await store().read(readOf(key)))).toEqual(upTo(5))
    const first = await store().read(readOf(key, { limit: 2 }))
    expect([positions(first), first.more, first.head]).toEqual([[1n, 2n], true, 5n])
    const second = await store().read(readOf(key, { limit: 3, after: 2n }))
    expect([positions(second), second.more]).toEqual([[3n, 4n, 5n], false])
    expect(positions(await store().read(readOf(key, { after: 5n })))).toEqual([])
    expect(positions(await store().read(readOf(key, { after: UINT64_MAX })))).toEqual([])
  })

  test("an answer holds as many rows as its bytes allow, always one", async () => {
    const key = await filled(3)
    const row = 100 + ROW_OVERHEAD_BYTES
    const sizes = [0, row, 2 * row - 1, 2 * row, 3 * row]
    const answers = await Promise.all(sizes.map((bytesMax) => store().read(readOf(key, { bytesMax }))))
    expect(answers.map((answer) => [answer.envelopes.length, answer.more])).toEqual([
      [1, true],
      [1, true],
      [1, true],
      [2, true],
      [3, false],
    ])
  })

  test("one channel is read by seqs and tells its own head", async () => {
    const { deviceKey } = await resident(store())
    const channelId = freshChannel()
    const items = [
      itemTo(deviceKey),
      itemTo(deviceKey, { channelId }),
      itemTo(deviceKey),
      itemTo(deviceKey, { channelId }),
    ]
    await store().deposit(depositOf(0, items))
    const lane = { channelId, allChannels: false }
    const all = await store().read(readOf(deviceKey, lane))
    expect([all.envelopes.map((row) => row.seq), all.head]).toEqual([[1n, 2n], 2n])
    const rest = await store().read(readOf(deviceKey, { ...lane, after: 1n }))
    expect(positions(rest)).toEqual([4n])
    expect(await store().acknowledge(ackOf(deviceKey, 1n, lane))).toBe(1n)
    expect(positions(await store().read(readOf(deviceKey)))).toEqual([1n, 3n, 4n])
    expect(await store().acknowledge(ackOf(deviceKey, 2n, { allChannels: false }))).toBe(2n)
    expect(positions(await store().read(readOf(deviceKey)))).toEqual([4n])
  })

  test("what is acknowledged is gone, once, and the numbers go on", async () => {
    const key = await filled(4)
    expect(await store().acknowledge(ackOf(key, 2n))).toBe(2n)
    expect(await store().acknowledge(ackOf(key, 2n))).toBe(0n)
    expect(await store().acknowledge(ackOf(key, 0n))).toBe(0n)
    const rest = await store().read(readOf(key, { ack: 3n }))
    expect([positions(rest), rest.head, rest.expired]).toEqual([[4n], 4n, 0n])
    for (const never of [5n, UINT64_MAX]) expect(await store().acknowledge(ackOf(key, never))).toBe(0n)
    expect(await store().acknowledge(ackOf(key, 4n))).toBe(1n)
    const { results } = await store().deposit(depositOf(0, [itemTo(key)]))
    expect(results[0]!.seq).toBe(5)
    expect(await store().acknowledge(ackOf(freshKey(), 1n))).toBe(0n)
  })

  test("under another generation neither `after` nor `ack` counts", async () => {
    const key = await filled(3)
    for (const generation of [0n, GENERATION + 1n, UINT64_MAX]) {
      const answer = await store().read(readOf(key, { generation, after: 2n, ack: 2n }))
      expect([positions(answer), answer.generation]).toEqual([upTo(3), GENERATION])
      expect(await store().acknowledge(ackOf(key, 3n, { generation }))).toBe(0n)
    }
    expect(positions(await store().read(readOf(key)))).toEqual(upTo(3))
  })

  test("a row past its time is read as an empty one even before the sweep", async () => {
    const key = await filled(2, { expiresAt: NOW + 1000 })
    const before = await store().read(readOf(key, { now: NOW + 999 }))
    expect(before.envelopes.map((row) => row.payload.length)).toEqual([100, 100])
    const after = await store().read(readOf(key, { now: NOW + 1000 }))
    expect(after.envelopes.map((row) => row.payload)).toEqual([EMPTY, EMPTY])
    expect(positions(after)).toEqual([1n, 2n])
  })
}
