/** Registration and its refusals (PROTOCOL.md section 3). */
import { expect, test } from "vitest"
import type { Registration } from "../../../core/contract/account-service.ts"
import { newKeys } from "../../../core/client/identity.ts"
import type { HolderIdentity } from "../../../core/client/identity.ts"
import { encodeDeviceList, signDeviceList } from "../../../core/crypto/device-list.ts"
import { issueDeviceCertificate } from "../../../core/crypto/device-certificate.ts"
import { startRegistration } from "../../../core/opaque/registration.ts"
import { begunRegistration, fresh, newIdentity, signUp } from "../../fakes/node-device.ts"
import { plain } from "../../fakes/node-stores.ts"
import { testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"

test("a registered account is resolved by name and by device, without its secrets", async () => {
  const { join } = await testRooms()
  const { identity, node } = await join("alice")
  const record = await node.resolveUser(identity.name)
  expect(Object.keys(record).sort()).toEqual(
    ["accountKey", "certificates", "deviceList", "deviceListSignature", "name", "signature"].sort(),
  )
  expect(plain(await node.resolveIdentity(identity.deviceKey))).toEqual(plain(record))
  const several = await node.resolveUsers([newIdentity("nobody").name, identity.name])
  expect(several.map((one) => one?.name)).toEqual([undefined, "alice"])
  expect(await codeOfAsync(() => node.resolveUser(newIdentity("nobody").name))).toBe("E015")
  expect(await codeOfAsync(() => node.resolveIdentity(newKeys().deviceKey))).toBe("E015")
})

test("the first step answers a taken name like a free one", async () => {
  const { door, join } = await testRooms()
  await join("alice")
  const { request } = await startRegistration("any password")
  const answers = [newIdentity("alice"), newIdentity("bob")].map(({ name }) =>
    door.service.registerStart(name, request),
  )
  expect((await Promise.all(answers)).map((answer) => answer.length)).toEqual([64, 64])
})

test.each(["name", "account key", "device key"] as const)("a taken %s is refused", async (what) => {
  const { door } = await testRooms()
  const alice = newIdentity("alice")
  await signUp(door, alice, "first")
  const bob = newIdentity("bob")
  const { accountKey, accountSeed, deviceKey, deviceSeed } = alice
  const account = { accountKey, accountSeed }
  const certificate = issueDeviceCertificate(bob.accountSeed, { accountKey: bob.accountKey, deviceKey })
  const taker: HolderIdentity = {
    name: { ...bob, name: alice.name },
    "account key": { ...bob, ...account, certificate: issueDeviceCertificate(accountSeed, { ...bob, accountKey }) },
    "device key": { ...bob, deviceKey, deviceSeed, certificate },
  }[what]
  expect(await codeOfAsync(() => signUp(door, taker, "second"))).toBe("E008")
})

type Forge = (honest: Registration, identity: HolderIdentity) => Registration

const withAccount = (honest: Registration, change: Partial<Registration["account"]>): Registration => ({
  ...honest,
  account: { ...honest.account, ...change },
})

/** A list that the account key did sign. */
function withList(honest: Registration, { accountSeed, accountKey, deviceKey }: HolderIdentity, change: ListChange) {
  const { counter = 1n, more = [], certificates = honest.account.certificates } = change
  const deviceList = encodeDeviceList({ accountKey, counter, time: 0, devices: [deviceKey, ...more] })
  return withAccount(honest, { deviceList, deviceListSignature: signDeviceList(accountSeed, deviceList), certificates })
}

interface ListChange {
  readonly counter?: bigint
  readonly more?: readonly HolderIdentity["deviceKey"][]
  readonly certificates?: readonly Uint8Array[]
}

const forgeries: readonly (readonly [string, string, Forge])[] = [
  ["a bad account signature", "E017", (r) => withAccount(r, { signature: flipped(r.account.signature, 0) })],
  ["a bad list signature", "E017", (r) => withAccount(r, { deviceListSignature: flipped(r.account.signature, 5) })],
  ["another's name statement", "E017", (r) => withAccount(r, { accountKey: newKeys().accountKey })],
  ["no certificate", "E017", (r) => withAccount(r, { certificates: [] })],
  ["another's certificate", "E017", (r) => withAccount(r, { certificates: [newKeys().certificate] })],
  ["a list with counter 2", "E017", (r, identity) => withList(r, identity, { counter: 2n })],
  [
    "two devices",
    "E017",
    (r, identity) => {
      const { deviceKey } = newKeys()
      const second = issueDeviceCertificate(identity.accountSeed, { accountKey: identity.accountKey, deviceKey })
      return withList(r, identity, { more: [deviceKey], certificates: [...r.account.certificates, second] })
    },
  ],
  ["an OPAQUE record of another length", "E024", (r) => ({ ...r, record: fresh(191) })],
  ["a sealed key that is too long", "E024", (r) => ({ ...r, sealedAccountKey: fresh(257) })],
]

test.each(forgeries)("a registration with %s is refused with %s and leaves no account", async (_what, code, forge) => {
  const { door, store, world } = await testRooms()
  const identity = newIdentity("mallory")
  const honest = await begunRegistration(door, identity, "password")
  expect(await codeOfAsync(() => door.service.registerFinish(forge(honest, identity)))).toBe(code)
  expect((await store.counts(world.clock.now())).accounts).toBe(0)
  expect(await codeOfAsync(() => door.service.registerFinish(honest))).toBe("accepted")
})
