/** What a device may publish, and what others get of it (PROTOCOL.md sections 6 and 10). */
import { expect, test } from "vitest"
import type { Identity } from "../../../core/client/identity.ts"
import { generateHybridKey } from "../../../core/crypto/hybrid-key.ts"
import { DAY_MS, HOUR_MS, KEY_PACKAGE_BYTES_MAX, KEY_PACKAGES_PER_UPLOAD_MAX } from "../../../core/domain/limits.ts"
import type { KeyPackageOrder } from "../../../core/mls/group-engine.ts"
import { TsMlsEngine } from "../../../core/mls/ts-mls-engine.ts"
import { SUPPLY_ASKS_MAX } from "../../../server/node/key-packages.ts"
import { fresh } from "../../fakes/node-device.ts"
import { plain } from "../../fakes/node-stores.ts"
import { testRooms } from "../../fakes/node-rooms.ts"
import { codeOfAsync, flipped } from "../../fakes/refusal.ts"

const SUITE_AT = 2

/** Rooms with one person who makes KeyPackages. */
async function withAlice() {
  const rooms = await testRooms()
  const alice = await rooms.join("alice")
  const { deviceKey } = alice.identity
  const make = (order: Partial<KeyPackageOrder> = {}, who: Identity = alice.identity): Promise<Uint8Array> =>
    new TsMlsEngine(who)
      .makeKeyPackage({ suite: "hybrid", now: rooms.world.clock.now(), ...order })
      .then((own) => own.publicBytes)
  const upload = (...packages: Uint8Array[]) =>
    alice.node.uploadKeyPackage({ identityKey: deviceKey, packages, replace: false })
  return { ...rooms, alice, deviceKey, make, upload }
}

test("a published KeyPackage is given once; suite and last resort are read from it", async () => {
  const { make, upload, join, deviceKey } = await withAlice()
  const [one, last, baseline] = [await make(), await make({ lastResort: true }), await make({ suite: "baseline" })]
  expect(await upload(one, last, baseline)).toEqual({
    baselineCount: 1,
    hybridCount: 1,
    baselineLastResort: false,
    hybridLastResort: true,
  })
  const { node } = await join("bob")
  expect(plain(await node.fetchKeyPackage(deviceKey, "hybrid"))).toEqual(plain({ keyPackage: one, lastResort: false }))
  expect(plain(await node.fetchKeyPackage(deviceKey, "hybrid"))).toEqual(plain({ keyPackage: last, lastResort: true }))
  expect(plain(await node.fetchKeyPackage(deviceKey, "baseline"))).toMatchObject({ keyPackage: plain(baseline) })
  expect(await codeOfAsync(() => node.fetchKeyPackage(deviceKey, "baseline"))).toBe("E010")
})

test("a device publishes under its own key and its own certificate only", async () => {
  const { make, upload, join, deviceKey } = await withAlice()
  const bob = await join("bob")
  const packages = [await make()]
  const asBob = bob.node.uploadKeyPackage.bind(bob.node)
  expect(await codeOfAsync(async () => asBob({ identityKey: deviceKey, packages, replace: false }))).toBe("E012")
  const own = { identityKey: bob.identity.deviceKey, packages, replace: false }
  expect(await codeOfAsync(async () => asBob(own))).toBe("E012")
  expect(await codeOfAsync(async () => upload(await make({}, bob.identity)))).toBe("E012")
  expect(await upload()).toMatchObject({ hybridCount: 0 })
})

test("another suite is refused as such", async () => {
  const { make, upload } = await withAlice()
  for (const suite of [0x0002, 0x0000, 0xf104]) {
    const other = (await make()).slice()
    new DataView(other.buffer).setUint16(SUITE_AT, suite)
    expect(await codeOfAsync(async () => upload(other))).toBe("E021")
  }
})

