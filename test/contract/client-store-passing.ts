/** What every client store promises about what passes: receipts, timers, lines that disappear. */
import { expect, test } from "vitest"
import type { ClientStore } from "../../core/store/client-store.ts"
import type { GroupTimer } from "../../core/store/passing.ts"
import { attached, group, GROUP, idOf, line, OTHER_GROUP, PAULA, PETER } from "../fakes/client-stores.ts"
import { codeOf } from "../fakes/refusal.ts"

const timer = (change: Partial<GroupTimer> = {}): GroupTimer => ({
  groupId: GROUP,
  seconds: 60,
  by: PETER,
  id: idOf(1),
  sentAt: 1000,
  ...change,
})
const OWN = { groupId: GROUP, senderKey: PAULA, messageId: idOf(1) }
const own = (change: object = {}) => line({ ...OWN, own: true, delivery: "queued", ...change })

export function passingPromises(opened: () => ClientStore): void {
  test("of a conversation's timers the newest is kept, by its time, then by its id; it goes with the group", () => {
    const store = opened()
    expect(codeOf(() => store.write((tx) => tx.saveTimer(timer())))).toBe("E063")
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      expect(tx.saveTimer(timer())).toBe(true)
      expect(tx.saveTimer(timer({ sentAt: 999, seconds: 1 }))).toBe(false)
      expect(tx.saveTimer(timer({ seconds: 2 }))).toBe(false)
      expect(tx.saveTimer(timer({ id: idOf(2), seconds: 3 }))).toBe(true)
    })
    expect(store.timer(GROUP)).toEqual(timer({ id: idOf(2), seconds: 3 }))
    store.write((tx) => tx.dropGroup(GROUP))
    expect(store.timer(GROUP)).toBeUndefined()
  })

  test("timer and receipts move with the history; the newer timer and the better receipt stay", () => {
    const store = opened()
    store.write((tx) => {
      for (const id of [GROUP, OTHER_GROUP]) tx.saveGroup(group({ id }), undefined)
      tx.saveTimer(timer())
      tx.saveTimer(timer({ groupId: OTHER_GROUP, sentAt: 2000, seconds: 9 }))
      tx.addTimeline(own())
      tx.noteReceipt(OWN, { by: PETER, state: "read", at: 5 })
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect([store.timer(GROUP), store.timer(OTHER_GROUP)?.seconds]).toEqual([undefined, 9])
    expect(store.receipts(OWN)).toEqual([])
    expect(store.receipts({ ...OWN, groupId: OTHER_GROUP })).toEqual([{ by: PETER, state: "read", at: 5 }])
  })

  test("a receipt is of a message that is there, whichever device wrote it; reading is more than getting, and is kept once", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.addTimeline(own())
      tx.addTimeline(line())
      tx.addTimeline(own({ messageId: idOf(2), kind: "change" }))
      const got = { by: PETER, state: "delivered", at: 5 } as const
      expect(tx.noteReceipt({ ...OWN, messageId: idOf(9) }, got)).toBe(false)
      expect(tx.noteReceipt({ ...OWN, messageId: idOf(2) }, got)).toBe(false)
      tx.addTimeline(own({ messageId: idOf(3), own: false, delivery: "received" }))
      expect(tx.noteReceipt({ ...OWN, messageId: idOf(3) }, got)).toBe(true)
      expect(tx.noteReceipt(OWN, got)).toBe(true)
      expect(tx.noteReceipt(OWN, { ...got, at: 6 })).toBe(false)
      expect(tx.noteReceipt(OWN, { ...got, state: "read", at: 7 })).toBe(true)
      expect(tx.noteReceipt(OWN, { ...got, at: 8 })).toBe(false)
      expect(tx.noteReceipt(OWN, { ...got, by: PAULA, at: 6 })).toBe(true)
    })
    expect(store.receipts(OWN)).toEqual([
      { by: PAULA, state: "delivered", at: 6 },
      { by: PETER, state: "read", at: 7 },
    ])
    store.write((tx) => tx.dropLine(OWN))
    expect(store.receipts(OWN)).toEqual([])
  })

  test("a line is due from its end on, the earliest first and no more than asked for", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.addTimeline(line({ messageId: idOf(1) }))
      tx.addTimeline(line({ messageId: idOf(2), expiresAfter: 9, expiresAt: 300 }))
      tx.addTimeline(line({ messageId: idOf(3), expiresAfter: 9, expiresAt: 200 }))
      tx.addTimeline(line({ messageId: idOf(4), expiresAfter: 9, expiresAt: 200 }))
    })
    const due = (now: number, limit = 10) => store.due(now, limit).map(({ messageId }) => messageId[0])
    expect([due(199), due(200), due(299, 1), due(300), due(300, 0), due(300, -1)]).toEqual([
      [],
      [3, 4],
      [3],
      [3, 4, 2],
      [],
      [],
    ])
    expect(store.nextExpiry()).toBe(200)
    expect(store.due(300, 1)[0]).toMatchObject({ expiresAfter: 9, expiresAt: 200 })
  })

  test("the time of one's own begins when it was sent or given up, once, and never for what stays", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.addTimeline(own({ expiresAfter: 2 }))
      tx.addTimeline(own({ messageId: idOf(2) }))
      tx.setDelivery(GROUP, idOf(1), "queued")
      tx.setDelivery(GROUP, idOf(2), "stored", 1000)
    })
    expect(store.nextExpiry()).toBeUndefined()
    store.write((tx) => tx.setDelivery(GROUP, idOf(1), "stored", 1000))
    expect(store.timelineRow(OWN)).toMatchObject({ expiresAfter: 2, expiresAt: 3000 })
    store.write((tx) => {
      tx.setDelivery(GROUP, idOf(1), "queued")
      tx.setDelivery(GROUP, idOf(1), "stored", 9000)
    })
    expect(store.nextExpiry()).toBe(3000)
    // One that has failed and waits again goes on running out.
    store.write((tx) => {
      tx.setDelivery(GROUP, idOf(1), "failed", 9000)
      tx.setDelivery(GROUP, idOf(1), "queued")
    })
    expect(store.timelineRow(OWN)).toMatchObject({ delivery: "queued", expiresAt: 3000 })
  })

  test("what has disappeared leaves its name alone, for as long as that is kept", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.attach(OWN, attached())
      tx.addTimeline(own({ body: "secret plan", expiresAfter: 1, expiresAt: 10 }))
      tx.annotate({ ...OWN, kind: "reaction", by: PETER, id: idOf(8), sentAt: 1, body: "+" })
      tx.noteReceipt(OWN, { by: PETER, state: "read", at: 5 })
      tx.vanish(OWN, 100)
      tx.vanish(OWN, 200)
    })
    expect([store.timelineRow(OWN), store.attachment(OWN)]).toEqual([undefined, undefined])
    expect([store.annotations(OWN), store.receipts(OWN), store.search({ query: "secret", limit: 5 })]).toEqual([
      [],
      [],
      [],
    ])
    expect([store.hasVanished(OWN), store.hasVanished({ ...OWN, senderKey: PETER }), store.hasLine(OWN)]).toEqual([
      true,
      false,
      false,
    ])
    store.write((tx) => tx.forgetVanished(100))
    expect(store.hasVanished(OWN)).toBe(true)
    store.write((tx) => tx.forgetVanished(101))
    expect(store.hasVanished(OWN)).toBe(false)
  })
}
