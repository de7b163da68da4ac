/** Whose leaves go when a device says that its person leaves. */
import { expect, test } from "vitest"
import { noteList } from "../../../core/client/device-lists.ts"
import { nextList } from "../../../core/client/enrolment.ts"
import { newKeys } from "../../../core/client/identity.ts"
import { leaving } from "../../../core/client/leave.ts"
import type { DeviceKey } from "../../../core/domain/ids.ts"
import type { Member } from "../../../core/mls/group-engine.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { memoryTables } from "../../../core/store/memory-tables.ts"

const owner = newKeys()
const { accountKey, deviceKey: laptop } = owner
const [phone, stranger] = [newKeys(), newKeys()]

const leaf = ({ accountKey, deviceKey }: Pick<Member, "accountKey" | "deviceKey">): Member =>
  ({ accountKey, deviceKey }) as Member
const group = { members: [leaf(owner), leaf({ accountKey, deviceKey: phone.deviceKey }), leaf(stranger)] }

/** Whose leaves go when the device says so, for who knows that list. */
function gone(deviceKey: DeviceKey, listed?: readonly DeviceKey[]): readonly DeviceKey[] {
  const store = memoryStore(memoryTables())
  const before = { accountKey, counter: 1n, time: 0, devices: [laptop] }
  if (listed) {
    const { deviceList: list, deviceListSignature: signature } = nextList(owner, before, listed, 0)
    store.write((tx) => noteList(tx, { list, signature }))
  }
  return leaving(store, group, { accountKey, deviceKey }).leaves.map((member) => member.deviceKey)
}

test("a listed device answers for all devices of its person", () => {
  expect(gone(phone.deviceKey, [laptop, phone.deviceKey])).toEqual([laptop, phone.deviceKey])
})

test("a revoked one, in whose hands it may be, takes nobody but itself out", () => {
  expect(gone(phone.deviceKey, [laptop])).toEqual([phone.deviceKey])
})

test("as long as no list was seen all go", () => {
  expect(gone(phone.deviceKey)).toEqual([laptop, phone.deviceKey])
})
