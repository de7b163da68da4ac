/** What every client store promises about 1:1 conversations. */
import { expect, test } from "vitest"
import { accountKey, channelId } from "../../core/domain/ids.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { direct, group, GROUP, OTHER_GROUP } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { codeOf } from "../fakes/refusal.ts"

export function directPromises(opened: () => ClientStore): void {
  test("a conversation is found by its id, its group, the other and the channel; it changes all but its id", () => {
    const store = opened()
    expect(codeOf(() => store.write((tx) => tx.saveDirect(direct())))).toBe("E063")
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      tx.saveDirect(direct())
    })
    const { id, peer, channel } = direct()
    for (const found of [store.direct(id), store.direct(GROUP), store.directWith(peer), store.directIn(channel)])
      expect(found).toEqual(direct())
    expect(store.direct(OTHER_GROUP)).toBeUndefined()
    expect(store.directWith(accountKey(filled(32, 99)))).toBeUndefined()
    const later = direct({ attempt: 4, groupId: OTHER_GROUP, refusedAt: undefined, channel: channelId(filled(16, 98)) })
    store.write((tx) => tx.saveDirect(later))
    expect([store.direct(OTHER_GROUP), store.direct(GROUP), store.directIn(channel)]).toEqual([
      later,
      undefined,
      undefined,
    ])
    expect(store.directs()).toEqual([later])
  })

  test("no two share the other, the channel or the group, and one goes with its group", () => {
    const store = opened()
    const id = direct({ id: OTHER_GROUP }).id
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.saveGroup(group({ id: OTHER_GROUP }), undefined)
      tx.saveDirect(direct())
    })
    const another = { id, groupId: OTHER_GROUP, peer: accountKey(filled(32, 97)), channel: channelId(filled(16, 96)) }
    for (const same of ["peer", "channel", "groupId"] as const) {
      const clash = direct({ ...another, [same]: direct()[same] })
      expect(codeOf(() => store.write((tx) => tx.saveDirect(clash)))).toBe("E063")
    }
    store.write((tx) => tx.saveDirect(direct(another)))
    expect(store.directs()).toHaveLength(2)
    store.write((tx) => tx.dropGroup(GROUP))
    expect(store.directs()).toEqual([direct(another)])
  })
}
