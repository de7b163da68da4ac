/** A new device opens a 1:1 conversation that its person has already, before another of theirs has let it in there. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, syncAll, talking } from "../fakes/team.ts"

/** Whoever was first with an attempt has this long to let the others in. */
const WELCOME_MS = 120_000
const RETRY_MS = 15_000
const RANK_MS = 2000

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let tablet: Person
let mine: string

/** Alice and bob talk; bob's tablet opens the conversation as if there were none, and writes. */
beforeEach(async () => {
  ;({ here, world, alice, bob } = await settled("alice", "bob"))
  ;({ mine } = await talking(alice, bob))
  await alice.session.send(mine, "before")
  await syncAll(alice, bob)
  tablet = await here.device("bob")
  await tablet.session.send((await tablet.session.direct("alice")).groupId, "on the tablet")
  await tablet.sync()
})
afterEach(() => here.close())

const attemptsOf = (...people: readonly Person[]): readonly (number | undefined)[] =>
  people.map(({ store }) => store.directs()[0]?.attempt)

async function bobLetsIn(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await bob.sync()
    world.pass(RANK_MS)
  }
  await syncAll(tablet, alice, bob)
}

test("what is said first in a new conversation reaches one's own other devices", async () => {
  await here.settle("carol")
  const talk = await tablet.session.direct("carol")
  await tablet.session.send(talk.groupId, "hello carol")
  const { groupId } = await tablet.session.createGroup("later", "hybrid")
  await tablet.session.invite(groupId, ["carol"])
  await tablet.session.send(groupId, "hello all")
  await syncAll(tablet, bob)
  expect(await bob.texts()).toEqual(["before", "hello carol", "hello all"])
})

test("it says there what it had written", async () => {
  await bobLetsIn()
  expect([await alice.texts(), await bob.texts()]).toEqual([
    ["before", "on the tablet"],
    ["before", "on the tablet"],
  ])
  expect(attemptsOf(alice, bob, tablet)).toEqual([0, 0, 0])
  expect([tablet.troubles, alice.troubles, bob.troubles]).toEqual([[], [], []])
})

test("one that could begin no other attempt meanwhile comes into the conversation that there is", async () => {
  tablet.tampering.commit = () => Promise.reject(new QpqError("E041"))
  world.pass(WELCOME_MS)
  await tablet.sync()
  expect(attemptsOf(tablet)).toEqual([1])
  await bobLetsIn()
  expect(attemptsOf(alice, bob, tablet)).toEqual([0, 0, 0])
  expect([await alice.texts(), await bob.texts()]).toEqual([
    ["before", "on the tablet"],
    ["before", "on the tablet"],
  ])
  await alice.session.send(mine, "both of you")
  await syncAll(alice, tablet, bob)
  expect(await tablet.texts()).toEqual(["on the tablet", "both of you"])
  expect(tablet.troubles).toEqual(["E041"])
  expect(tablet.store.buffered()).toEqual([])
})

test("one whose next attempt may have begun stays with that", async () => {
  tablet.tampering.commit = async (ask, request, ...rest) => {
    await ask(request, ...rest)
    throw new QpqError("E054")
  }
  world.pass(WELCOME_MS)
  await tablet.session.sync(1000).catch(() => undefined)
  tablet.tampering.commit = undefined
  await tablet.reopen()
  await bobLetsIn()
  world.pass(RETRY_MS)
  await syncAll(tablet, alice, bob)
  expect(attemptsOf(alice, bob, tablet)).toEqual([1, 1, 1])
  expect(await alice.texts()).toEqual(["before", "on the tablet"])
  await bob.session.send(hex(bob.store.directs()[0]!.groupId), "in the new one")
  await syncAll(bob, alice, tablet)
  expect(await tablet.texts()).toEqual(["on the tablet", "in the new one"])
})
