/** How long messages stay, in a conversation that goes on in a successor and comes back (docs/decisions/0030). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { cannotApplyCommits, goOnInSuccessor } from "../fakes/broken-groups.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person
let old: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, groupId: old } = await inTeam("alice", "bob", "carol", "mallory"))
})
afterEach(async () => here.close())

test("the successor takes it over, and what is set there holds in the group again, also for those who were not there", async () => {
  await alice.session.setTimer(old, 7200)
  await syncAll(alice, bob, carol)
  const heal = cannotApplyCommits(bob)
  await alice.session.update(old)
  await bob.sync()
  heal()
  await goOnInSuccessor(world, bob)
  const [heir] = await bob.session.groups()
  expect([heir?.groupId === old, heir?.timer]).toEqual([false, 7200])
  const there = heir?.groupId ?? ""
  await bob.session.send(there, "in the successor")
  const said = await bob.session.timeline({ groupId: there, limit: 100 })
  expect(said.find(({ text }) => text === "in the successor")).toMatchObject({ expiresAfter: 7200 })
  await bob.session.setTimer(there, 3600)
  await bob.sync()
  for (const { session } of [alice, carol, bob]) await session.follow()
  await until("bob is back", () => bob.group(old).rejoin === undefined)
  await until("all is said again", () => bob.store.outboxCount() === 0)
  for (const person of [alice, bob, carol]) {
    await person.sync()
    expect((await person.session.groups()).map(({ timer }) => timer)).toEqual([3600])
  }
})
