/** 1:1 conversations between real sessions: whoever begins, one conversation comes of it and every text arrives once. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"

let here: House
let alice: Person
let bob: Person
beforeEach(async () => {
  here = await house()
  alice = await here.settle("alice")
  bob = await here.settle("bob")
  for (const person of [alice, bob]) await person.session.refreshKeyPackages()
})
afterEach(async () => {
  await here.close()
})

/** The one conversation of a person, as the faces see it. */
async function only(person: Person) {
  const groups = await person.session.groups()
  expect(groups).toHaveLength(1)
  return groups[0]!
}

test("one opens a conversation, the other accepts it; both call it by the other's name", async () => {
  const opened = await alice.session.direct("bob")
  expect(opened).toMatchObject({ name: "bob", peer: "bob", status: "active", members: ["alice", "bob"], epoch: 1 })
  await alice.session.send(opened.groupId, "hello")
  await alice.sync()
  await bob.sync()
  expect(await only(bob)).toMatchObject({ name: "alice", peer: "alice", status: "hidden", inviter: "alice", unread: 1 })
  const accepted = await bob.session.direct("alice")
  expect(accepted).toMatchObject({ name: "alice", status: "active" })
  await bob.session.send(accepted.groupId, "hi")
  await bob.sync()
  await alice.sync()
  for (const person of [alice, bob]) expect(await person.texts()).toEqual(["hello", "hi"])
  expect((await alice.session.direct("bob")).groupId).toBe(opened.groupId)
  expect(await only(alice)).toMatchObject({ groupId: opened.groupId, unread: 1 })
  expect([...alice.troubles, ...bob.troubles]).toEqual([])
})

test("both open it at once and write at once: one conversation, every text once at each end", async () => {
  const [mine, theirs] = await Promise.all([alice.session.direct("bob"), bob.session.direct("alice")])
  const say = async (person: Person, groupId: string, name: string): Promise<void> => {
    for (let at = 1; at <= 5; at++) await person.session.send(groupId, `${name} ${at}`)
    await person.sync()
  }
  await Promise.all([say(alice, mine.groupId, "alice"), say(bob, theirs.groupId, "bob")])
  for (const person of [alice, bob, alice, bob]) await person.sync()
  const names = [1, 2, 3, 4, 5].flatMap((at) => [`alice ${at}`, `bob ${at}`]).sort()
  for (const person of [alice, bob]) expect((await person.texts()).sort()).toEqual(names)
  const [first, second] = [await only(alice), await only(bob)]
  expect(first).toMatchObject({ groupId: mine.groupId, name: "bob", status: "active", epoch: 1 })
  expect(second).toMatchObject({ groupId: theirs.groupId, name: "alice", status: "active", epoch: 1 })
  expect(alice.authenticator(first.groupId)).toBe(bob.authenticator(second.groupId))
  expect([...alice.troubles, ...bob.troubles]).toEqual([])
  const rows = await alice.session.timeline({ groupId: first.groupId, limit: 100 })
  expect(rows.filter(({ own }) => own).every(({ delivery }) => delivery === "stored")).toBe(true)
})
