/** What every client store promises about the order of lines: one's own move among those of others, which never move. */
import { expect, test } from "vitest"
import type { ClientStore, ClientTx, TimelineRow } from "../../core/store/client-store.ts"
import { ROOMS_MAX, TRAILING_LINES_MAX } from "../../core/store/order.ts"
import { BIG, group, GROUP, idOf, line, OTHER_GROUP, PAULA, PETER, staged, waiting } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { codeOf } from "../fakes/refusal.ts"

const mine = (value: number, change: Partial<TimelineRow> = {}) =>
  line({ own: true, senderKey: PETER, messageId: idOf(value), body: `mine ${value}`, delivery: "queued", ...change })
const theirs = (value: number, change: Partial<TimelineRow> = {}) =>
  line({ senderKey: PAULA, messageId: idOf(value), body: `theirs ${value}`, ...change })

const bodies = (store: ClientStore, groupId = GROUP): readonly string[] =>
  store.timeline({ groupId, limit: 1000 }).map(({ body }) => body)
const placesOf = (store: ClientStore): Readonly<Record<string, number>> =>
  Object.fromEntries(store.timeline({ limit: 1000 }).map(({ body, place }) => [body, place]))

/** Lines of one's own are written, sealed, and on their way. */
function write(store: ClientStore, ...values: readonly number[]): void {
  store.write((tx) => {
    for (const value of values) {
      tx.addTimeline(mine(value))
      tx.queue(waiting(value))
    }
    for (const { place } of tx.outbox(100)) tx.seal(place, { epoch: 1n, bytes: filled(9, 9) })
  })
}

/** The server's answer came. */
function stored(store: ClientStore, value: number, head: bigint | undefined, reached = 0n): void {
  store.write((tx) => {
    tx.setDelivery(GROUP, idOf(value), "stored")
    tx.settleLine(mine(value), { head, reached })
    for (const { place, messageId } of tx.outbox(100)) if (messageId[0] === value) tx.unqueue(place)
  })
}

/** A row of the mailbox brings a line. @returns which lines moved. */
const row = (tx: ClientTx, position: bigint, change: Partial<TimelineRow> = {}): readonly unknown[] => {
  tx.noteReached(position - 1n)
  tx.keepRoom(position)
  tx.addTimeline(theirs(Number(position), change))
  return tx.trail().map(({ messageId }) => messageId[0])
}

const came = (store: ClientStore, position: bigint, change: Partial<TimelineRow> = {}): readonly unknown[] =>
  store.write((tx) => row(tx, position, change))

