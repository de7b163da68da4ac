/** A member whose state is lost or forked finds out, asks, and is let in again by the others (PROTOCOL.md section 7). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Envelope, FetchAnswer } from "../../core/contract/node-service.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { updateWithout } from "../fakes/broken-groups.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { team } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string
let rounds = 0

beforeEach(async () => {
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = await team(alice, bob, carol)
})
afterEach(async () => here.close())

const say = async (person: Person, text: string): Promise<void> => {
  await person.session.send(groupId, text)
  await person.sync()
}

async function allTalk(...people: readonly Person[]): Promise<void> {
  const round = people.map(({ me }) => `${me.name} is here, ${(++rounds).toString()}`)
  for (const [at, person] of people.entries()) await say(person, round[at]!)
  for (const person of people) {
    await person.sync()
    expect((await person.texts()).filter((text) => round.includes(text)).sort()).toEqual([...round].sort())
    expect(person.authenticator(groupId)).toBe(people[0]!.authenticator(groupId))
  }
}

const isLost = (person: Person): boolean => person.group(groupId).rejoin !== undefined

/** The others are there; `person` is let in again, and all is as before. */
async function isLetIn(person: Person): Promise<void> {
  for (const { session } of [alice, carol]) await session.follow()
  await person.session.follow()
  await until("let in again", () => !isLost(person))
  expect(person.group(groupId)).toMatchObject({ status: "active", name: "team" })
  const { store, me } = person
  expect(store.contact(me.name)).toBeUndefined()
  const notices = (await person.session.timeline({ groupId, limit: 100 })).filter(({ kind }) => kind === "notice")
  expect(notices).toHaveLength(1)
  await allTalk(alice, bob, carol)
}

const onRows = (person: Person, change: (rows: readonly Envelope[]) => readonly Envelope[]): void => {
  const changed = (answer: FetchAnswer): FetchAnswer => ({ ...answer, envelopes: change(answer.envelopes) })
  person.tampering.fetch = async (ask, request) => changed(await ask(request))
}

test("a member is let in again: whose row of a commit the server had no room for", async () => {
  await alice.session.update(groupId)
  onRows(bob, (rows) => rows.map((row) => (row.commit ? { ...row, payload: Uint8Array.of(4) } : row)))
  await bob.sync()
  expect([isLost(bob), bob.troubles]).toEqual([true, ["E048"]])
  bob.tampering.fetch = undefined
  expect(await codeOfAsync(() => bob.session.update(groupId))).toBe("E048")
  await say(alice, "bob cannot read this yet")
  expect(await bob.texts()).not.toContain("bob cannot read this yet")
  await bob.session.send(groupId, "waits until then")
  await isLetIn(bob)
  expect(await alice.texts()).toContain("waits until then")
  const missed = (await bob.texts()).filter((text) => text === "bob cannot read this yet")
  expect(missed).toHaveLength(1)
  const changes = (await alice.session.timeline({ groupId, limit: 100 })).flatMap(({ change }) => change ?? [])
  expect(changes.at(-1)).toMatchObject({ rejoined: ["bob"], added: [], removed: [] })
})

test("a member is let in again: for whom a commit that the server took does not work", async () => {
  const open = bob.engine.open.bind(bob.engine)
  bob.engine.open = async (group, request) => {
    if (bob.engine.headerOf(request.message).kind === "commit") throw new QpqError("E030", "forked")
    return open(group, request)
  }
  await alice.session.update(groupId)
  await bob.sync()
  bob.engine.open = open
  expect([isLost(bob), bob.troubles]).toEqual([true, ["E048"]])
  await isLetIn(bob)
})

test("a member is let in again: who never got a commit, and finds the server's epoch ahead when it sends", async () => {
  await alice.session.update(groupId)
  let skipped = 0
  onRows(bob, (rows) => rows.filter((row) => !row.commit || skipped++ < 0))
  await bob.sync()
  await say(bob, "of an old epoch")
  expect(isLost(bob)).toBe(true)
  bob.tampering.fetch = undefined
  await isLetIn(bob)
  expect(await alice.texts()).toContain("of an old epoch")
})

test("a member is let in again: whose request did not reach the server at first", async () => {
  await updateWithout(alice, groupId, bob)
  let failures = 0
  bob.tampering.enqueueMany = async (ask, fanOut) => {
    if (!fanOut.group && fanOut.items.length > 0 && failures++ === 0) throw new QpqError("E055")
    return ask(fanOut)
  }
  await carol.sync()
  await bob.session.send(groupId, "finds out")
  expect(await codeOfAsync(() => bob.session.sync(10_000))).toBe("E055")
  expect([isLost(bob), failures]).toEqual([true, 1])
  await isLetIn(bob)
  expect(failures).toBeGreaterThan(1)
})

test("a member is let in again: whose proof the server refuses", async () => {
  const proof = bob.engine.commitProof.bind(bob.engine)
  bob.engine.commitProof = () => Promise.resolve(new Uint8Array(32))
  expect(await codeOfAsync(() => bob.session.update(groupId))).toBe("E048")
  bob.engine.commitProof = proof
  expect(isLost(bob)).toBe(true)
  await isLetIn(bob)
})

test("a member is let in again: together with another who lost the state too", async () => {
  await alice.session.update(groupId)
  for (const person of [bob, carol]) {
    onRows(person, (rows) => rows.map((row) => (row.commit ? { ...row, payload: Uint8Array.of(4) } : row)))
    await person.sync()
    person.tampering.fetch = undefined
  }
  for (const { session } of [alice, bob, carol]) await session.follow()
  await until("both are let in again", () => !isLost(bob) && !isLost(carol))
  await allTalk(alice, bob, carol)
})
