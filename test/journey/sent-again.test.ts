/** What not everybody got is sent again: to those who lack it, once, and to nobody twice (docs/decisions/0039). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { LineName, TimelineView } from "../../core/client/client-api.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { failForADay, FULL, GONE, lastFailed, refuse } from "../fakes/refusing.ts"
import { inTeam, syncAll, talking } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
})
afterEach(async () => here.close())

/** Mailboxes that take nothing that alice sends; without anybody, all do. */
const full = (...people: readonly Person[]): void => {
  refuse(alice, FULL, people)
}

/** A text of alice's that these people could not get for a day. @returns its line. */
async function failed(text: string, people: readonly Person[] = [carol], to = groupId): Promise<LineName> {
  await alice.session.send(to, text)
  return failForADay(alice, people, { world, groupId: to })
}

/** One that nobody's mailbox took is given up at once. */
async function failedAtOnce(text: string): Promise<LineName> {
  refuse(alice, GONE, [bob, carol])
  await alice.session.send(groupId, text)
  await alice.sync()
  full()
  return lastFailed(alice, groupId)
}

const lines = ({ session }: Person): Promise<readonly TimelineView[]> => session.timeline({ limit: 100 })
const conversation = async (person: Person): Promise<readonly string[]> =>
  (await lines(person)).filter(({ kind }) => kind === "text").map(({ sender, text }) => `${sender}: ${text}`)

async function stateOf({ id }: LineName): Promise<string | undefined> {
  return (await lines(alice)).find((row) => row.id === id)?.delivery
}

const refused = (line: LineName): Promise<string> => codeOfAsync(() => alice.session.resend(line))

test("who lacked it gets it once, the others do not see it twice, and it is stored", async () => {
  const line = await failed("the certificate ends on Friday")
  await bob.sync()
  await alice.session.resend(line)
  expect([await stateOf(line), await alice.session.queued()]).toEqual(["queued", 1])
  await alice.sync()
  expect([await stateOf(line), await alice.session.queued()]).toEqual(["stored", 0])
  await syncAll(bob, carol, bob, carol)
  for (const person of [alice, bob, carol])
    expect(await conversation(person)).toEqual(["alice: the certificate ends on Friday"])
  expect([...bob.troubles, ...carol.troubles]).not.toContain("E030")
})

test("nothing of it is lost or doubled when the program ends in between, or the answer does not come", async () => {
  const line = await failed("soon")
  await bob.sync()
  await alice.session.resend(line)
  await alice.reopen()
  expect([await stateOf(line), await alice.session.queued()]).toEqual(["queued", 1])
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    await ask(fanOut)
    throw new QpqError("E054")
  }
  await alice.session.sync(500).catch(() => undefined)
  await alice.reopen()
  expect(await stateOf(line)).toBe("queued")
  full()
  await alice.sync()
  expect(await stateOf(line)).toBe("stored")
  await syncAll(bob, carol)
  for (const person of [alice, bob, carol]) expect(await conversation(person)).toEqual(["alice: soon"])
})

test("a mailbox that is still full has another day; then the message has failed again, and says so again", async () => {
  const line = await failed("still there?")
  await alice.session.resend(line)
  full(carol)
  await alice.sync()
  expect(await stateOf(line)).toBe("queued")
  world.pass(DAY_MS / 2)
  await alice.sync()
  expect(await stateOf(line)).toBe("queued")
  world.pass(DAY_MS / 2 + 1000)
  await alice.sync()
  expect([await stateOf(line), await alice.session.queued()]).toEqual(["failed", 0])
  const told = '"still there?" was not delivered to carol: mailbox full for a day.'
  expect((await lines(alice)).filter(({ text }) => text === told)).toHaveLength(2)
  full()
  await alice.session.resend(line)
  await alice.sync()
  await syncAll(bob, carol)
  for (const person of [alice, bob, carol]) expect(await conversation(person)).toEqual(["alice: still there?"])
})

test("what waits already, is stored, is another's or is not there is refused, and nothing changes", async () => {
  const line = await failed("once")
  await alice.session.resend(line)
  expect(await refused(line)).toBe("E070")
  expect(await alice.session.queued()).toBe(1)
  await alice.sync()
  await bob.sync()
  await bob.session.send(groupId, "I have it")
  await syncAll(bob, alice)
  const before = await lines(alice)
  const [theirs] = before.filter(({ own, kind }) => !own && kind === "text")
  const [change] = before.filter(({ kind }) => kind === "change")
  const named = (row: TimelineView | undefined): LineName => ({
    ...line,
    sender: row?.senderKey ?? "",
    id: row?.id ?? "",
  })
  expect(await refused(line)).toBe("E070")
  expect(await refused(named(theirs))).toBe("E070")
  expect(await refused(named(change))).toBe("E079")
  expect(await refused({ ...line, id: "0".repeat(32) })).toBe("E079")
  expect(await refused({ ...line, groupId: "0".repeat(64) })).toBe("E079")
  expect([await lines(alice), await alice.session.queued()]).toEqual([before, 0])
})