export function orderPromises(opened: () => ClientStore): void {
  test("a message stands behind all that came up to its head, also what comes later, and before the rest", () => {
    const store = opened()
    write(store, 91)
    came(store, 1n)
    stored(store, 91, 3n, 1n)
    expect(bodies(store)).toEqual(["theirs 1", "mine 91"])
    expect([2n, 3n, 4n, 5n].map((position) => came(store, position))).toEqual([[91], [91], [], []])
    expect(bodies(store)).toEqual(["theirs 1", "theirs 2", "theirs 3", "mine 91", "theirs 4", "theirs 5"])
  })

  test("what came behind its head before the answer stands behind it", () => {
    const store = opened()
    came(store, 1n)
    write(store, 91, 92)
    for (const position of [2n, 3n, 4n]) came(store, position)
    const others = ["theirs 1", "theirs 2", "theirs 3", "theirs 4"]
    const before = placesOf(store)
    stored(store, 91, 2n, 4n)
    expect(bodies(store)).toEqual(["theirs 1", "mine 92", "theirs 2", "mine 91", "theirs 3", "theirs 4"])
    stored(store, 92, 2n, 4n)
    expect(bodies(store)).toEqual(["theirs 1", "theirs 2", "mine 91", "mine 92", "theirs 3", "theirs 4"])
    for (const other of others) expect(placesOf(store)[other]).toBe(before[other])
  })

  test("a message that stands right stays where it is", () => {
    const store = opened()
    came(store, 1n)
    write(store, 91)
    const before = placesOf(store)["mine 91"]
    came(store, 2n)
    stored(store, 91, 1n, 2n)
    expect(placesOf(store)["mine 91"]).toBe(before)
    write(store, 92, 93)
    const late = placesOf(store)["mine 92"]
    stored(store, 92, 2n, 2n)
    expect(placesOf(store)["mine 92"]).toBe(late)
    expect(bodies(store)).toEqual(["theirs 1", "mine 91", "theirs 2", "mine 92", "mine 93"])
  })

  test("without a head a message moves behind what was received before it, and only then", () => {
    const store = opened()
    write(store, 91)
    came(store, 1n)
    came(store, 2n, { groupId: OTHER_GROUP })
    store.write((tx) => tx.setDelivery(GROUP, idOf(91), "failed"))
    expect(bodies(store)).toEqual(["mine 91", "theirs 1"])
    stored(store, 91, undefined, 2n)
    expect(bodies(store)).toEqual(["theirs 1", "mine 91"])
    const before = store.timeline({ limit: 9 })
    stored(store, 91, undefined, 2n)
    expect(store.timeline({ limit: 9 })).toEqual(before)
    expect(came(store, 3n)).toEqual([])
  })

  test("without a head a message follows those before it that still move", () => {
    const store = opened()
    write(store, 91, 92)
    stored(store, 91, 2n)
    stored(store, 92, undefined)
    expect([1n, 2n, 3n].map((position) => came(store, position))).toEqual([[91, 92], [91, 92], []])
    expect(bodies(store)).toEqual(["theirs 1", "theirs 2", "mine 91", "mine 92", "theirs 3"])
  })

  test("several keep their order among each other, each up to its own head", () => {
    const store = opened()
    write(store, 91, 92, 93)
    stored(store, 91, 1n)
    stored(store, 92, 1n)
    stored(store, 93, 3n)
    expect(came(store, 1n)).toEqual([91, 92, 93])
    expect(came(store, 2n)).toEqual([93])
    expect(bodies(store)).toEqual(["theirs 1", "mine 91", "mine 92", "theirs 2", "mine 93"])
  })

  test("mail of another conversation moves nothing, and no line of others ever moves", () => {
    const store = opened()
    write(store, 91)
    stored(store, 91, 9n)
    expect(came(store, 1n, { groupId: OTHER_GROUP })).toEqual([])
    const before = placesOf(store)["theirs 1"]
    expect(came(store, 2n)).toEqual([91])
    expect(placesOf(store)["theirs 1"]).toBe(before)
    expect(bodies(store)).toEqual(["theirs 2", "mine 91"])
    expect(bodies(store, OTHER_GROUP)).toEqual(["theirs 1"])
  })

  test("a commit that is on its way keeps room for its line", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.stageCommit(staged())
    })
    for (const position of [1n, 2n]) came(store, position)
    store.write((tx) => {
      tx.unstageCommit(GROUP)
      tx.addTimeline(mine(91, { kind: "change", delivery: "stored" }))
      tx.settleLine(mine(91), { head: 1n, reached: 2n })
    })
    expect(bodies(store)).toEqual(["theirs 1", "mine 91", "theirs 2"])
  })

  test("where no room is left a message stays where it was written", () => {
    const store = opened()
    write(store, 91)
    came(store, 1n)
    came(store, 2n)
    store.write((tx) => {
      tx.addTimeline(mine(92, { delivery: "stored" }))
      tx.settleLine(mine(92), { head: 1n, reached: 2n })
    })
    stored(store, 91, 1n, 2n)
    expect(bodies(store)).toEqual(["mine 91", "theirs 1", "mine 92", "theirs 2"])
  })

  test("when nothing is on its way no room is kept, and what was kept is forgotten", () => {
    const store = opened()
    came(store, 1n)
    came(store, 2n)
    expect(placesOf(store)).toEqual({ "theirs 1": 1, "theirs 2": 2 })
    write(store, 91)
    came(store, 3n)
    stored(store, 91, 3n, 3n)
    came(store, 4n)
    store.write((tx) => {
      tx.addTimeline(mine(92, { delivery: "stored" }))
      tx.settleLine(mine(92), { head: 2n, reached: 4n })
    })
    expect(bodies(store).at(-1)).toBe("mine 92")
  })

  test("numbers of a mailbox that mean nothing any more move nothing", () => {
    const store = opened()
    write(store, 91, 92)
    stored(store, 91, 9n)
    expect(came(store, 5n)).toEqual([91])
    store.write((tx) => {
      tx.forgetHeads()
    })
    expect(came(store, 1n)).toEqual([])
    stored(store, 92, 1n, 1n)
    expect(bodies(store)).toEqual(["theirs 5", "mine 91", "theirs 1", "mine 92"])
  })

  test("a line that waits again, or is gone, moves no more", () => {
    const store = opened()
    write(store, 91, 92)
    stored(store, 91, 9n)
    stored(store, 92, 9n)
    store.write((tx) => {
      tx.setDelivery(GROUP, idOf(91), "queued")
      tx.dropLine(mine(92))
    })
    expect(came(store, 1n)).toEqual([])
    expect(store.timelineRow(mine(91))).toMatchObject({ head: undefined, delivery: "queued" })
    store.write((tx) => {
      tx.settleLine(mine(92), { head: 9n, reached: 0n })
      tx.settleLine(theirs(1), { head: 9n, reached: 0n })
    })
    expect(bodies(store)).toEqual(["mine 91", "theirs 1"])
  })

  test("lines that move with their conversation go on to move there", () => {
    const store = opened()
    write(store, 91)
    stored(store, 91, 2n)
    store.write((tx) => {
      tx.moveHistory(GROUP, OTHER_GROUP)
    })
    expect(came(store, 1n, { groupId: OTHER_GROUP })).toEqual([91])
    expect(bodies(store, OTHER_GROUP)).toEqual(["theirs 1", "mine 91"])
  })

  test("no place is ever given twice, also when the last line is gone", () => {
    const store = opened()
    write(store, 91)
    came(store, 1n)
    stored(store, 91, 9n)
    came(store, 2n)
    const last = placesOf(store)["mine 91"] ?? 0
    store.write((tx) => {
      tx.dropLine(mine(91))
    })
    came(store, 3n)
    expect(placesOf(store)["theirs 3"]).toBeGreaterThan(last)
  })

  test("no more than a number of lines follow what comes, and no more than a number of rooms are known", () => {
    const store = opened()
    write(store, 91)
    store.write((tx) => {
      for (let at = 0; at <= TRAILING_LINES_MAX; at++) {
        const one = mine(0, { messageId: idOf(0).map((_, byte) => [at % 256, at >> 8][byte] ?? 7) as never })
        tx.addTimeline({ ...one, delivery: "stored" })
        tx.settleLine(one, { head: 1n, reached: 0n })
      }
      expect(row(tx, 1n)).toHaveLength(TRAILING_LINES_MAX)
      for (let at = 2; at <= ROOMS_MAX + 2; at++) tx.keepRoom(BigInt(at))
      tx.settleLine(mine(91), { head: 1n, reached: 2n })
    })
    const places = store.timeline({ limit: 1000 }).map(({ place }) => place)
    expect(placesOf(store)["mine 91"]).toBe(places.at(-1))
  })

  test("a number beyond 63 bits is refused", () => {
    const store = opened()
    write(store, 91)
    expect(codeOf(() => stored(store, 91, BIG + 1n))).toBe("E024")
    expect(codeOf(() => came(store, BIG + 2n))).toBe("E024")
    stored(store, 91, BIG)
    expect(came(store, BIG)).toEqual([91])
  })
}
