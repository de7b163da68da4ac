/** KeyPackages over days: renewed by a timer, refilled, and enough for somebody who is away for a week (PROTOCOL.md section 10). */
import { afterEach, beforeEach, expect, test } from "vitest"
import { SUPPLY } from "../../core/client/key-package-supply.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { decodeKeyPackageExactly } from "../../core/mls/key-package.ts"
import { AheadWorld } from "../fakes/ahead-world.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { until } from "../fakes/until.ts"

const HOUR_MS = 3_600_000
const POLL = { timeout: 20_000, interval: 100 }

let world: AheadWorld
let here: House
let alice: Person
let bob: Person

beforeEach(async () => {
  world = new AheadWorld()
  here = await house(world, { world }, SUPPLY)
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
})
afterEach(async () => here.close())

/** When a KeyPackage of bob's ends, in milliseconds from now; takes it. */
async function taken(by: Person): Promise<{ readonly endsInMs: number; readonly lastResort: boolean }> {
  const { keyPackage, lastResort } = await (await by.node()).fetchKeyPackage(bob.me.deviceKey, "hybrid")
  const { leafNode } = decodeKeyPackageExactly(keyPackage)
  const ends = "lifetime" in leafNode ? Number(leafNode.lifetime.notAfter) * 1000 : 0
  return { endsInMs: ends - world.clock.now(), lastResort }
}

const supply = async (): Promise<number> => {
  const empty = { identityKey: bob.me.deviceKey, packages: [], replace: false }
  const node = await bob.node()
  // An hour's jump ends the token: the session renews it by itself.
  return node.uploadKeyPackage(empty).then(
    ({ hybridCount }) => hybridCount,
    () => 0,
  )
}

test("a timer replaces them at half their life, while the client stays online", async () => {
  await bob.session.follow()
  await expect.poll(supply, POLL).toBe(50)
  expect((await taken(alice)).endsInMs).toBeGreaterThan(23 * HOUR_MS)
  world.pass(13 * HOUR_MS)
  await alice.sync()
  await expect.poll(supply, POLL).toBe(50)
  const { endsInMs, lastResort } = await taken(alice)
  expect(lastResort).toBe(false)
  expect(endsInMs).toBeGreaterThan(22 * HOUR_MS)
})

test("a profile that is used by commands alone keeps them, though the server cannot be asked once", async () => {
  await bob.session.close()
  world.pass(2 * DAY_MS)
  for (const person of [alice, bob]) await person.reopen()
  await alice.sync()
  bob.tampering.uploadKeyPackage = () => Promise.reject(new QpqError("E055"))
  await bob.sync()
  expect((await taken(alice)).lastResort).toBe(true)
  bob.tampering.uploadKeyPackage = undefined
  await bob.sync()
  const { endsInMs, lastResort } = await taken(alice)
  expect(lastResort).toBe(false)
  expect(endsInMs).toBeGreaterThan(22 * HOUR_MS)
  let asked = 0
  bob.tampering.uploadKeyPackage = (ask, upload) => {
    asked++
    return ask(upload)
  }
  await bob.sync()
  expect(asked).toBe(0)
  expect(bob.troubles).toEqual([])
})

test("fewer than twenty are refilled to fifty", async () => {
  const others = [alice, await here.settle("carol"), await here.settle("dave")]
  for (const person of others) for (let count = 0; count < 10; count++) await taken(person)
  expect(await supply()).toBe(20)
  world.pass(HOUR_MS + 1000)
  await alice.sync()
  expect((await taken(alice)).lastResort).toBe(false)
  await bob.session.follow()
  await expect.poll(supply, POLL).toBe(50)
})

test("somebody who was away for a week can be invited, joins on return, and renews what was used", async () => {
  await bob.session.close()
  world.pass(6.5 * DAY_MS)
  await alice.reopen()
  const { groupId } = await alice.session.createGroup("team", "hybrid")
  await alice.session.invite(groupId, ["bob"])
  await alice.session.send(groupId, "welcome back")
  await alice.sync()
  const before = bob.store.keyPackages().filter(({ lastResort }) => lastResort)
  world.pass(DAY_MS / 2)
  await bob.reopen()
  await bob.sync()
  expect(bob.group(groupId)).toMatchObject({ status: "hidden", owesUpdate: true })
  await bob.session.accept(groupId)
  await bob.session.follow()
  await until("fresh keys come first", () => !bob.group(groupId).owesUpdate && bob.group(groupId).epoch === 2n)
  expect(await bob.texts()).toEqual(["welcome back"])
  const isNew = ({ ref }: { ref: Uint8Array }): boolean => !before.some((old) => Buffer.from(old.ref).equals(ref))
  await until("a new last-resort one", () =>
    bob.store.keyPackages().some((row) => row.lastResort && row.suite === "hybrid" && !row.used && isNew(row)),
  )
  await bob.session.send(groupId, "thank you")
  await bob.sync()
  await alice.sync()
  expect(await alice.texts()).toEqual(["welcome back", "thank you"])
})
