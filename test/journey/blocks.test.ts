/** Whoever is blocked is heard no more, in no way that they could choose; the group and its commits go on all the same. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { GroupView, LineName } from "../../core/client/client-api.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam, syncAll, talking } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
})
afterEach(async () => here.close())

const shownTo = async ({ session }: Person): Promise<readonly GroupView[]> =>
  (await session.groups()).filter(({ status }) => status !== "left")

const textsIn = async ({ session }: Person, id: string): Promise<readonly string[]> =>
  (await session.timeline({ groupId: id, limit: 100 })).filter(({ kind }) => kind === "text").map(({ text }) => text)

async function line(person: Person, text: string): Promise<LineName> {
  const found = (await person.session.timeline({ groupId, limit: 100 })).find((row) => row.text === text)
  if (!found) throw new Error(`no line ${text}`)
  return { groupId, sender: found.senderKey, id: found.id }
}

test("nobody blocks themselves, somebody who does not exist, or hears again who was not blocked", async () => {
  const refusals = [
    () => alice.session.block("alice"),
    () => alice.session.block("nobody"),
    () => alice.session.block("No Name"),
    () => alice.session.unblock("bob"),
  ]
  const codes: string[] = []
  for (const refusal of refusals) codes.push(await codeOfAsync(refusal))
  expect(codes).toEqual(["E070", "E015", "E016", "E070"])
  expect(await alice.session.blocked()).toEqual([])
})

test("what they write, answer, react, edit and send is not there, and is not there later either", async () => {
  await alice.session.send(groupId, "from alice")
  await bob.session.send(groupId, "before")
  await syncAll(alice, bob, alice, carol, bob)
  await alice.session.block("bob")
  await bob.session.send(groupId, "during")
  await bob.session.send(groupId, "an answer", await line(bob, "from alice"))
  await bob.session.react(await line(bob, "from alice"), "👎")
  await bob.session.edit(await line(bob, "before"), "before, and worse")
  await carol.session.send(groupId, "from carol")
  await syncAll(bob, carol, alice)
  expect(await textsIn(alice, groupId)).toEqual(["from alice", "before", "from carol"])
  expect(await textsIn(carol, groupId)).toContain("during")
  const [mine] = await alice.session.timeline({ groupId, limit: 100 })
  expect(mine?.reactions ?? []).toEqual([])
  expect((await alice.session.groups())[0]).toMatchObject({ unread: 2, mentions: 0 })
  await alice.session.unblock("bob")
  await bob.session.send(groupId, "after")
  await syncAll(bob, alice)
  expect(await textsIn(alice, groupId)).toEqual(["from alice", "before", "from carol", "after"])
  expect(alice.troubles).toEqual([])
})

test("what they take back goes, their changes of the group count, and that they leave is acted upon", async () => {
  await bob.session.send(groupId, "a mistake")
  await syncAll(bob, alice, carol)
  await alice.session.block("bob")
  await bob.session.delete(await line(bob, "a mistake"))
  await bob.session.update(groupId)
  await syncAll(bob, alice, carol)
  expect(await textsIn(alice, groupId)).not.toContain("a mistake")
  await bob.session.leave(groupId)
  await syncAll(bob, alice)
  // She has a moment to act in: then the wish is fulfilled, and he is gone.
  const isGone = !(await alice.session.members(groupId)).some(({ name }) => name === "bob")
  expect(alice.store.wishes(alice.group(groupId).id)).toHaveLength(isGone ? 0 : 1)
  expect(alice.troubles).toEqual([])
})

test("their conversation is silent both ways, and tells its members so", async () => {
  const { mine, theirs } = await talking(alice, bob)
  await alice.session.block("bob")
  await bob.session.send(theirs, "hello?")
  await syncAll(bob, alice)
  expect(await textsIn(alice, mine)).toEqual([])
  expect(await codeOfAsync(() => alice.session.send(mine, "psst"))).toBe("E086")
  expect(await codeOfAsync(() => alice.session.direct("bob"))).toBe("E086")
  expect((await shownTo(alice)).find((group) => group.groupId === mine)?.peerTrust).toMatchObject({ blocked: true })
  const members = await alice.session.members(groupId)
  expect(members.filter(({ blocked }) => blocked).map(({ name }) => name)).toEqual(["bob"])
  await alice.session.unblock("bob")
  await alice.session.send(mine, "again")
  await syncAll(alice, bob)
  expect(await textsIn(bob, theirs)).toContain("again")
})

test("their invitations are not shown and declined, those that wait too, and nobody invites them unknowingly", async () => {
  await bob.session.invite((await bob.session.createGroup("first trap", "hybrid")).groupId, ["alice"])
  await syncAll(bob, alice)
  expect((await shownTo(alice)).map(({ name }) => name)).toEqual(["team", "first trap"])
  await alice.session.block("bob")
  expect((await shownTo(alice)).map(({ name }) => name)).toEqual(["team"])
  await bob.session.invite((await bob.session.createGroup("second trap", "hybrid")).groupId, ["alice"])
  await bob.session.direct("alice")
  await syncAll(bob, alice)
  expect((await shownTo(alice)).map(({ name }) => name)).toEqual(["team"])
  const { groupId: own } = await alice.session.createGroup("own", "hybrid")
  expect(await codeOfAsync(() => alice.session.invite(own, ["carol", "bob"]))).toBe("E086")
  expect(alice.group(own).epoch).toBe(0n)
})

test("a block outlives the program", async () => {
  await alice.session.block("bob")
  await alice.reopen()
  expect(await alice.session.blocked()).toEqual(["bob"])
})
