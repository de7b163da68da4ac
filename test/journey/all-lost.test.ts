/** Where nobody has a conversation's state any more, those who wait to be let in begin anew together (docs/decisions/0016). */
import { afterEach, beforeEach, expect, test } from "vitest"
import { EMPTY } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { readsLostMarks, updateWithout } from "../fakes/broken-groups.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, team } from "../fakes/team.ts"

const HOUR_MS = 3_600_000
const BROKEN_MS = 75_000

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person

beforeEach(async () => {
  ;({ here, world, alice, bob, carol } = await settled("alice", "bob", "carol"))
})
afterEach(async () => here.close())

/** The server takes alice's commit and says that her proof was wrong; the others' mailboxes have no room for it. */
async function allLose(id: string, ...others: readonly Person[]): Promise<void> {
  alice.tampering.commit = async (ask, request) => {
    await ask(request)
    return { accepted: false, epoch: request.baseEpoch, winner: EMPTY, head: 0n, restoreEpoch: 0n }
  }
  await alice.session.update(id).catch(() => undefined)
  alice.tampering.commit = undefined
  for (const person of others) await readsLostMarks(person)
  expect([alice, ...others].map(isLost)).not.toContain(false)
}

const isLost = ({ store }: Person): boolean => store.groups().some(({ rejoin }) => rejoin !== undefined)

async function rounds(...people: readonly Person[]): Promise<void> {
  for (let round = 0; round < 3; round++) for (const person of people) await person.sync()
}

test("two who have lost the group go on in its successor, and what they wrote meanwhile comes", async () => {
  const id = await team(alice, bob)
  await alice.sync()
  await allLose(id, bob)
  await bob.session.send(id, "still there?")
  await rounds(alice, bob)
  world.pass(BROKEN_MS)
  await rounds(alice, bob)
  for (const person of [alice, bob]) expect(await person.groupLines()).toEqual(["team active: alice bob"])
  expect(await alice.texts()).toEqual(["still there?"])
  expect(bob.store.outboxCount()).toBe(0)
})

test("whoever began and was not heard of again comes along in the next attempt, and is blamed for nothing", async () => {
  const id = await team(alice, bob, carol)
  for (const person of [alice, bob]) await person.sync()
  await allLose(id, bob, carol)
  await rounds(alice, bob, carol)
  world.pass(BROKEN_MS)
  alice.tampering.fetchKeyPackage = () => Promise.reject(new QpqError("E055"))
  await alice.session.sync(10_000).catch(() => undefined)
  await rounds(bob, carol)
  world.pass(130_000)
  await rounds(bob, carol)
  world.pass(20_000)
  await rounds(bob, carol)
  alice.tampering.fetchKeyPackage = undefined
  await rounds(alice, bob, carol)
  for (const person of [alice, bob, carol]) {
    expect(await person.groupLines()).toEqual(["team active: alice bob carol"])
    const lines = await person.session.timeline({ limit: 100 })
    expect(lines.flatMap(({ kind, text }) => (kind === "notice" ? [text] : []))).toEqual([
      "A change could not be applied. The conversation goes on in a new group.",
    ])
  }
  await bob.session.send(id, "all here")
  await rounds(bob, alice, carol)
  for (const person of [alice, carol]) expect(await person.texts()).toEqual(["all here"])
})

test("as long as one of the others has not asked, nobody begins anew", async () => {
  const id = await team(alice, bob, carol)
  for (const person of [alice, bob]) await person.sync()
  await allLose(id, bob)
  for (let hours = 0; hours < 3; hours++) {
    await rounds(alice, bob)
    world.pass(HOUR_MS)
  }
  await rounds(alice, bob)
  expect(alice.store.successions()).toEqual([])
  expect(bob.store.successions()).toEqual([])
  // She has it, and lets both in.
  for (let round = 0; round < 3; round++) {
    await carol.sync()
    world.pass(5000)
  }
  await rounds(alice, bob)
  expect([alice, bob].map((person) => person.authenticator(id))).toEqual(Array(2).fill(carol.authenticator(id)))
})

/** Alice has opened it and said hello, Bob has accepted; each knows it by an id of its own. */
async function talkingOfTwo(): Promise<{ readonly id: string; readonly theirs: string }> {
  const id = (await alice.session.direct("bob")).groupId
  await alice.session.send(id, "hello")
  await rounds(alice, bob)
  const theirs = (await bob.session.groups())[0]?.groupId ?? ""
  await bob.session.accept(theirs)
  await rounds(bob, alice)
  return { id, theirs }
}

test("a conversation of two goes on in its channel", async () => {
  const { id, theirs } = await talkingOfTwo()
  await allLose(id, bob)
  await bob.session.send(theirs, "still there?")
  await rounds(alice, bob)
  world.pass(BROKEN_MS)
  await rounds(alice, bob)
  expect(await alice.texts()).toEqual(["hello", "still there?"])
})

test("who has lost an earlier epoch of a conversation of two begins anew as well", async () => {
  const { id, theirs } = await talkingOfTwo()
  await updateWithout(alice, id, bob)
  await allLose(id, bob)
  expect(alice.group(id).epoch).toBe(bob.group(theirs).epoch + 1n)
  await alice.sync()
  await bob.session.send(theirs, "still there?")
  await rounds(bob)
  world.pass(BROKEN_MS)
  await rounds(bob)
  expect(bob.store.directs().map(({ attempt }) => attempt)).toEqual([1])
  await rounds(alice, bob)
  expect(await alice.texts()).toEqual(["hello", "still there?"])
})
