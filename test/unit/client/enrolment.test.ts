/** Becoming a further device by the password, taken up again where it was broken off. */
import { expect, test } from "vitest"
import type { AccountRooms } from "../../../core/client/account-rooms.ts"
import { listOf } from "../../../core/client/device-lists.ts"
import { enrol, nextList } from "../../../core/client/enrolment.ts"
import { firstRecord, holder, keysOf, newKeys, storedIdentity } from "../../../core/client/identity.ts"
import { sealAccountKey } from "../../../core/crypto/account-seal.ts"
import { userName } from "../../../core/domain/user-name.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { memoryTables } from "../../../core/store/memory-tables.ts"
import { filled } from "../../fakes/fake-services.ts"
import { fakeWorld } from "../../fakes/world.ts"

test("a device whose registration had no answer is listed already: it goes on without another", async () => {
  const owner = { ...newKeys(), name: userName("alice") }
  const { deviceSeed } = newKeys()
  const { deviceKey, certificate } = keysOf(owner.accountSeed, deviceSeed)
  const first = firstRecord(holder(owner), 0)
  const before = { accountKey: owner.accountKey, counter: 1n, time: 0, devices: [owner.deviceKey] }
  const next = nextList(owner, before, [owner.deviceKey, deviceKey], 1)
  const account = { ...first, ...next, certificates: [...first.certificates, certificate] }
  const exportKey = filled(64, 1)
  const sealedAccountKey = sealAccountKey(exportKey, owner, filled(12, 2))
  const store = memoryStore(memoryTables())
  const service = {
    fetchAccountKey: async () => ({ sealedAccountKey, account }),
    registerDevice: async () => {
      throw new Error("it is listed")
    },
  }
  const rooms = { store, world: fakeWorld(), service, authorize: () => undefined } as unknown as AccountRooms
  const session = { accessToken: filled(32, 3), accessExpires: 1, refreshExpires: 1, listed: true }
  const proved = { session, refreshToken: filled(32, 4), exportKey }
  await enrol(rooms, { credentials: { name: owner.name, password: "" }, deviceSeed, proved })
  expect(storedIdentity(store)).toMatchObject({ name: "alice", deviceKey })
  expect(listOf(store, owner.accountKey)).toMatchObject({ counter: 2n, devices: [owner.deviceKey, deviceKey] })
})
