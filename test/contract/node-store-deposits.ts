/** What every server store promises of deposits: numbers, repeats, quota, staleness. */
import { expect, test } from "vitest"
import { concat, EMPTY } from "../../core/domain/bytes.ts"
import { MAILBOX_BYTES_MAX, MAILBOX_ROWS_MAX, RETENTION_MS } from "../../core/domain/limits.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { Deposit, DepositItem, NodeStore } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { ackOf, commitOf, depositOf, freshChannel, freshKey, itemTo, NOW, plain } from "../fakes/node-stores.ts"
import { readOf, resident, sweepAll } from "../fakes/node-stores.ts"

const QUARTER_ROWS = MAILBOX_ROWS_MAX / 4
/** Four of them are a sender's quarter of the bytes. */
const LARGE_BYTES = MAILBOX_BYTES_MAX / 16

const several = (count: number, to: DeviceKey, change: Partial<DepositItem> = {}): DepositItem[] =>
  Array.from({ length: count }, () => itemTo(to, change))

export function depositCases(store: () => NodeStore): void {
  const codes = async (account: number, items: readonly DepositItem[], change: Partial<Deposit> = {}) =>
    (await store().deposit(depositOf(account, items, change))).results.map((result) => result.code)

  test("rows are numbered without gaps: seq in each channel, position over all", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const channel = freshChannel()
    const to = bob.deviceKey
    const items = [itemTo(to), itemTo(to, { channelId: channel }), itemTo(to), itemTo(to, { channelId: channel })]
    const one = await store().deposit(depositOf(alice.id, items.slice(0, 3)))
    expect(one.results.map((result) => result.seq)).toEqual([1, 1, 2])
    const two = await store().deposit(depositOf(alice.id, items.slice(3)))
    expect(two.results).toEqual([{ code: 0, seq: 2, duplicate: false }])
    const all = await store().read(readOf(to))
    expect(all.envelopes.map(({ position, seq }) => [position, seq])).toEqual([
      [1n, 1n],
      [2n, 1n],
      [3n, 2n],
      [4n, 2n],
    ])
    expect(
      all.envelopes.map(({ id, payload, channelId, receivedAt }) => plain([id, payload, channelId, receivedAt])),
    ).toEqual(items.map(({ messageId, prefix, channelId }) => plain([messageId, prefix, channelId, NOW])))
  })

  test("deposits of one moment are numbered without gaps", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const sent = Array.from({ length: 50 }, () => store().deposit(depositOf(alice.id, [itemTo(bob.deviceKey)])))
    const seqs = (await Promise.all(sent)).map(({ results }) => results[0]!.seq)
    expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
  })

  test("a repeated message id is a duplicate with the first seq, also after its row was acknowledged", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const items = several(2, bob.deviceKey)
    await store().deposit(depositOf(alice.id, items))
    const known = [1, 2].map((seq) => ({ code: 0, seq, duplicate: true }))
    expect((await store().deposit(depositOf(alice.id, items))).results).toEqual(known)
    expect(await store().acknowledge(ackOf(bob.deviceKey, 2n))).toBe(2n)
    expect((await store().deposit(depositOf(alice.id, items))).results).toEqual(known)
    expect((await store().read(readOf(bob.deviceKey))).envelopes).toEqual([])
  })

  test("a message id repeats only for the same sender, recipient and channel", async () => {
    const [alice, bob, carol] = [await resident(store()), await resident(store()), await resident(store())]
    const item = itemTo(bob.deviceKey)
    await store().deposit(depositOf(alice.id, [item]))
    const results = [
      await store().deposit(depositOf(carol.id, [item])),
      await store().deposit(depositOf(0, [item])),
      await store().deposit(depositOf(alice.id, [{ ...item, recipientKey: carol.deviceKey }])),
      await store().deposit(depositOf(alice.id, [{ ...item, channelId: freshChannel() }])),
    ]
    expect(results.map((answer) => answer.results[0]!.duplicate)).toEqual([false, false, false, false])
  })

  test("a short-lived row is remembered as long as any other", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const item = itemTo(bob.deviceKey)
    await store().deposit(depositOf(alice.id, [item], { expiresAt: NOW + 1000 }))
    await sweepAll(store(), NOW + 1000)
    const again = (now: number) => store().deposit(depositOf(alice.id, [item], { now }))
    expect((await again(NOW + 1000)).results).toEqual([{ code: 0, seq: 1, duplicate: true }])
    await sweepAll(store(), NOW + RETENTION_MS)
    expect((await again(NOW + RETENTION_MS)).results).toEqual([{ code: 0, seq: 2, duplicate: false }])
  })

  test("an unknown recipient is refused by itself", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const items = [itemTo(bob.deviceKey), itemTo(freshKey()), itemTo(bob.deviceKey)]
    const { results, epoch } = await store().deposit(depositOf(alice.id, items))
    expect(results.map(({ code, seq }) => [code, seq])).toEqual([
      [0, 1],
      [40, 0],
      [0, 2],
    ])
    expect(epoch).toBe(0n)
  })

  test("a body shared by many rows follows each one's own prefix", async () => {
    const [alice, bob, carol] = [await resident(store()), await resident(store()), await resident(store())]
    const body = fresh(500)
    const items = [itemTo(bob.deviceKey), itemTo(carol.deviceKey), itemTo(bob.deviceKey, { prefix: EMPTY })]
    await store().deposit(depositOf(alice.id, items, { body }))
    const toBob = (await store().read(readOf(bob.deviceKey))).envelopes
    expect(toBob.map((row) => plain(row.payload))).toEqual([plain(concat(items[0]!.prefix, body)), plain(body)])
    await store().acknowledge(ackOf(bob.deviceKey, 2n))
    const toCarol = (await store().read(readOf(carol.deviceKey))).envelopes
    expect(toCarol.map((row) => plain(row.payload))).toEqual([plain(concat(items[1]!.prefix, body))])
  })

  test("one sender fills a quarter of a mailbox's rows, all together the whole; acknowledging makes room", async () => {
    const to = (await resident(store())).deviceKey
    const senders = [await resident(store()), await resident(store()), await resident(store()), await resident(store())]
    const late = await resident(store())
    const small = { prefix: EMPTY }
    for (const sender of senders) {
      const full = await codes(sender.id, several(QUARTER_ROWS + 1, to, small))
      expect(full.filter((code) => code === 0)).toHaveLength(QUARTER_ROWS)
      expect(full.at(-1)).toBe(41)
    }
    expect(await codes(late.id, several(1, to, small))).toEqual([41])
    expect(await store().acknowledge(ackOf(to, 1n))).toBe(1n)
    expect(await codes(late.id, several(2, to, small))).toEqual([0, 41])
  })

  test("one sender fills a quarter of a mailbox's bytes, all together the whole", async () => {
    const to = (await resident(store())).deviceKey
    const body = fresh(LARGE_BYTES)
    const senders = [await resident(store()), await resident(store()), await resident(store()), await resident(store())]
    for (const sender of senders) {
      const items = several(5, to, { prefix: EMPTY })
      expect(await codes(sender.id, items, { body })).toEqual([0, 0, 0, 0, 41])
    }
    const late = await resident(store())
    expect(await codes(late.id, several(1, to, { prefix: fresh(1) }))).toEqual([41])
    await store().acknowledge(ackOf(to, 1n))
    expect(await codes(late.id, several(1, to, { prefix: fresh(1) }))).toEqual([0])
  })

  test("mail of a past epoch is stale, but what was stored already is a duplicate", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    const commit = commitOf(alice)
    const group = (epoch: bigint) => ({ group: { tag: commit.groupTag, epoch } })
    const item = itemTo(bob.deviceKey)
    expect(await store().deposit(depositOf(alice.id, [item], group(0n)))).toMatchObject({ epoch: 0n })
    await store().commit(commit)
    const items = [itemTo(bob.deviceKey), item, itemTo(freshKey())]
    const late = await store().deposit(depositOf(alice.id, items, group(0n)))
    expect(late).toEqual({
      epoch: 1n,
      head: 0,
      results: [
        { code: 42, seq: 0, duplicate: false },
        { code: 0, seq: 1, duplicate: true },
        { code: 40, seq: 0, duplicate: false },
      ],
    })
    expect(await codes(alice.id, several(1, bob.deviceKey), group(1n))).toEqual([0])
    expect(await codes(alice.id, several(1, bob.deviceKey), group(2n ** 64n - 1n))).toEqual([0])
  })

  test("the sender is told where its own mailbox ended before, of a repetition where it ended at first", async () => {
    const [alice, bob, carol] = [await resident(store()), await resident(store()), await resident(store())]
    const from = { senderKey: alice.deviceKey }
    const head = async (items: readonly DepositItem[], change: Partial<Deposit> = from) =>
      (await store().deposit(depositOf(alice.id, items, change))).head
    const item = itemTo(bob.deviceKey)
    expect(await head([itemTo(bob.deviceKey)])).toBe(0)
    await store().deposit(depositOf(bob.id, several(2, alice.deviceKey)))
    expect(await head([item])).toBe(2)
    await store().deposit(depositOf(bob.id, [itemTo(alice.deviceKey, { channelId: freshChannel() })]))
    await store().acknowledge(ackOf(alice.deviceKey, 3n))
    expect(await head([itemTo(bob.deviceKey)])).toBe(3)
    expect(await head([item])).toBe(2)
    expect(await head([itemTo(carol.deviceKey), item])).toBe(2)
    expect(await head([itemTo(alice.deviceKey)])).toBe(3)
    expect(await head([itemTo(bob.deviceKey)])).toBe(4)
    expect(await head([itemTo(freshKey())])).toBe(0)
    expect(await head([])).toBe(0)
    await sweepAll(store(), NOW + RETENTION_MS)
    expect(await head([item], { ...from, now: NOW + RETENTION_MS })).toBe(4)
  })

  test("who has no mailbox is told no head, nor is a repetition of what such a one sent", async () => {
    const [alice, bob] = [await resident(store()), await resident(store())]
    await store().deposit(depositOf(bob.id, several(2, alice.deviceKey)))
    const item = itemTo(bob.deviceKey)
    expect((await store().deposit(depositOf(0, [item]))).head).toBe(0)
    expect((await store().deposit(depositOf(alice.id, [item], { senderKey: freshKey() }))).head).toBe(0)
    expect((await store().deposit(depositOf(alice.id, [item], { senderKey: alice.deviceKey }))).head).toBe(0)
  })

  test("a deposit without items tells the group's epoch", async () => {
    const alice = await resident(store())
    const commit = commitOf(alice)
    await store().commit(commit)
    const group = { tag: commit.groupTag, epoch: 0n }
    expect(await store().deposit(depositOf(alice.id, [], { group }))).toEqual({ results: [], epoch: 1n, head: 0 })
  })
}
