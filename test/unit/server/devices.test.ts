/** Devices that come and go at the server: what a newcomer may do, which lists are taken, what a revocation ends. */
import { beforeEach, describe, expect, test } from "vitest"
import { nextList } from "../../../core/client/enrolment.ts"
import { keysOf, newKeys } from "../../../core/client/identity.ts"
import type { HolderIdentity } from "../../../core/client/identity.ts"
import type { Auth } from "../../../core/contract/caller.ts"
import type { NodeService } from "../../../core/contract/node-service.ts"
import { verifyAccountRecord } from "../../../core/crypto/account-proof.ts"
import { decodeDeviceList } from "../../../core/crypto/device-list.ts"
import type { DeviceList } from "../../../core/crypto/device-list.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { EMPTY } from "../../../core/domain/bytes.ts"
import { begunLogin, fetchOf, fresh, joined, letterTo, logIn, newIdentity } from "../../fakes/node-device.ts"
import type { LoggedIn } from "../../fakes/node-device.ts"
import { testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"

let rooms: Awaited<ReturnType<typeof testRooms>>
let alice: LoggedIn
let bob: LoggedIn
let asAlice: NodeService
beforeEach(async () => {
  rooms = await testRooms()
  alice = await joined(rooms.door, "alice")
  bob = await joined(rooms.door, "bob")
  asAlice = await rooms.as(alice.auth)
})

/** Another device that holds Alice's account key. */
const anotherOf = ({ identity }: LoggedIn): HolderIdentity => ({
  ...keysOf(identity.accountSeed, newKeys().deviceSeed),
  name: identity.name,
})

const listNow = async (): Promise<DeviceList> => verifyAccountRecord(await asAlice.resolveUser(alice.identity.name))

async function additionOf(device: HolderIdentity, change: { readonly counter?: bigint } = {}) {
  const list = { ...(await listNow()), ...change }
  const next = nextList(device, list, [...list.devices, device.deviceKey], 5)
  return { ...next, certificate: device.certificate, sealedName: fresh(20), refreshHash: EMPTY }
}

async function newcomer(): Promise<{ device: HolderIdentity; node: NodeService; auth: Auth }> {
  const device = anotherOf(alice)
  const { auth, session } = await logIn(rooms.door, device, "pw-alice")
  expect(session).toMatchObject({ listed: false })
  return { device, node: await rooms.as(auth), auth }
}

describe("a device that has shown the password and is not listed", () => {
  test("may fetch the account key and become one; nothing else", async () => {
    const { device, node, auth } = await newcomer()
    for (const call of [
      () => node.enqueue(letterTo(bob.identity.deviceKey)),
      () => node.fetch(fetchOf(device.deviceKey)),
      () => node.resolveUser(bob.identity.name),
      () => node.fetchKeyPackage(bob.identity.deviceKey, "hybrid"),
      () => node.listDevices(),
      () => node.deleteAccount(),
      () => node.pairing({ pairingId: fresh(16), answer: EMPTY }),
      () => node.createChannel(bob.identity.accountKey),
      () => node.uploadKeyPackage({ identityKey: device.deviceKey, packages: [], replace: false }),
    ]) {
      expect(await codeOfAsync(call)).toBe("E019")
    }
    expect((await node.fetchAccountKey()).account.name).toBe("alice")
    await node.registerDevice(await additionOf(device))
    const listed = await rooms.as(auth)
    expect((await listed.fetch(fetchOf(device.deviceKey))).envelopes).toEqual([])
    expect((await listNow()).devices).toHaveLength(2)
  })

  test("comes in vain after ten minutes, and registers only itself", async () => {
    const { device, node, auth } = await newcomer()
    const other = anotherOf(alice)
    expect(await codeOfAsync(async () => node.registerDevice(await additionOf(other)))).toBe("E012")
    await rooms.world.clock.advance(600_001)
    expect(await codeOfAsync(() => rooms.as(auth))).toBe("E002")
    expect(await codeOfAsync(async () => node.registerDevice(await additionOf(device)))).not.toBe("accepted")
  })

  test("is listed at its next login when the answer was lost", async () => {
    const { device, node } = await newcomer()
    const addition = await additionOf(device)
    await node.registerDevice(addition)
    expect(await codeOfAsync(() => node.registerDevice(addition))).toBe("E094")
    expect((await logIn(rooms.door, device, "pw-alice")).session).toMatchObject({ listed: true })
  })
})

describe("a list is taken only when it follows", () => {
  test.each([
    ["the same counter again", "E094", { counter: 0n }],
    ["a counter left out", "E094", { counter: 2n }],
  ])("%s", async (_what, code, change) => {
    const { device, node } = await newcomer()
    expect(await codeOfAsync(async () => node.registerDevice(await additionOf(device, change)))).toBe(code)
    expect((await listNow()).devices).toHaveLength(1)
  })

  test("other devices than there are, another account's key, a damaged certificate", async () => {
    const { device, node } = await newcomer()
    const honest = await additionOf(device)
    const list = await listNow()
    const without = nextList(device, list, [device.deviceKey], 5)
    const more = nextList(device, list, [...list.devices, device.deviceKey, newKeys().deviceKey], 5)
    const bobs = nextList(bob.identity, list, [...list.devices, device.deviceKey], 5)
    const forged = { ...honest, deviceListSignature: flipped(honest.deviceListSignature, 0) }
    for (const change of [without, more, bobs, forged]) {
      expect(await codeOfAsync(() => node.registerDevice({ ...honest, ...change }))).toBe("E017")
    }
    for (const certificate of [bob.identity.certificate, flipped(honest.certificate, 70)]) {
      expect(await codeOfAsync(() => node.registerDevice({ ...honest, certificate }))).toBe("E017")
    }
    expect((await listNow()).devices).toHaveLength(1)
  })

  test("two devices at once: one is listed, the other is told to look again", async () => {
    const [first, second] = [await newcomer(), await newcomer()]
    const [one, two] = [await additionOf(first.device), await additionOf(second.device)]
    const codes = await Promise.all([
      codeOfAsync(() => first.node.registerDevice(one)),
      codeOfAsync(() => second.node.registerDevice(two)),
    ])
    expect(codes.sort()).toEqual(["E094", "accepted"])
  })

  test("no account has more than 32 devices", async () => {
    for (let count = 1; count < 32; count++) {
      const device = anotherOf(alice)
      await asAlice.registerDevice({ ...(await additionOf(device)), refreshHash: fresh(32) })
    }
    const { deviceList } = await asAlice.resolveUser(alice.identity.name)
    expect(decodeDeviceList(deviceList).devices).toHaveLength(32)
    expect(await codeOfAsync(async () => additionOf(anotherOf(alice)))).toBe("E017")
  })
})

describe("revoking", () => {
  async function revoked(): Promise<{ device: HolderIdentity; auth: Auth; refreshToken: Uint8Array }> {
    const device = anotherOf(alice)
    const refreshToken = fresh(32)
    await asAlice.registerDevice({ ...(await additionOf(device)), refreshHash: sha256(refreshToken) })
    const { accessToken } = await rooms.door.service.refreshToken({
      refreshToken,
      nextHash: fresh(32),
      deviceKey: device.deviceKey,
    })
    const auth = { accessToken, deviceId: device.deviceKey }
    await (await rooms.as(bob.auth)).enqueue(letterTo(device.deviceKey))
    expect((await (await rooms.as(auth)).fetch(fetchOf(device.deviceKey))).envelopes).toHaveLength(1)
    await asAlice.revokeDevice({ ...(await removalOf(device)), deviceKey: device.deviceKey })
    return { device, auth, refreshToken }
  }

  async function removalOf({ deviceKey }: HolderIdentity) {
    const list = await listNow()
    const rest = list.devices.filter((key) => Buffer.compare(key, deviceKey) !== 0)
    return nextList(alice.identity, list, rest, 6)
  }

  test("ends its tokens, its mailbox and its name in the list, for ever", async () => {
    const { device, auth } = await revoked()
    expect(await codeOfAsync(() => rooms.as(auth))).toBe("E002")
    const answer = await codeOfAsync(async () => (await rooms.as(bob.auth)).enqueue(letterTo(device.deviceKey)))
    expect(answer).toBe("E040")
    expect((await rooms.store.counts(rooms.world.clock.now())).mailRows).toBe(0)
    expect((await asAlice.listDevices()).map(({ status }) => status)).toEqual(["active", "revoked"])
    const { finish } = await begunLogin(rooms.door, device, "pw-alice")
    expect(await codeOfAsync(() => rooms.door.service.loginFinish(finish))).toBe("E092")
    const back = { ...(await additionOf(device)), refreshHash: fresh(32) }
    expect(await codeOfAsync(() => asAlice.registerDevice(back))).toBe("E092")
    expect(await codeOfAsync(async () => (await rooms.as(bob.auth)).resolveIdentity(device.deviceKey))).toBe("accepted")
  })

  test("once more after a lost answer does nothing; another's device is not there", async () => {
    const { device } = await revoked()
    const counter = (await listNow()).counter
    await asAlice.revokeDevice({ ...(await removalOf(device)), deviceKey: device.deviceKey })
    expect((await listNow()).counter).toBe(counter)
    const bobs = { ...(await removalOf(bob.identity)), deviceKey: bob.identity.deviceKey }
    expect(await codeOfAsync(() => asAlice.revokeDevice(bobs))).toBe("E040")
  })
})

describe("pairing", () => {
  const pairingId = fresh(16)
  const ask = (request: Uint8Array) => rooms.door.service.askPairing({ pairingId, request })

  test("passes one request and one answer between the two", async () => {
    expect(await codeOfAsync(() => ask(fresh(9)))).toBe("E095")
    const opened = await asAlice.pairing({ pairingId, answer: EMPTY })
    expect(opened.request).toHaveLength(0)
    const [request, answer] = [fresh(50), fresh(60)]
    expect(await ask(request)).toHaveLength(0)
    expect(await codeOfAsync(() => ask(fresh(50)))).toBe("E095")
    expect((await asAlice.pairing({ pairingId, answer: EMPTY })).request).toEqual(request)
    await asAlice.pairing({ pairingId, answer })
    expect(await ask(request)).toEqual(answer)
    const asBob = await rooms.as(bob.auth)
    expect(await codeOfAsync(() => asBob.pairing({ pairingId, answer: EMPTY }))).toBe("E095")
    await rooms.world.clock.advance(600_000)
    expect(await codeOfAsync(() => ask(request))).toBe("E095")
  })

  test("one account has four places at most", async () => {
    const ids = Array.from({ length: 5 }, () => fresh(16))
    for (const id of ids) await asAlice.pairing({ pairingId: id, answer: EMPTY })
    const codes = ids.map((id) =>
      codeOfAsync(() => rooms.door.service.askPairing({ pairingId: id, request: fresh(3) })),
    )
    expect(await Promise.all(codes)).toEqual(["E095", "accepted", "accepted", "accepted", "accepted"])
  })
})

test("names are kept for the account's own active devices alone", async () => {
  const sealed = fresh(40)
  await asAlice.nameDevice(alice.identity.deviceKey, sealed)
  expect((await asAlice.listDevices())[0]).toMatchObject({ sealedName: sealed, status: "active" })
  expect(await codeOfAsync(() => asAlice.nameDevice(bob.identity.deviceKey, sealed))).toBe("E040")
  expect(await codeOfAsync(() => asAlice.nameDevice(newIdentity("x").deviceKey, sealed))).toBe("E040")
})
