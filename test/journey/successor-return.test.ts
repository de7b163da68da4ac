/** Ways back around a successor: into the group that broke, and into the successor itself (PROTOCOL.md section 7, "Broken"). */
import { afterEach, beforeEach, expect, test } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
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
let mallory: Person
let old: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, mallory, groupId: old } = await inTeam("mallory", "alice", "bob", "carol"))
  for (const person of [mallory, alice, bob]) await person.sync()
})
afterEach(async () => here.close())

const isLost = (person: Person, id: string): boolean => person.group(id).rejoin !== undefined

test("who lost its state in a successor is let in again, and who was removed from it may be invited again", async () => {
  const heal = cannotApplyCommits(alice, bob, carol)
  await mallory.session.update(old)
  for (const person of [alice, bob, carol]) await person.sync()
  heal()
  await goOnInSuccessor(world, alice, bob, carol)
  const heir = (await alice.session.groups())[0]?.groupId ?? ""
  expect(heir).not.toBe(old)
  expect(await bob.groupLines()).toEqual(["team active: alice bob carol"])

  const healBob = cannotApplyCommits(bob)
  await alice.session.update(heir)
  await bob.sync()
  healBob()
  expect(isLost(bob, heir)).toBe(true)
  for (const { session } of [alice, bob]) await session.follow()
  await until("bob is back", () => !isLost(bob, heir))
  expect(bob.authenticator(heir)).toBe(alice.authenticator(heir))

  await alice.session.remove(heir, "bob")
  await until("bob is out", () => bob.group(heir).status === "removed")
  await alice.session.invite(heir, ["bob"])
  await until("bob is invited", () => bob.group(heir).status === "hidden")
})

test("who came back into the group refuses the successor that another lost member makes meanwhile", async () => {
  cannotApplyCommits(bob, carol)
  await mallory.session.update(old)
  await bob.sync()
  expect(isLost(bob, old)).toBe(true)
  for (let round = 0; round < 3; round++) {
    world.pass(3000)
    await mallory.sync()
  }
  await bob.sync()
  expect(isLost(bob, old)).toBe(false)
  await carol.sync()
  await goOnInSuccessor(world, carol)
  expect(await carol.groupLines()).toEqual(["team active: alice bob carol"])
  await bob.sync()
  expect(await bob.groupLines()).toEqual(["team active: alice bob carol mallory"])
})

test("who came back into the group and left its successor may be invited into that, and stays in the group", async () => {
  const heal = cannotApplyCommits(bob, carol)
  await mallory.session.update(old)
  // Nobody hears that carol asks to be let in.
  carol.tampering.enqueueMany = async (ask, fanOut) => ask(fanOut.group ? fanOut : { ...fanOut, items: [] })
  for (const person of [bob, carol]) await person.sync()
  heal()
  await goOnInSuccessor(world, bob, carol)
  const heir = (await carol.session.groups())[0]?.groupId ?? ""
  expect(bob.group(heir).status).toBe("active")
  for (let round = 0; round < 3; round++) {
    world.pass(3000)
    for (const person of [mallory, bob, carol, bob]) await person.sync()
  }
  expect(isLost(bob, old)).toBe(false)
  expect(bob.group(heir).status).toBe("removed")

  await carol.session.invite(heir, ["bob"])
  await bob.sync()
  expect(bob.group(heir).status).toBe("hidden")
  await bob.session.accept(heir)
  await carol.session.send(heir, "here again")
  for (const person of [carol, bob]) await person.sync()
  expect(await bob.texts()).toEqual(["here again"])
  expect(bob.group(old).leftAt).toBeUndefined()
  const names = [...(await bob.groupLines())].sort()
  expect(names).toEqual(["team active: alice bob carol", "team active: alice bob carol mallory"])
  expect(bob.troubles).toEqual(["E048"])
})

test("who was removed, and is invited into the successor and then into the group again, is asked about both", async () => {
  const heal = cannotApplyCommits(bob)
  await mallory.session.update(old)
  await mallory.session.remove(old, "carol")
  await bob.sync()
  heal()
  // He does not know that she was removed.
  await goOnInSuccessor(world, bob)
  expect(await bob.groupLines()).toEqual(["team active: alice bob carol"])
  for (let round = 0; round < 3; round++) {
    world.pass(3000)
    await syncAll(mallory, bob)
  }
  expect(await bob.groupLines()).toEqual(["team active: alice bob mallory"])
  await bob.session.invite(old, ["carol"])
  const heir = bob.store.groups().find(({ leftAt }) => leftAt !== undefined)!
  await carol.sync()
  expect([...(await carol.groupLines())].sort()).toEqual([
    "team hidden: alice bob carol",
    "team hidden: alice bob carol mallory",
  ])

  await carol.session.accept(hex(heir.id))
  await carol.session.accept(old)
  await carol.session.send(old, "here again")
  world.pass(10_000)
  await syncAll(carol, mallory, bob)
  expect([...(await carol.groupLines())].sort()).toEqual([
    "team active: alice bob carol mallory",
    "team active: alice carol",
  ])
  for (const person of [mallory, bob]) {
    expect(await person.texts()).toEqual(["here again"])
    expect(person.authenticator(old)).toBe(carol.authenticator(old))
  }
  expect(carol.troubles).toEqual([])
})
