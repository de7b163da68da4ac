/** The new device's side of a pairing, taken up again where it was broken off. */
import { expect, test } from "vitest"
import type { AccountRooms } from "../../../core/client/account-rooms.ts"
import { nextList } from "../../../core/client/enrolment.ts"
import { newKeys, storedIdentity } from "../../../core/client/identity.ts"
import { pairUp } from "../../../core/client/pairing.ts"
import type { PairingRequest } from "../../../core/contract/own-account.ts"
import type { RefreshRequest } from "../../../core/contract/account-service.ts"
import { issueDeviceCertificate } from "../../../core/crypto/device-certificate.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { openRequest, sealGrant } from "../../../core/crypto/pairing-code.ts"
import { EMPTY, hex } from "../../../core/domain/bytes.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { userName } from "../../../core/domain/user-name.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { memoryTables } from "../../../core/store/memory-tables.ts"
import { filled } from "../../fakes/fake-services.ts"
import { fakeWorld } from "../../fakes/world.ts"

const owner = newKeys()
const name = userName("alice")

/** A server with a listed device behind it, which takes in whoever asks: the login of who is listed stays as it began. */
function server(code: () => Uint8Array) {
  let registered: Uint8Array | undefined
  let rotated: RefreshRequest | undefined
  const lost = { answers: 0 }
  const service = {
    askPairing: async ({ request }: PairingRequest) => {
      const { deviceKey, refreshHash } = openRequest(code(), request)
      registered ??= refreshHash
      const { accountSeed, accountKey } = owner
      const before = { accountKey, counter: 1n, time: 0, devices: [owner.deviceKey] }
      const next = nextList(owner, before, [owner.deviceKey, deviceKey], 1)
      const certificate = issueDeviceCertificate(accountSeed, { accountKey, deviceKey })
      return sealGrant(code(), { name, accountSeed, namesKey: filled(32, 5), certificate, ...next }, filled(12, 6))
    },
    refreshToken: async (asked: RefreshRequest) => {
      const isFirst = registered !== undefined && hex(registered) === hex(sha256(asked.refreshToken))
      const isRepeated = !rotated || hex(rotated.nextHash) === hex(asked.nextHash)
      if (!isFirst || !isRepeated) throw new QpqError("E007")
      rotated = asked
      if (lost.answers-- > 0) throw new QpqError("E054")
      return { accessToken: filled(32, 7), accessExpires: 1, refreshExpires: 1 }
    },
    fetchAccountKey: async () => ({ sealedAccountKey: EMPTY }),
  }
  return { service, lost }
}

test.each([
  ["the same code", filled(16, 1)],
  ["another code", filled(16, 2)],
])("a device whose login had no answer comes with %s", async (_what, second) => {
  let code = filled(16, 1)
  const { service, lost } = server(() => code)
  lost.answers = 1
  const store = memoryStore(memoryTables())
  const rooms = { store, world: fakeWorld(), service, authorize: () => undefined } as unknown as AccountRooms
  const order = { name, deviceName: "tablet" }
  await expect(pairUp(rooms, { ...order, code })).rejects.toMatchObject({ code: "E054" })
  code = second
  const { deviceKey } = await pairUp(rooms, { ...order, code })
  expect(storedIdentity(store)).toMatchObject({ name: "alice", deviceKey })
})
