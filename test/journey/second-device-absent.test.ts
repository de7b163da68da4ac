/** People one of whose devices has no KeyPackage: the others are invited without it, and let it in once it has one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { settled, syncAll } from "../fakes/team.ts"

/** More than any device that cannot be added is waited with. */
const RETRIED_MS = 16 * 60_000

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let tablet: Person

beforeEach(async () => {
  ;({ here, world, alice, bob } = await settled("alice", "bob"))
  tablet = await here.device("bob")
  await syncAll(bob, tablet)
})
afterEach(() => here.close())

/** For whoever asks, the server has no KeyPackage of these. */
function without(...absent: readonly Person[]): void {
  for (const asker of [alice, bob])
    asker.tampering.fetchKeyPackage = async (honest, device, suite) => {
      if (absent.some(({ me }) => equal(device, me.deviceKey))) throw new QpqError("E010")
      return honest(device, suite)
    }
}

const namesIn = async (groupId: string): Promise<readonly string[]> =>
  (await alice.session.members(groupId)).map(({ name }) => name)

async function letsIn(...people: readonly Person[]): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    world.pass(RETRIED_MS)
    await syncAll(...people)
  }
}

describe("somebody is invited", () => {
  test("on the devices that can come; they let in the other once it can", async () => {
    without(tablet)
    const { groupId } = await alice.session.createGroup("team", "hybrid")
    expect((await alice.session.invite(groupId, ["bob"])).added).toEqual(["bob"])
    await syncAll(bob, tablet)
    expect(tablet.store.groups()).toEqual([])
    await bob.session.accept(groupId)
    await letsIn(bob, alice)
    expect(await namesIn(groupId)).toEqual(["alice", "bob"])
    without()
    await letsIn(bob, tablet, alice)
    expect(await namesIn(groupId)).toEqual(["alice", "bob", "bob"])
    expect(tablet.group(groupId).status).toBe("active")
    expect([alice.troubles, bob.troubles, tablet.troubles]).toEqual([[], [], []])
  })

  test("not at all while none of the devices can come", async () => {
    without(bob, tablet)
    const { groupId } = await alice.session.createGroup("team", "hybrid")
    expect(await codeOfAsync(() => alice.session.invite(groupId, ["bob"]))).toBe("E010")
    expect(await namesIn(groupId)).toEqual(["alice"])
  })

  test("not again because of the device that could not come before, and cannot now", async () => {
    without(tablet)
    const { groupId } = await alice.session.createGroup("team", "hybrid")
    await alice.session.invite(groupId, ["bob"])
    expect(await codeOfAsync(() => alice.session.invite(groupId, ["bob"]))).toBe("E010")
    without()
    expect((await alice.session.invite(groupId, ["bob"])).newDevices).toEqual(["bob"])
    expect(await namesIn(groupId)).toEqual(["alice", "bob", "bob"])
  })
})

test("a 1:1 conversation begins with the devices that can come", async () => {
  without(tablet)
  const { groupId } = await alice.session.direct("bob")
  await alice.session.send(groupId, "just us")
  await syncAll(alice, bob, tablet)
  expect([await bob.texts(), await tablet.texts()]).toEqual([["just us"], []])
})

test("a new device of one's own does not wait for another that cannot be added", async () => {
  const { groupId } = await bob.session.createGroup("notes", "hybrid")
  without(tablet)
  const laptop = await here.device("bob")
  await laptop.sync()
  await letsIn(bob, laptop)
  expect(laptop.group(groupId).status).toBe("active")
  expect(tablet.store.groups()).toEqual([])
  without()
  await letsIn(bob, laptop, tablet)
  expect(tablet.group(groupId).status).toBe("active")
})
