/** Commits that win their epoch and are no good: nobody installs them, and the others go on without the author. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { commitsAnything, goOnInSuccessor, stateOf } from "../fakes/broken-groups.ts"
import { goesOn } from "../fakes/going-on.ts"
import { sealedBy, stagedBy } from "../fakes/hostile-member.ts"
import { hostileCommit } from "../fakes/hostile-mls.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person
let mallory: Person
let old: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, mallory, groupId: old } = await inTeam("alice", "bob", "carol", "mallory"))
  await alice.session.send(old, "before")
  await alice.sync()
  for (const person of [bob, carol, mallory]) await person.sync()
})
afterEach(async () => here.close())

const wins = async (payload: Uint8Array): Promise<void> => {
  expect(await commitsAnything(mallory, old, payload)).toBe(true)
}

const removing = async (removed: number): Promise<Uint8Array> =>
  sealedBy(
    mallory,
    old,
    await hostileCommit(stateOf(mallory, old).group, [{ proposalType: "remove", remove: { removed } }]),
  )

/** They find out, wait, and go on. @returns the group they are in then. */
async function goOnWithout(...people: readonly Person[]): Promise<string> {
  const epochs = people.map((person) => person.authenticator(old))
  for (const person of people) await person.sync()
  expect(people.map((person) => person.authenticator(old))).toEqual(epochs)
  expect(people.map((person) => person.group(old).rejoin !== undefined)).toEqual(people.map(() => true))
  expect(people.map(({ troubles }) => troubles)).toEqual(people.map(() => ["E048"]))
  await goOnInSuccessor(world, ...people)
  const heirs = await Promise.all(
    people.map(async ({ session }) => (await session.groups()).map(({ groupId }) => groupId)),
  )
  expect(new Set(heirs.flat()).size).toBe(1)
  return heirs.flat()[0]!
}

test.each([
  ["a good one but for its verifier", async () => (await stagedBy(mallory, old)).payload],
  ["a Remove of a leaf that is not there", () => removing(99)],
  ["a Remove of its author", () => removing(3)],
  ["a Remove without fresh keys", () => removing(1)],
] as const)("%s: all who read it go on in a successor without its author", async (_, payload) => {
  await wins(await payload())
  const heir = await goOnWithout(alice, bob, carol)
  for (const { session } of [alice, bob, carol])
    expect(await session.groups()).toMatchObject([
      { name: "team", status: "active", members: ["alice", "bob", "carol"] },
    ])
  for (const person of [alice, bob, carol]) expect(await person.texts()).toEqual(["before"])
  await goesOn(heir, alice, bob, carol)
  await mallory.sync()
  expect((await mallory.session.groups()).map(({ groupId }) => groupId)).toEqual([old])
})

test("a Remove with another epoch's verifier: who was removed is out at once, and is invited into the successor", async () => {
  await wins((await stagedBy(mallory, old, { remove: [carol.me.deviceKey] })).payload)
  await carol.sync()
  expect(carol.group(old)).toMatchObject({ status: "removed", epoch: 1n })
  const lines = await carol.session.timeline({ groupId: old, limit: 100 })
  expect(lines.map(({ kind, sender }) => [kind, sender])).toEqual([
    ["text", "alice"],
    ["change", "mallory"],
  ])
  const heir = await goOnWithout(alice, bob)
  await carol.sync()
  expect(carol.troubles).toEqual([])
  expect(await carol.session.groups()).toMatchObject([
    { groupId: old, status: "removed" },
    { groupId: heir, name: "team", status: "hidden", inviter: "alice", members: ["alice", "bob", "carol"] },
  ])
  await carol.session.accept(heir)
  await carol.sync()
  await goesOn(heir, alice, bob, carol)
})

test("a Remove with another epoch's verifier, read last by who was removed: it is in the successor as well", async () => {
  await wins((await stagedBy(mallory, old, { remove: [carol.me.deviceKey] })).payload)
  const heir = await goOnWithout(alice, bob)
  await goesOn(heir, alice, bob)
  await carol.sync()
  await carol.session.accept(heir)
  await carol.sync()
  expect(carol.group(old).status).toBe("removed")
  expect(carol.troubles).toEqual([])
  await goesOn(heir, alice, bob, carol)
})
