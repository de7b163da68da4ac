/** What every client store promises about device lists, and about what the person says on other devices. */
import { expect, test } from "vitest"
import type { ClientStore } from "../../core/store/client-store.ts"
import { OWN_ACCOUNT } from "../../core/store/own-account-key.ts"
import { BIG, contact, group, GROUP, idOf, line, PAULA, PETER } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"

export function devicePromises(opened: () => ClientStore): void {
  test("of each account the newest device list is kept, with the one before it", () => {
    const store = opened()
    expect(store.deviceList(PAULA)).toBeUndefined()
    const first = {
      accountKey: PAULA,
      counter: BIG,
      list: filled(81, 1),
      signature: filled(64, 2),
      previous: filled(0, 0),
    }
    const other = { ...first, accountKey: contact("peter").accountKey, counter: 1n }
    const next = { ...first, counter: BIG, list: filled(113, 3), previous: first.list }
    for (const row of [first, other, next]) store.write((tx) => tx.saveDeviceList(row))
    expect(store.deviceList(PAULA)).toEqual(next)
    expect(store.deviceList(other.accountKey)).toEqual(other)
    expect(() => store.write((tx) => tx.saveDeviceList({ ...first, counter: 2n ** 63n }))).toThrow()
  })

  test("what the person said on another device is not unread", () => {
    const store = opened()
    store.write((tx) => {
      tx.saveGroup(group(), undefined)
      tx.addTimeline(line({ messageId: idOf(1), senderKey: PAULA }))
      tx.addTimeline(line({ messageId: idOf(2), senderKey: PETER }))
    })
    expect(store.unread(GROUP)).toBe(2)
    store.write((tx) => {
      tx.set(OWN_ACCOUNT, PAULA)
    })
    expect(store.unread(GROUP)).toBe(1)
    expect(store.firstUnread(GROUP)).toBe(store.timeline({ groupId: GROUP, limit: 9 })[1]?.place)
  })
}