test("an expired, forged, cut or lengthened KeyPackage is refused, with the good ones beside it", async () => {
  const { make, upload, world } = await withAlice()
  const [old, good] = [await make(), await make()]
  await world.advance(2 * DAY_MS)
  const now = await make()
  const bad = [old, flipped(now, now.length - 1), flipped(now, 60), now.slice(0, -1), fresh(300), new Uint8Array(0)]
  const long = [Uint8Array.of(...now, 0), fresh(KEY_PACKAGE_BYTES_MAX + 1)]
  for (const keyPackage of [...bad, ...long]) {
    expect(await codeOfAsync(async () => upload(now, keyPackage))).toBe("E011")
  }
  expect(await codeOfAsync(async () => upload(good))).toBe("E011")
  expect(await upload()).toMatchObject({ hybridCount: 0 })
  expect(await upload(now)).toMatchObject({ hybridCount: 1 })
})

test("one upload holds only so many", async () => {
  const { upload } = await withAlice()
  const many = Array.from({ length: KEY_PACKAGES_PER_UPLOAD_MAX + 1 }, () => fresh(10))
  expect(await codeOfAsync(async () => upload(...many))).toBe("E027")
})

test("a hybrid key is published by its own device, fresh and signed", async () => {
  const { alice, deviceKey, join, world } = await withAlice()
  const bob = await join("bob")
  const made = generateHybridKey(alice.identity.deviceSeed, world.clock.now())
  const key = { deviceKey, record: made.record, signature: made.signature }
  const code = (change: Partial<typeof key>, { node } = alice) =>
    codeOfAsync(async () => node.uploadHybridKey({ ...key, ...change }))
  expect(await code({}, bob)).toBe("E012")
  expect(await code({ deviceKey: bob.identity.deviceKey }, bob)).toBe("E013")
  expect(await code({ signature: flipped(key.signature, 3) })).toBe("E013")
  expect(await code({ record: flipped(key.record, 40) })).toBe("E013")
  expect(await code({ record: key.record.slice(1) })).toBe("E013")
  const ahead = generateHybridKey(alice.identity.deviceSeed, world.clock.now() + 2 * DAY_MS)
  expect(await code({ record: ahead.record, signature: ahead.signature })).toBe("E013")
  expect(await code({})).toBe("accepted")
  expect(plain(await bob.node.fetchHybridKeys([deviceKey]))).toEqual([plain(key)])
  await world.advance(31 * DAY_MS)
  expect(await codeOfAsync(async () => alice.node.uploadHybridKey(key))).toBe("E013")
})

test("what is published of a device is told to the hour, and costs it no KeyPackage", async () => {
  const { make, upload, join, deviceKey, world } = await withAlice()
  const { node } = await join("bob")
  expect(await node.keyPackageSupply(deviceKey)).toEqual({ baseline: { kind: "none" }, hybrid: { kind: "none" } })
  await upload(await make(), await make({ suite: "baseline", lastResort: true }))
  for (let ask = 0; ask < 3; ask += 1) {
    const { baseline, hybrid } = await node.keyPackageSupply(deviceKey)
    expect([baseline.kind, hybrid.kind]).toEqual(["lastResort", "single"])
    const until = hybrid.kind === "none" ? 0 : hybrid.until
    expect(until % HOUR_MS).toBe(0)
    expect(until).toBeGreaterThan(world.clock.now() + 22 * HOUR_MS)
  }
  expect(await node.fetchKeyPackage(deviceKey, "hybrid")).toMatchObject({ lastResort: false })
})

test("who asks too often what is published hears nothing for an hour; others do", async () => {
  const { join, deviceKey, world } = await withAlice()
  const [bob, carol] = [await join("bob"), await join("carol")]
  for (let ask = 0; ask < SUPPLY_ASKS_MAX; ask += 1) await bob.node.keyPackageSupply(deviceKey)
  const code = (node: typeof bob.node) => codeOfAsync(async () => node.keyPackageSupply(deviceKey))
  expect(await code(bob.node)).toBe("E050")
  expect(await code(carol.node)).toBe("accepted")
  await world.advance(HOUR_MS)
  expect(await code(bob.node)).toBe("accepted")
})
