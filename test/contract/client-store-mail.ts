/** What every client store promises about the timeline, the outbox and mail that waits. */
import { expect, test } from "vitest"
import type { ClientStore } from "../../core/store/client-store.ts"
import { BIG, group, GROUP, idOf, line, OTHER_GROUP, PAULA, PETER, waiting } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { codeOf } from "../fakes/refusal.ts"

/** Lines 1 to `count`, those with an even number in the other group. */
function talk(store: ClientStore, count: number): void {
  store.write((tx) => {
    for (let at = 1; at <= count; at++) {
      const groupId = at % 2 === 0 ? OTHER_GROUP : GROUP
      const messageId = idOf(0).slice() as ReturnType<typeof idOf>
      new DataView(messageId.buffer).setUint32(0, at)
      tx.addTimeline(line({ groupId, messageId, body: String(at) }))
    }
  })
}

const places = (rows: readonly { readonly place: number }[]): number[] => rows.map((row) => row.place)

export function mailPromises(opened: () => ClientStore): void {
  test("a line comes back as it was written", () => {
    const store = opened()
    const mine = line({ own: true, delivery: "queued", epoch: BIG, body: "ärger 🙂\u0000", mention: false })
    store.write((tx) => tx.addTimeline(mine))
    expect(store.timeline({ limit: 1 })).toEqual([{ ...mine, place: 1 }])
    expect(store.timelineRow(mine)).toEqual({ ...mine, place: 1 })
    expect(store.timelineRow(line({ senderKey: PAULA }))).toBeUndefined()
  })

  test("a line is known by its sender and id, whatever its group", () => {
    const store = opened()
    store.write((tx) => tx.addTimeline(line({ groupId: OTHER_GROUP })))
    expect(store.hasLine(line({ groupId: GROUP }))).toBe(true)
    expect(store.hasLine(line({ senderKey: PAULA }))).toBe(false)
    expect(store.hasLine(line({ messageId: idOf(2) }))).toBe(false)
  })

  test("a second message of one sender with one id in one group is not added", () => {
    const store = opened()
    const added = store.write((tx) => [
      tx.addTimeline(line()),
      tx.addTimeline(line({ body: "again" })),
      tx.addTimeline(line({ senderKey: PAULA })),
      tx.addTimeline(line({ groupId: OTHER_GROUP })),
      tx.addTimeline(line({ messageId: idOf(2) })),
    ])
    expect(added).toEqual([true, false, true, true, true])
    const rows = store.timeline({ limit: 10 })
    expect(rows.map((row) => row.body)).toEqual(["hello", "hello", "hello", "hello"])
    expect(new Set(places(rows)).size).toBe(4)
    expect(places(rows)).toEqual(places(rows).sort((a, b) => a - b))
  })

  test("a page holds the last rows, those before a place, those after a place, or between; always oldest first", () => {
    const store = opened()
    talk(store, 10)
    const page = (request: Parameters<ClientStore["timeline"]>[0]): number[] => places(store.timeline(request))
    expect(page({ limit: 3 })).toEqual([8, 9, 10])
    expect(page({ limit: 3, before: 8 })).toEqual([5, 6, 7])
    expect(page({ limit: 3, before: 2 })).toEqual([1])
    expect(page({ limit: 3, after: 0 })).toEqual([1, 2, 3])
    expect(page({ limit: 3, after: 8 })).toEqual([9, 10])
    expect(page({ limit: 3, after: 10 })).toEqual([])
    expect(page({ limit: 3, after: 3, before: 6 })).toEqual([4, 5])
    expect(page({ limit: 2, groupId: GROUP })).toEqual([7, 9])
    expect(page({ limit: 2, groupId: GROUP, before: 7 })).toEqual([3, 5])
    expect(page({ limit: 2, groupId: OTHER_GROUP, after: 4 })).toEqual([6, 8])
    expect(page({ limit: 0 })).toEqual([])
    expect(page({ limit: -1 })).toEqual([])
  })

  test("a page has at most a thousand rows", () => {
    const store = opened()
    talk(store, 1001)
    expect(store.timeline({ limit: 5000 })).toHaveLength(1000)
    expect(store.timeline({ limit: 5000, after: 0 }).at(-1)?.place).toBe(1000)
  })

  test("unread counts what others said after the place that was seen", () => {
    const store = opened()
    const kinds = ["text", "unknown", "change", "notice"] as const
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      kinds.forEach((kind, at) => tx.addTimeline(line({ kind, messageId: idOf(at + 1) })))
      tx.addTimeline(line({ own: true, messageId: idOf(8), senderKey: PAULA }))
      tx.addTimeline(line({ groupId: OTHER_GROUP }))
    })
    expect(store.unread(GROUP)).toBe(2)
    store.write((tx) => tx.markRead(GROUP, 1))
    expect(store.unread(GROUP)).toBe(1)
    store.write((tx) => tx.markRead(GROUP, 6))
    expect(store.unread(GROUP)).toBe(0)
    expect(store.unread(OTHER_GROUP)).toBe(0)
  })

  test("a delivery mark changes one's own line only", () => {
    const store = opened()
    store.write((tx) => {
      tx.addTimeline(line({ own: true, senderKey: PETER, delivery: "queued" }))
      tx.addTimeline(line({ senderKey: PAULA }))
      tx.addTimeline(line({ own: true, groupId: OTHER_GROUP, delivery: "queued" }))
    })
    store.write((tx) => tx.setDelivery(GROUP, idOf(1), "failed"))
    expect(store.timeline({ limit: 9 }).map((row) => row.delivery)).toEqual(["failed", "received", "queued"])
  })

  test("the outbox is first in, first out, and never gives one place twice", () => {
    const store = opened()
    store.write((tx) => {
      for (const value of [3, 1, 2]) tx.queue(waiting(value))
    })
    expect(store.outbox(2)).toEqual([
      { ...waiting(3), place: 1, sealed: undefined },
      { ...waiting(1), place: 2, sealed: undefined },
    ])
    expect(store.outboxCount()).toBe(3)
    expect(store.outbox(-1)).toEqual([])
    expect(store.outbox(2, 1)).toEqual(store.outbox(9).slice(1, 3))
    expect(store.outbox(9, 99)).toEqual([])
    expect(codeOf(() => store.write((tx) => tx.queue(waiting(3))))).toBe("E063")
    store.write((tx) => {
      for (const place of [1, 2, 3]) tx.unqueue(place)
      tx.queue(waiting(3))
    })
    expect(places(store.outbox(9))).toEqual([4])
  })

  test("a ciphertext is kept until it is forgotten, and no second one takes its place", () => {
    const store = opened()
    store.write((tx) => tx.queue(waiting(1)))
    const first = { epoch: BIG, bytes: filled(90, 1) }
    const second = { epoch: 4n, bytes: filled(90, 2) }
    expect(store.write((tx) => [tx.seal(1, first), tx.seal(1, second), tx.seal(2, first)])).toEqual([
      true,
      false,
      false,
    ])
    expect(store.outbox(1)[0]?.sealed).toEqual(first)
    expect(store.write((tx) => [tx.seal(1, undefined), tx.seal(1, second)])).toEqual([true, true])
    expect(store.outbox(1)[0]?.sealed).toEqual(second)
  })

  test("mail that waits stands in the order of its positions, one row for each", () => {
    const store = opened()
    const row = (position: bigint, value: number) => ({ position, row: filled(10, value), since: value })
    store.write((tx) => {
      for (const one of [row(BIG, 1), row(2n, 2), row(2n ** 53n + 1n, 3), row(2n, 4)]) tx.buffer(one)
    })
    expect(store.buffered()).toEqual([row(2n, 4), row(2n ** 53n + 1n, 3), row(BIG, 1)])
    expect(store.bufferedSizes()).toEqual(
      store.buffered().map(({ position, row: { length: bytes }, since }) => ({ position, bytes, since })),
    )
    expect(store.write((tx) => [tx.unbuffer(2n ** 53n + 1n), tx.unbuffer(77n)])).toEqual([true, false])
    expect(store.buffered().map(({ position }) => position)).toEqual([2n, BIG])
    expect(codeOf(() => store.write((tx) => tx.buffer(row(BIG + 1n, 1))))).toBe("E024")
  })

  test("the mark of a delivery names its owner until it is taken away", () => {
    const store = opened()
    const mark = { position: BIG, owner: filled(16, 1), heartbeat: 1_700_000_000_000, attempts: 0 }
    store.write((tx) => tx.mark(mark))
    expect(store.processing(BIG)).toEqual(mark)
    const taken = { ...mark, owner: filled(16, 2), attempts: 1 }
    store.write((tx) => tx.mark(taken))
    expect(store.processing(BIG)).toEqual(taken)
    expect(store.processing(1n)).toBeUndefined()
    store.write((tx) => tx.unmark(BIG))
    expect(store.processing(BIG)).toBeUndefined()
  })
}
