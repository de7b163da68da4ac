/** What every client store promises about broken groups, and about groups that were dropped. */
import { expect, test } from "vitest"
import type { ClientStore } from "../../core/store/client-store.ts"
import { BIG, group, GROUP, idOf, line, OTHER_GROUP, PETER, succession, waiting } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { codeOf } from "../fakes/refusal.ts"

export function successionPromises(opened: () => ClientStore): void {
  test("how a succession stands is kept, replaced, and goes with its group", () => {
    const store = opened()
    expect(codeOf(() => store.write((tx) => tx.saveSuccession(succession())))).toBe("E063")
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveSuccession(succession())
    })
    expect(store.succession(GROUP)).toEqual(succession())
    expect(store.succession(OTHER_GROUP)).toBeUndefined()
    const later = succession({ blamed: [], winner: undefined, successor: undefined, epoch: undefined, moved: true })
    store.write((tx) => tx.saveSuccession(later))
    expect(store.successions()).toEqual([later])
    store.write((tx) => tx.dropGroup(GROUP))
    expect(store.successions()).toEqual([])
  })

  test("a history moves with what waits, to be sealed anew; what is there already stays once", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group({ readUpTo: 0 }), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      tx.markRead(GROUP, 2)
      for (const at of [1, 2]) tx.addTimeline(line({ messageId: idOf(at) }))
      tx.addTimeline(line({ groupId: OTHER_GROUP, messageId: idOf(2), body: "there already" }))
      for (const at of [3, 4]) tx.queue(waiting(at))
      tx.queue({ ...waiting(4), groupId: OTHER_GROUP })
      tx.seal(1, { epoch: 3n, bytes: filled(9, 9) })
    })
    store.write((tx) => tx.moveHistory(GROUP, OTHER_GROUP))
    expect(store.timeline({ groupId: GROUP, limit: 9 })).toEqual([])
    const moved = store.timeline({ groupId: OTHER_GROUP, limit: 9 })
    expect(moved.map(({ place, body }) => [place, body])).toEqual([
      [1, line().body],
      [3, "there already"],
    ])
    expect(store.timelineRow({ groupId: OTHER_GROUP, senderKey: PETER, messageId: idOf(1) })).toBeDefined()
    expect(store.outbox(9).map(({ place, groupId, sealed }) => [place, groupId, sealed])).toEqual([
      [1, OTHER_GROUP, undefined],
      [3, OTHER_GROUP, undefined],
    ])
    expect(store.group(OTHER_GROUP)?.readUpTo).toBe(2)
  })

  test("a history that is moved to where it is stays as it is", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.addTimeline(line())
      tx.queue(waiting(1))
    })
    const before = [store.timeline({ limit: 9 }), store.outbox(9)]
    store.write((tx) => tx.moveHistory(GROUP, GROUP))
    expect([store.timeline({ limit: 9 }), store.outbox(9)]).toEqual(before)
  })

  test("suite and highest epoch of a group outlive it", () => {
    const store = opened()
    expect(store.groupFloor(GROUP)).toBeUndefined()
    store.write((tx) => tx.saveGroup(group({ epoch: 5n }), undefined))
    expect(store.groupFloor(GROUP)).toEqual({ suite: "hybrid", epoch: 5n })
    store.write((tx) => tx.dropGroup(GROUP))
    expect(store.groupFloor(GROUP)).toEqual({ suite: "hybrid", epoch: 5n })
    store.write((tx) => {
      tx.saveGroup(group({ epoch: 2n, suite: "baseline" }), undefined)
      tx.dropGroup(GROUP)
    })
    expect(store.groupFloor(GROUP)).toEqual({ suite: "hybrid", epoch: 5n })
    store.write((tx) => tx.saveGroup(group({ epoch: BIG }), undefined))
    expect(store.groupFloor(GROUP)).toEqual({ suite: "hybrid", epoch: BIG })
  })
}