test("one that was deleted is not sent again", async () => {
  const line = await failed("a slip of the tongue")
  await alice.session.delete(line)
  expect(await refused(line)).toBe("E079")
  await alice.sync()
  await syncAll(carol)
  expect(await carol.texts()).toEqual([])
})

test("in a group that one has left, or was removed from, it is refused; who is let in again may send it", async () => {
  const line = await failedAtOnce("are you there?")
  await bob.session.remove(groupId, "alice")
  await alice.sync()
  expect(await refused(line)).toBe("E036")
  await bob.session.invite(groupId, ["alice"])
  await alice.sync()
  await alice.session.accept(groupId)
  await alice.session.resend(line)
  await alice.sync()
  await syncAll(bob, carol)
  for (const person of [bob, carol]) expect(await conversation(person)).toEqual(["alice: are you there?"])
  const other = await failedAtOnce("and now?")
  await alice.session.leave(groupId)
  expect(await refused(other)).toBe("E036")
  expect(await stateOf(other)).toBe("failed")
})

test("who lacked a message that was edited since gets it as it reads now, shown as edited; so it is for all", async () => {
  const line = await failed("the meeting is on Monday")
  full(carol)
  await alice.session.edit(line, "the meeting is on Tuesday")
  await alice.session.react(line, "👍")
  await alice.sync()
  world.pass(DAY_MS + 1000)
  await alice.sync()
  full()
  await syncAll(bob, carol)
  expect(await carol.texts()).toEqual([])
  await alice.session.resend(line)
  await alice.sync()
  await syncAll(bob, carol)
  for (const person of [alice, bob, carol]) {
    const said = (await lines(person)).filter(({ kind }) => kind === "text")
    expect(said).toMatchObject([{ text: "the meeting is on Tuesday", edited: true, reactions: [{ by: ["alice"] }] }])
  }
})

test("an answer stays an answer, and calls whom it calls", async () => {
  await bob.session.send(groupId, "who holds the pager?")
  await syncAll(bob, alice, carol)
  const [asked] = (await lines(alice)).filter(({ kind }) => kind === "text")
  await alice.session.send(groupId, "@carol does", { groupId, sender: asked?.senderKey ?? "", id: asked?.id ?? "" })
  const line = await failForADay(alice, [carol], { world, groupId })
  await alice.session.resend(line)
  await syncAll(alice, carol)
  const [, answer] = (await lines(carol)).filter(({ kind }) => kind === "text")
  expect(answer).toMatchObject({ text: "@carol does", mention: true, replyTo: { text: "who holds the pager?" } })
})

test("it stays where those have it who got it before; what nobody had goes where it is read now", async () => {
  const line = await failed("first")
  await bob.sync()
  await bob.session.send(groupId, "second")
  await syncAll(bob, alice, carol)
  await alice.session.resend(line)
  await syncAll(alice, carol, bob)
  expect(await conversation(bob)).toEqual(["alice: first", "bob: second"])
  expect(await conversation(alice)).toEqual(["alice: first", "bob: second"])
  expect(await conversation(carol)).toEqual(["bob: second", "alice: first"])
  const next = await failed("third", [bob, carol])
  await bob.session.send(groupId, "fourth")
  await syncAll(bob, alice, carol)
  await alice.session.resend(next)
  await syncAll(alice, carol, bob)
  for (const person of [alice, bob, carol])
    expect((await conversation(person)).slice(-2)).toEqual(["bob: fourth", "alice: third"])
})

test("one that fails stands where those read it who have it, and stays there", async () => {
  refuse(alice, FULL, [carol])
  const refusing = alice.tampering.enqueueMany
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    alice.tampering.enqueueMany = refusing
    await bob.session.send(groupId, "first")
    await bob.sync()
    return refusing ? refusing(ask, fanOut) : ask(fanOut)
  }
  const said = ["bob: first", "alice: second"]
  await alice.session.send(groupId, "second")
  await alice.sync()
  const line = await failForADay(alice, [carol], { world, groupId })
  await bob.sync()
  for (const person of [alice, bob]) expect(await conversation(person)).toEqual(said)
  await alice.session.resend(line)
  await syncAll(alice, bob, carol)
  for (const person of [alice, bob, carol]) expect(await conversation(person)).toEqual(said)
})

test("its place is the same when the answer to it was lost", async () => {
  const line = await failed("first", [bob, carol])
  await bob.session.send(groupId, "second")
  await syncAll(bob, alice)
  await alice.session.resend(line)
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    await ask(fanOut)
    throw new QpqError("E054")
  }
  await alice.session.sync(500).catch(() => undefined)
  full()
  await syncAll(alice, bob)
  for (const person of [alice, bob]) expect(await conversation(person)).toEqual(["bob: second", "alice: first"])
})

test("in a conversation of two it goes on the same way, and not to somebody who is blocked", async () => {
  const { mine } = await talking(alice, bob)
  const line = await failed("psst", [bob], mine)
  await alice.session.block("bob")
  expect(await refused(line)).toBe("E086")
  await alice.session.unblock("bob")
  await alice.session.resend(line)
  await syncAll(alice, bob)
  expect([await stateOf(line), await conversation(bob)]).toEqual(["stored", ["alice: psst"]])
})
