/** What every client store promises about groups, their secrets and their staged commits. */
import { expect, test } from "vitest"
import { deviceKey, groupTag } from "../../core/domain/ids.ts"
import type { ClientStore, EpochKey, RejoinRow } from "../../core/store/client-store.ts"
import { BIG, group, GROUP, idOf, line, OTHER_GROUP, PAULA, staged, waiting } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { codeOf } from "../fakes/refusal.ts"

const key = (epoch: bigint, change: Partial<EpochKey> = {}): EpochKey => ({
  groupId: GROUP,
  epoch,
  keyTag: filled(8, 1),
  key: filled(32, Number(epoch & 0xffn)),
  heirs: filled(128, Number(epoch & 0xffn)),
  ...change,
})
const node = (epoch: bigint, leaf: number, value = 1) => ({ epoch, leaf, record: filled(76, value) })

export function groupPromises(opened: () => ClientStore): void {
  test("a group is added once, found by id and by tag, and begins with version 1", () => {
    const store = opened()
    store.write((tx) => tx.saveGroup(group({ inviter: PAULA, owesUpdate: true }), undefined))
    expect(store.group(GROUP)).toEqual({ ...group({ inviter: PAULA, owesUpdate: true }), version: 1 })
    expect(store.groupByTag(group().tag)?.name).toBe("team")
    expect(store.group(OTHER_GROUP)).toBeUndefined()
    expect(store.groupByTag(groupTag(filled(16, 99)))).toBeUndefined()
    expect(codeOf(() => store.write((tx) => tx.saveGroup(group(), undefined)))).toBe("E064")
    const sameTag = group({ id: OTHER_GROUP, tag: group().tag })
    expect(codeOf(() => store.write((tx) => tx.saveGroup(sameTag, undefined)))).toBe("E064")
  })

  test("a group is replaced only at the version that the writer saw, and the version counts every step", () => {
    const store = opened()
    store.write((tx) => tx.saveGroup(group(), undefined))
    store.write((tx) => tx.saveGroup(group({ epoch: 4n, name: "crew", status: "removed" }), 1))
    expect(store.group(GROUP)).toMatchObject({ epoch: 4n, name: "crew", status: "removed", version: 2 })
    for (const wrong of [0, 1, 3]) {
      expect(codeOf(() => store.write((tx) => tx.saveGroup(group({ epoch: 9n }), wrong)))).toBe("E064")
      expect(codeOf(() => store.write((tx) => tx.stepGroup(GROUP, wrong)))).toBe("E064")
    }
    store.write((tx) => tx.stepGroup(GROUP, 2))
    expect(store.group(GROUP)).toMatchObject({ epoch: 4n, version: 3 })
    expect(store.groupVersion(GROUP)).toBe(3)
    expect(store.groupVersion(OTHER_GROUP)).toBeUndefined()
    expect(codeOf(() => store.write((tx) => tx.stepGroup(OTHER_GROUP, 1)))).toBe("E064")
    expect(codeOf(() => store.write((tx) => tx.saveGroup(group({ id: OTHER_GROUP }), 1)))).toBe("E064")
  })

  test("what a group is from the beginning, and how far it was read, is not replaced", () => {
    const store = opened()
    store.write((tx) => tx.saveGroup(group(), undefined))
    store.write((tx) => tx.markRead(GROUP, 7))
    const other = group({ tag: groupTag(filled(16, 8)), suite: "baseline", joinedAt: 1, readUpTo: 1 })
    store.write((tx) => tx.saveGroup(other, 1))
    expect(store.group(GROUP)).toMatchObject({ tag: group().tag, suite: "hybrid", joinedAt: 1000, readUpTo: 7 })
    store.write((tx) => tx.markRead(GROUP, 3))
    expect(store.group(GROUP)).toMatchObject({ readUpTo: 7, version: 2 })
  })

  test("when its epoch began is kept, and replaced with it", () => {
    const store = opened()
    store.write((tx) => tx.saveGroup(group({ epochAt: 5 }), undefined))
    expect(store.group(GROUP)?.epochAt).toBe(5)
    store.write((tx) => tx.saveGroup(group({ epoch: 4n, epochAt: 9 }), 1))
    expect(store.group(GROUP)).toMatchObject({ epoch: 4n, epochAt: 9, joinedAt: 1000 })
  })

  test("that the person left is kept with the group", () => {
    const store = opened()
    store.write((tx) => tx.saveGroup(group(), undefined))
    store.write((tx) => tx.saveGroup(group({ leftAt: 77 }), 1))
    expect(store.group(GROUP)?.leftAt).toBe(77)
    store.write((tx) => tx.saveGroup(group(), 2))
    expect(store.group(GROUP)?.leftAt).toBeUndefined()
  })

  test("a device's wish to be removed is kept once, with its first time, and goes with the group", () => {
    const store = opened()
    const [one, two] = [deviceKey(filled(32, 1)), deviceKey(filled(32, 2))]
    expect(codeOf(() => store.write((tx) => tx.wish(GROUP, { deviceKey: one, since: 5 })))).toBe("E063")
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      for (const [key, since] of [
        [two, 7],
        [one, 5],
        [one, 9],
      ] as const)
        tx.wish(GROUP, { deviceKey: key, since })
    })
    expect(store.wishes(GROUP)).toEqual([
      { deviceKey: one, since: 5 },
      { deviceKey: two, since: 7 },
    ])
    store.write((tx) => tx.unwish(GROUP, one))
    expect(store.wishes(GROUP)).toEqual([{ deviceKey: two, since: 7 }])
    store.write((tx) => tx.dropGroup(GROUP))
    store.write((tx) => tx.saveGroup(group(), undefined))
    expect(store.wishes(GROUP)).toEqual([])
  })

  test("requests to be let in again are kept by id, oldest first, until they are too old, and go with the group", () => {
    const store = opened()
    const request = (id: number, since: number, keyPackage?: Uint8Array): RejoinRow => ({
      id: idOf(id),
      groupId: GROUP,
      deviceKey: deviceKey(filled(32, 1)),
      keyPackage,
      since,
    })
    expect(codeOf(() => store.write((tx) => tx.saveRejoinRequest(request(1, 5))))).toBe("E063")
    store.write((tx) => {
      tx.saveGroup(group({ rejoin: { since: 3, asked: 0 } }), undefined)
      for (const row of [request(2, 9, filled(9, 2)), request(1, 5, filled(9, 1))]) tx.saveRejoinRequest(row)
    })
    expect(store.group(GROUP)?.rejoin).toEqual({ since: 3, asked: 0 })
    expect(store.rejoinRequests(GROUP).map(({ since }) => since)).toEqual([5, 9])
    store.write((tx) => tx.saveRejoinRequest(request(1, 5)))
    expect(store.rejoinRequest(idOf(1))).toEqual(request(1, 5))
    expect(store.rejoinRequest(idOf(3))).toBeUndefined()
    store.write((tx) => tx.dropRejoinRequests(6))
    expect(store.rejoinRequests(GROUP)).toEqual([request(2, 9, filled(9, 2))])
    store.write((tx) => tx.dropGroup(GROUP))
    expect(store.rejoinRequest(idOf(2))).toBeUndefined()
  })

  test("groups stand in the order they came, also after one went and came again", () => {
    const store = opened()
    store.write((tx) => {
      for (const value of [30, 10, 20]) tx.saveGroup(group({ id: idOfGroup(value), name: String(value) }), undefined)
    })
    store.write((tx) => tx.dropGroup(idOfGroup(30)))
    store.write((tx) => tx.saveGroup(group({ id: idOfGroup(30), name: "30" }), undefined))
    expect(store.groups().map(({ name }) => name)).toEqual(["10", "20", "30"])
  })

  test("a group that comes again has a version that it never had: nobody takes it for what it was", () => {
    const store = opened()
    store.write((tx) => tx.saveGroup(group(), undefined))
    for (const version of [1, 2, 3]) store.write((tx) => tx.stepGroup(GROUP, version))
    store.write((tx) => {
      tx.dropGroup(GROUP)
      tx.saveGroup(group(), undefined)
    })
    expect(store.groupVersion(GROUP)).toBe(5)
    store.write((tx) => tx.dropGroup(GROUP))
    store.write((tx) => tx.dropGroup(GROUP))
    store.write((tx) => tx.saveGroup(group(), undefined))
    expect(store.groupVersion(GROUP)).toBe(6)
  })

  test("secret nodes are kept one per epoch and leaf, in their order, and forgotten together", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      for (const [epoch, leaf] of [
        [4n, 2],
        [4n, 1],
        [3n, 9],
        [BIG, 0],
      ] as const)
        tx.putSecretNode(GROUP, node(epoch, leaf))
      tx.putSecretNode(GROUP, node(4n, 1, 5))
      tx.putSecretNode(OTHER_GROUP, node(4n, 1))
    })
    expect(store.secretNodes(GROUP)).toEqual([node(3n, 9), node(4n, 1, 5), node(4n, 2), node(BIG, 0)])
    store.write((tx) => tx.dropSecretNodes(GROUP))
    expect(store.secretNodes(GROUP)).toEqual([])
    expect(store.secretNodes(OTHER_GROUP)).toHaveLength(1)
  })

  test("epoch keys are found by their tag, and those below an epoch are forgotten", () => {
    const store = opened()
    const twin = key(2n, { groupId: OTHER_GROUP })
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      for (const row of [twin, key(4n), key(2n), key(3n, { keyTag: filled(8, 2) }), key(BIG)]) tx.putEpochKey(row)
    })
    expect(store.epochKeysByTag(filled(8, 1))).toEqual([key(2n), key(4n), key(BIG), twin])
    expect(store.epochKeysByTag(filled(8, 9))).toEqual([])
    store.write((tx) => tx.dropEpochKeysBelow(GROUP, 4n))
    expect(store.epochKeysByTag(filled(8, 1))).toEqual([key(4n), key(BIG), twin])
    expect(store.epochKeysByTag(filled(8, 2))).toEqual([])
  })

  test("a group has at most one staged commit; a second is refused and the first stays", () => {
    const store = opened()
    const [first, second] = [staged(), staged({ messageId: idOf(9) })]
    const other = staged({ groupId: OTHER_GROUP, baseEpoch: BIG })
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      tx.stageCommit(other)
      tx.stageCommit(first)
    })
    expect(codeOf(() => store.write((tx) => tx.stageCommit(second)))).toBe("E064")
    expect(store.stagedCommit(GROUP)).toEqual(first)
    expect(store.stagedCommits()).toEqual([first, other])
    store.write((tx) => {
      tx.unstageCommit(GROUP)
      tx.stageCommit(second)
    })
    expect(store.stagedCommit(GROUP)).toEqual(second)
  })

  test("with a group go its secrets and its staged commit; what was said in it stays", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.putSecretNode(GROUP, node(3n, 1))
      tx.putEpochKey(key(3n))
      tx.stageCommit(staged())
      tx.addTimeline(line())
      tx.queue(waiting(1))
    })
    store.write((tx) => tx.dropGroup(GROUP))
    expect(store.groups()).toEqual([])
    expect(store.secretNodes(GROUP)).toEqual([])
    expect(store.epochKeysByTag(filled(8, 1))).toEqual([])
    expect(store.stagedCommits()).toEqual([])
    expect(store.timeline({ limit: 10 })).toHaveLength(1)
    expect(store.outboxCount()).toBe(1)
  })

  test("what belongs to a group is refused without the group", () => {
    const store = opened()
    expect(codeOf(() => store.write((tx) => tx.putSecretNode(GROUP, node(3n, 1))))).toBe("E063")
    expect(codeOf(() => store.write((tx) => tx.putEpochKey(key(3n))))).toBe("E063")
    expect(codeOf(() => store.write((tx) => tx.stageCommit(staged())))).toBe("E063")
  })

  test("an epoch comes back exactly up to 63 bits and is refused beyond", () => {
    const store = opened()
    for (const epoch of [0n, 2n ** 53n + 1n, BIG]) {
      const version = store.group(GROUP)?.version
      store.write((tx) => tx.saveGroup(group({ epoch }), version))
      expect(store.group(GROUP)?.epoch).toBe(epoch)
    }
    for (const epoch of [-1n, BIG + 1n, 2n ** 64n - 1n]) {
      expect(codeOf(() => store.write((tx) => tx.saveGroup(group({ epoch }), 3)))).toBe("E024")
      expect(codeOf(() => store.write((tx) => tx.putSecretNode(GROUP, node(epoch, 1))))).toBe("E024")
      expect(codeOf(() => store.write((tx) => tx.putEpochKey(key(epoch))))).toBe("E024")
      expect(codeOf(() => store.write((tx) => tx.stageCommit(staged({ baseEpoch: epoch }))))).toBe("E024")
    }
  })
}

const idOfGroup = (value: number) => group({ id: filled(32, value) as typeof GROUP }).id
