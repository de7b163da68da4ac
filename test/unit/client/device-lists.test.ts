/** Which lists of an account a profile has seen, and what it may say of a device that the newest one does not name. */
import { beforeEach, expect, test } from "vitest"
import { mayHaveGone, noteList } from "../../../core/client/device-lists.ts"
import { nextList } from "../../../core/client/enrolment.ts"
import { newKeys } from "../../../core/client/identity.ts"
import type { DeviceKey } from "../../../core/domain/ids.ts"
import type { ClientStore } from "../../../core/store/client-store.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { memoryTables } from "../../../core/store/memory-tables.ts"

const owner = newKeys()
const { accountKey, deviceKey: first } = owner
const tablet = newKeys().deviceKey
const ghost = newKeys().deviceKey

let store: ClientStore
beforeEach(() => {
  store = memoryStore(memoryTables())
})

const note = (counter: bigint, ...devices: readonly DeviceKey[]): boolean => {
  const before = { accountKey, counter: counter - 1n, time: 0, devices: [first] }
  const { deviceList: list, deviceListSignature: signature } = nextList(owner, before, devices, 0)
  return store.write((tx) => noteList(tx, { list, signature }))
}
const isGone = (device: DeviceKey): boolean => mayHaveGone(store, accountKey, device)

test("a device that the list before named has gone; one that no list ever named has not", () => {
  expect(note(1n, first)).toBe(true)
  expect(isGone(ghost)).toBe(false)
  note(2n, first, tablet)
  note(3n, first)
  expect([tablet, ghost].map(isGone)).toEqual([true, false])
})

test("a device is remembered to have gone whatever came after it", () => {
  for (const [counter, devices] of [
    [1n, [first]],
    [2n, [first, tablet]],
    [3n, [first]],
    [4n, [first, ghost]],
  ] as const)
    note(counter, ...devices)
  expect([tablet, first].map(isGone)).toEqual([true, false])
})

test("who has not seen all lists cannot say that a device was never listed", () => {
  note(3n, first)
  expect(isGone(tablet)).toBe(true)
})

test("a list that comes late counts as the one before, and is not the newest", () => {
  note(1n, first)
  note(3n, first)
  expect(isGone(ghost)).toBe(true)
  expect(note(2n, first, tablet)).toBe(false)
  expect([tablet, ghost].map(isGone)).toEqual([true, false])
  expect(store.deviceList(accountKey)?.counter).toBe(3n)
})
