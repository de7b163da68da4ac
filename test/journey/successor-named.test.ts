/** Who lost a group before it broke does not know its successor by the id, and goes by a member's word (PROTOCOL.md section 7, "Broken"). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { cannotApplyCommits, commitsAnything, garbage, goOnInSuccessor, updateWithout } from "../fakes/broken-groups.ts"
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
  ;({ here, world, alice, bob, carol, mallory, groupId: old } = await inTeam("alice", "bob", "carol", "mallory"))
  await say(alice, "before")
  await syncAll(bob, carol, mallory)
})
afterEach(async () => here.close())

async function say(person: Person, text: string): Promise<void> {
  await person.session.send(old, text)
  await person.sync()
}

const isLost = (person: Person): boolean => person.group(old).rejoin !== undefined

const placeOf = async ({ session }: Person): Promise<string | undefined> => (await session.groups())[0]?.groupId

/** Nobody can apply what mallory commits. */
async function breaks(): Promise<void> {
  expect(await commitsAnything(mallory, old, garbage())).toBe(true)
}

async function goOn(...people: readonly Person[]): Promise<void> {
  await syncAll(...people)
  expect(people.map(isLost)).toEqual(people.map(() => true))
  await goOnInSuccessor(world, ...people)
}

/** All are in one group, and each has read the same. */
async function expectTogether(people: readonly Person[], texts: readonly string[]): Promise<void> {
  const names = people.map(({ me }) => me.name).sort()
  for (const person of people) {
    expect(await person.groupLines()).toEqual([`team active: ${names.join(" ")}`])
    expect(await placeOf(person)).toBe(await placeOf(people[0]!))
    expect((await person.texts()).sort()).toEqual([...texts].sort())
  }
}

test("who lost it before comes along, with its history, what it had written, and a line that explains", async () => {
  await updateWithout(alice, old, bob)
  await syncAll(carol, mallory)
  await breaks()
  await say(bob, "queued at bob")
  await syncAll(bob)
  expect(isLost(bob)).toBe(true)
  await goOn(alice, carol)
  await syncAll(bob, alice, carol)
  await expectTogether([alice, bob, carol], ["before", "queued at bob"])
  const lines = await bob.session.timeline({ groupId: (await placeOf(bob)) ?? "", limit: 100 })
  expect(lines.filter(({ kind }) => kind === "notice").map(({ text }) => text)).toEqual([
    "A change could not be applied. The conversation goes on in a new group.",
  ])
  expect(bob.troubles).toEqual(["E048"])
  await say(bob, "by the old id")
  await syncAll(alice, carol)
  await expectTogether([alice, bob, carol], ["before", "queued at bob", "by the old id"])
})

test("who has left it unheard is heard in the successor, and sees nothing of that", async () => {
  await updateWithout(alice, old, bob)
  await syncAll(carol, mallory)
  await breaks()
  await syncAll(bob)
  await bob.session.leave(old)
  await syncAll(bob)
  expect(bob.store.outboxCount()).toBe(1)
  await goOn(alice, carol)
  expect((await alice.groupLines())[0]).toContain("bob")
  await syncAll(bob, alice, carol)
  expect(bob.store.outboxCount()).toBe(0)
  world.pass(10_000)
  await syncAll(alice, carol, alice, bob)
  await expectTogether([alice, carol], ["before"])
  expect(await bob.groupLines()).toEqual(["team left: alice bob carol"])
})

test("who hears of it later keeps the Welcome until then, and what was said in the successor meanwhile", async () => {
  await updateWithout(alice, old, bob)
  await syncAll(carol, mallory)
  await breaks()
  await goOn(alice, carol)
  await say(alice, "in the successor")
  await syncAll(bob)
  expect(bob.store.bufferedSizes().length).toBeGreaterThan(0)
  expect(await bob.texts()).toEqual(["before"])
  expect(await bob.groupLines()).toEqual(["team active: alice bob carol mallory"])
  await say(bob, "not yet")
  await syncAll(bob, bob, alice, carol)
  await expectTogether([alice, bob, carol], ["before", "in the successor", "not yet"])
  expect(bob.troubles).toEqual(["E048"])
})

test("who has made one of its own gives it up, and says there again what it said in it", async () => {
  const heal = cannotApplyCommits(bob)
  await mallory.session.update(old)
  await breaks()
  await syncAll(bob)
  heal()
  await goOn(bob)
  expect(await bob.groupLines()).toEqual(["team active: alice bob carol"])
  await say(bob, "bob is alone")
  await goOn(alice, carol)
  expect(alice.troubles).toContain("E035")
  expect(await alice.groupLines()).toEqual(["team active: alice bob carol"])
  await syncAll(bob, bob, alice, carol)
  await expectTogether([alice, bob, carol], ["before", "bob is alone"])
})

test("two who went on from an epoch before the others' end with these in one group", async () => {
  const heal = cannotApplyCommits(alice, bob)
  await mallory.session.update(old)
  // Before the two ask: else carol may let them in again before the group breaks.
  await syncAll(carol, alice, bob)
  heal()
  await breaks()
  await goOn(alice, bob)
  await say(alice, "alice is with bob")
  await syncAll(bob)
  expect(await placeOf(bob)).toBe(await placeOf(alice))
  await goOn(carol)
  await say(carol, "carol is with nobody")
  await syncAll(alice, bob, alice, bob, carol)
  await expectTogether([alice, bob, carol], ["before", "alice is with bob", "carol is with nobody"])
})

test("a Welcome back into the old group ends it for who came by a member's word, too", async () => {
  await updateWithout(alice, old, bob)
  await syncAll(carol, mallory)
  await say(bob, "queued at bob")
  const heal = cannotApplyCommits(alice)
  await mallory.session.update(old)
  await syncAll(alice)
  heal()
  await goOn(alice)
  await syncAll(bob, bob)
  expect(await bob.groupLines()).toEqual(["team active: alice bob carol"])
  expect(await placeOf(bob)).toBe(await placeOf(alice))
  for (const { session } of [carol, mallory, alice, bob]) await session.follow()
  await until("both are back", () => !isLost(alice) && !isLost(bob))
  await until("it is said again", () => bob.store.outboxCount() === 0)
  await syncAll(alice, bob, carol, mallory)
  await expectTogether([alice, bob, carol, mallory], ["before", "queued at bob"])
})
