/** Replies, reactions, edits and deletions: everybody ends with the same conversation. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { LineName, TimelineView } from "../../core/client/client-api.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
})
afterEach(async () => here.close())

const lines = async ({ session }: Person): Promise<readonly TimelineView[]> =>
  (await session.timeline({ groupId, limit: 100 })).filter(({ kind }) => kind === "text")

const named = ({ groupId: id, senderKey: sender, id: line }: TimelineView): LineName => ({
  groupId: id,
  sender,
  id: line,
})

/** The line with that text, as this person calls it. */
async function line(person: Person, text: string): Promise<LineName> {
  const found = (await lines(person)).find((row) => row.text === text)
  if (!found) throw new Error(`no line ${text}`)
  return named(found)
}

/** As it is to be seen by anybody. */
const seenBy = async (person: Person): Promise<readonly string[]> =>
  (await lines(person)).map(({ sender, text, replyTo, edited, deleted, reactions }) => {
    const to = replyTo ? ` to ${replyTo.sender} "${replyTo.text}"` : ""
    const given = reactions.map(({ emoji, by }) => ` ${emoji} ${[...by].sort().join("+")}`).join("")
    return `${sender}${to}: ${deleted ? "deleted" : text}${edited ? " (edited)" : ""}${given}`
  })

async function everybodySees(...wanted: readonly string[]): Promise<void> {
  await syncAll(alice, bob, carol, alice, bob, carol)
  for (const person of [alice, bob, carol]) expect(await seenBy(person)).toEqual(wanted)
}

async function says(person: Person, text: string): Promise<void> {
  await person.session.send(groupId, text)
  await syncAll(person, alice, bob, carol)
}

test("a reply names what it answers, as that reads now", async () => {
  await says(alice, "deploy at 14:00")
  await bob.session.send(groupId, "ack", await line(bob, "deploy at 14:00"))
  await everybodySees("alice: deploy at 14:00", 'bob to alice "deploy at 14:00": ack')
  await alice.session.edit(await line(alice, "deploy at 14:00"), "deploy at 15:00")
  await everybodySees("alice: deploy at 15:00 (edited)", 'bob to alice "deploy at 15:00": ack')
  await alice.session.delete(await line(alice, "deploy at 15:00"))
  await everybodySees("alice: deleted", 'bob to alice "": ack')
})

test("each has one reaction; another replaces it, and none takes it back", async () => {
  await says(alice, "done")
  await bob.session.react(await line(bob, "done"), "👍")
  await carol.session.react(await line(carol, "done"), "👍")
  await alice.session.react(await line(alice, "done"), "🎉")
  await everybodySees("alice: done 👍 bob+carol 🎉 alice")
  await bob.session.react(await line(bob, "done"), "🎉")
  await carol.session.react(await line(carol, "done"), "")
  await everybodySees("alice: done 🎉 alice+bob")
})

test("what was said while away is the same in the end", async () => {
  await says(alice, "one")
  for (const text of ["two", "three", "four"]) await alice.session.edit((await lines(alice)).map(named)[0]!, text)
  await bob.session.react(await line(bob, "one"), "👀")
  await bob.sync()
  await alice.session.delete(await line(alice, "four"))
  await everybodySees("alice: deleted")
  for (const person of [alice, bob, carol]) expect(person.troubles).toEqual([])
})

test("the one who looks is told of the line that changed", async () => {
  await says(alice, "done")
  const told: string[] = []
  void (async () => {
    for await (const event of bob.session.events(new AbortController().signal))
      if (event.kind === "timeline")
        told.push(`${event.row.text} ${event.row.reactions.map(({ emoji }) => emoji).join()}`)
  })()
  await alice.session.react(await line(alice, "done"), "🎉")
  await syncAll(alice, bob)
  await alice.session.edit(await line(alice, "done"), "all done")
  await syncAll(alice, bob)
  expect(told).toEqual(["done 🎉", "all done 🎉"])
})

test("who was not there reads nothing of what came before, not even by an edit of it", async () => {
  await says(alice, "before dave")
  const dave = await here.settle("dave")
  await alice.session.invite(groupId, ["dave"])
  await syncAll(bob, carol, dave)
  await dave.session.accept(groupId)
  await alice.session.edit(await line(alice, "before dave"), "not for dave")
  await bob.sync()
  await bob.session.send(
    groupId,
    "for all",
    await line(bob, "before dave").catch(async () => line(bob, "not for dave")),
  )
  await syncAll(alice, bob, dave)
  expect(await seenBy(dave)).toEqual(['bob to alice "": for all'])
  expect(dave.troubles).toEqual([])
})

test("only the author changes a message, and only what is there", async () => {
  await says(alice, "mine")
  const mine = await line(bob, "mine")
  expect(await codeOfAsync(() => bob.session.edit(mine, "yours"))).toBe("E070")
  expect(await codeOfAsync(() => bob.session.delete(mine))).toBe("E070")
  expect(await codeOfAsync(() => bob.session.react({ ...mine, id: "00".repeat(16) }, "👍"))).toBe("E079")
  expect(await codeOfAsync(() => bob.session.react(mine, "👍".repeat(17)))).toBe("E025")
  expect(await codeOfAsync(() => alice.session.edit(mine, ""))).toBe("E070")
  expect(await codeOfAsync(() => alice.session.edit(mine, "x".repeat(65_537)))).toBe("E025")
  await alice.session.delete(mine)
  expect(await codeOfAsync(() => alice.session.edit(mine, "again"))).toBe("E079")
  await everybodySees("alice: deleted")
})

test("what was written offline and deleted before it was sent is never sent", async () => {
  await alice.session.send(groupId, "in anger")
  await alice.session.send(groupId, "in peace")
  await alice.session.delete(await line(alice, "in anger"))
  expect(await seenBy(alice)).toEqual(["alice: in peace"])
  await everybodySees("alice: in peace")
})

test("what waits to be said again, and is deleted meanwhile, is gone for those who have it", async () => {
  await says(alice, "said before")
  const { id } = alice.group(groupId)
  const said = alice.store.timeline({ groupId: id, limit: 100 }).find(({ body }) => body === "said before")!
  const content = encodeAppMessage({
    id: said.messageId,
    sentAt: said.sentAt,
    content: { kind: "text", text: said.body },
  })
  alice.store.write((tx) => {
    tx.queue({ groupId: id, messageId: said.messageId, content, since: said.sentAt })
  })
  await alice.session.delete(await line(alice, "said before"))
  await syncAll(alice, bob, carol)
  expect([await seenBy(alice), await seenBy(bob), await seenBy(carol)]).toEqual([
    [],
    ["alice: deleted"],
    ["alice: deleted"],
  ])
})

test("a message is found by the beginning of its id", async () => {
  await says(alice, "here")
  const { id } = await line(bob, "here")
  for (const start of [id, id.slice(0, 5), id.slice(0, 6).toUpperCase()])
    expect((await bob.session.find(groupId, start)).text).toBe("here")
  for (const start of ["", "g", `${id}0`, id.startsWith("0") ? "1" : "0"])
    expect(await codeOfAsync(() => bob.session.find(groupId, start))).toBe("E079")
})
