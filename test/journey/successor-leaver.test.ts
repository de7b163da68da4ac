/** Who left a group that broke is heard where it goes on, be that the successor or after all the group itself. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { equal } from "../../core/domain/bytes.ts"
import { AheadWorld } from "../fakes/ahead-world.ts"
import { cannotApplyCommits, stateOf } from "../fakes/broken-groups.ts"
import { goesOn } from "../fakes/going-on.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { team } from "../fakes/team.ts"

const HOUR_MS = 3_600_000
const BROKEN_MS = 75_000
const DUTY_MS = 5000

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let mallory: Person
let old: string
/** The two ask again an hour after they did first. */
let passedMs: number

beforeEach(async () => {
  world = new AheadWorld()
  here = await house(world)
  ;[alice, bob, mallory] = [await here.settle("alice"), await here.settle("bob"), await here.settle("mallory")]
  old = await team(mallory, alice, bob)
  for (const person of [mallory, alice]) await person.sync()
  passedMs = 0
})
afterEach(async () => here.close())

function pass(ms: number): void {
  passedMs += ms
  world.pass(ms)
}

async function rounds(...people: readonly Person[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const person of people) await person.sync()
    pass(DUTY_MS)
  }
}

const namesOf = async ({ session }: Person): Promise<readonly string[]> =>
  (await session.groups()).map(({ name, status, members }) => `${name} ${status}: ${[...members].sort().join(" ")}`)

const isIn = (group: string, { me }: Person, by: Person): boolean =>
  stateOf(by, group).group.members.some(({ deviceKey }) => equal(deviceKey, me.deviceKey))

/** Two cannot apply what mallory commits. @param isHeard whether what they ask first lies there for mallory. */
async function twoLoseIt(isHeard = false): Promise<void> {
  const heal = cannotApplyCommits(alice, bob)
  await mallory.session.update(old)
  for (const person of [alice, bob]) {
    person.tampering.enqueueMany = async (ask, fanOut) =>
      ask(fanOut.group || isHeard ? fanOut : { ...fanOut, items: [] })
    await person.sync()
    person.tampering.enqueueMany = undefined
  }
  heal()
}

async function goOnInSuccessor(): Promise<string> {
  pass(BROKEN_MS)
  await rounds(alice, bob)
  const heir = alice.store.successions()[0]?.successor
  return Buffer.from(heir ?? []).toString("hex")
}

/** An hour later they ask again, and are heard. */
async function areLetIn(): Promise<void> {
  pass(HOUR_MS - passedMs)
  await rounds(alice, bob, mallory)
  await rounds(mallory, alice, bob)
}

test.each([
  ["asks again", false],
  ["had asked before", true],
] as const)(
  "who left, was heard in the successor and %s is heard where the group goes on after all",
  async (_, isHeard) => {
    await twoLoseIt(isHeard)
    await bob.session.leave(old)
    const heir = await goOnInSuccessor()
    expect([bob.group(heir).status, isIn(heir, bob, alice), bob.store.outboxCount()]).toEqual(["removed", false, 0])
    if (isHeard) await rounds(mallory, alice, bob, mallory)
    else await areLetIn()
    expect(isIn(old, alice, mallory)).toBe(true)
    expect(isIn(old, bob, mallory)).toBe(false)
    for (const person of [alice, mallory]) expect(await namesOf(person)).toEqual(["team active: alice mallory"])
    expect((await namesOf(bob)).map((line) => line.split(":")[0])).toEqual(["team left"])
    expect(bob.store.outboxCount()).toBe(0)
    expect(bob.troubles).toEqual(["E048"])
    await goesOn(old, alice, mallory)
  },
)

test("who left in the successor does not come back into the conversation by the group it went on from", async () => {
  await twoLoseIt()
  const heir = await goOnInSuccessor()
  expect(bob.group(heir).status).toBe("active")
  await bob.session.leave(old)
  await rounds(bob, alice, bob)
  expect([bob.group(heir).status, isIn(heir, bob, alice)]).toEqual(["removed", false])
  await areLetIn()
  expect(isIn(old, alice, mallory)).toBe(true)
  expect(isIn(old, bob, mallory)).toBe(false)
  expect((await namesOf(bob)).map((line) => line.split(":")[0])).toEqual(["team left"])
  expect(bob.store.outboxCount()).toBe(0)
  await goesOn(old, alice, mallory)
})
