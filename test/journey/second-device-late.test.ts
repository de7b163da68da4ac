/** A person leaves a group while another of their devices would let a new one in: to leave wins. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { messageId } from "../../core/domain/ids.ts"
import { realWorld } from "../../core/domain/world.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import { whispers } from "../fakes/hostile-member.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

/** Of one rank more than the other members of a group wait. */
const RANK_MS = 2000
const TURNS_MAX = 20

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let tablet: Person
let laptop: Person
let groupId: string

const namesFor = async (person: Person): Promise<readonly string[]> =>
  (await person.session.members(groupId)).map(({ name }) => name)

/** Each reads again and again. */
async function untilMembers(names: readonly string[], ...people: readonly Person[]): Promise<void> {
  const isThere = async (person: Person): Promise<boolean> => (await namesFor(person)).join() === names.join()
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    await syncAll(...people)
    if ((await Promise.all(people.map(isThere))).every(Boolean)) return
    world.pass(RANK_MS)
  }
  for (const person of people) expect(await namesFor(person)).toEqual(names)
}

/** Bob's tablet is in the team, and knows of a laptop that is not. */
beforeEach(async () => {
  ;({ here, world, alice, bob, groupId } = await inTeam("alice", "bob"))
  tablet = await here.device("bob")
  await untilMembers(["alice", "bob", "bob"], bob, alice)
  await tablet.sync()
  laptop = await here.device("bob")
})
afterEach(() => here.close())

test("a device that has heard that its person leaves lets no other in", async () => {
  await bob.session.leave(groupId)
  await bob.sync()
  const before = bob.group(groupId).epoch
  for (let turn = 0; turn < 4; turn++) {
    await tablet.sync()
    world.pass(RANK_MS)
  }
  expect(tablet.group(groupId).epoch).toBe(before)
  await laptop.sync()
  expect(laptop.store.groups()).toEqual([])
  await untilMembers(["alice"], alice)
})

test("a device that was let in by one that had not heard it yet goes with the others", async () => {
  const leave = encodeAppMessage({
    id: messageId(realWorld.random.bytes(16)),
    sentAt: realWorld.clock.now(),
    content: { kind: "leave" },
  })
  await whispers(bob, groupId, leave, alice)
  await untilMembers(["alice", "bob", "bob", "bob"], tablet)
  await untilMembers(["alice"], alice)
  await laptop.sync()
  expect(laptop.group(groupId).status).toBe("removed")
})
