/** Mailboxes that are full, gone or closed: the others have the message, and the sender is told who has not. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { equal } from "../../core/domain/bytes.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { FULL, GONE, refuse } from "../fakes/refusing.ts"
import { settled } from "../fakes/team.ts"

let world: AheadWorld
let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, world, alice, bob, carol } = await settled("alice", "bob", "carol"))
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob", "carol"])
  await bob.sync()
  await bob.session.accept(groupId)
  await alice.sync()
  answer(FULL, carol)
})
afterEach(async () => here.close())

const NO_ACCESS = 22

const answer = (code: number, ...people: readonly Person[]): void => {
  refuse(alice, code, people)
}

async function say(text: string, to = groupId): Promise<void> {
  await alice.session.send(to, text)
  await alice.sync()
}

const newest = async (count: number) =>
  (await alice.session.timeline({ limit: count })).map(({ text, delivery }) => ({ text, delivery }))

test("a message waits for a day, then says to whom it was not delivered, and is not sent again", async () => {
  const text = "the certificate of the mail server ends on Friday"
  await alice.session.send(groupId, text)
  await alice.sync()
  expect(await newest(1)).toEqual([{ text, delivery: "queued" }])
  await bob.sync()
  expect(await bob.texts()).toEqual([text])
  world.pass(DAY_MS + 1000)
  await alice.sync()
  const told = '"the certificate of the mail server ends …" was not delivered to carol: mailbox full for a day.'
  expect(await newest(2)).toEqual([
    { text, delivery: "failed" },
    { text: told, delivery: "received" },
  ])
  expect(await alice.session.queued()).toBe(0)
  await bob.sync()
  expect(await bob.texts()).toEqual([text])
})

test("one that finds room in time is stored, and nobody is named", async () => {
  await alice.session.send(groupId, "soon")
  await alice.sync()
  world.pass(DAY_MS / 2)
  alice.tampering.enqueueMany = undefined
  await alice.sync()
  expect(await newest(1)).toEqual([{ text: "soon", delivery: "stored" }])
  await carol.sync()
  expect(await carol.texts()).toEqual(["soon"])
})

const toldOf = async (): Promise<readonly string[]> =>
  (await alice.session.timeline({ limit: 100 })).filter(({ kind }) => kind === "notice").map(({ text }) => text)

test("a mailbox that is gone is told once a day, and the others have the message", async () => {
  answer(GONE, carol)
  await say("one")
  const told = '"one" was not delivered to carol: the mailbox is gone.'
  expect(await newest(2)).toEqual([
    { text: "one", delivery: "stored" },
    { text: told, delivery: "received" },
  ])
  await say("two")
  expect(await newest(1)).toEqual([{ text: "two", delivery: "stored" }])
  expect(await toldOf()).toEqual([told])
  await bob.sync()
  expect(await bob.texts()).toEqual(["one", "two"])
  world.pass(DAY_MS + 1000)
  await say("three")
  expect(await toldOf()).toEqual([told, '"three" was not delivered to carol: the mailbox is gone.'])
})

test("a message that nobody can get has failed", async () => {
  answer(GONE, bob, carol)
  await say("anybody?")
  expect(await newest(2)).toEqual([
    { text: "anybody?", delivery: "failed" },
    { text: '"anybody?" was not delivered to bob, carol: the mailbox is gone.', delivery: "received" },
  ])
  await say("and now?")
  expect(await newest(1)).toEqual([{ text: "and now?", delivery: "failed" }])
})

test("of who said that they leave, nothing is told", async () => {
  alice.tampering.enqueueMany = undefined
  await carol.sync()
  await carol.session.leave(groupId)
  await carol.sync()
  answer(GONE, carol)
  await alice.session.send(groupId, "goodbye")
  await alice.sync()
  expect(await toldOf()).toEqual([])
})

test("of a text that is on its way while its group is put away, nothing is told", async () => {
  const notes = (await alice.session.createGroup("notes", "hybrid")).groupId
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    const answered = await ask(fanOut)
    await alice.session.leave(notes)
    return answered
  }
  await say("to myself", notes)
  expect(await alice.session.queued()).toBe(0)
  expect(alice.troubles).toEqual([])
})

test("a text to somebody who takes no more mail says so", async () => {
  alice.tampering.enqueueMany = undefined
  const { groupId: pair } = await alice.session.direct("bob")
  await say("are you there?", pair)
  answer(NO_ACCESS, bob)
  await say("and now?", pair)
  expect(await newest(2)).toEqual([
    { text: "and now?", delivery: "failed" },
    { text: '"and now?" was not delivered to bob: the mailbox takes no more mail from you.', delivery: "received" },
  ])
})

test("who has no valid key gets nothing in a baseline group, and the sender is told", async () => {
  alice.tampering.enqueueMany = undefined
  const baseline = (await alice.session.createGroup("old", "baseline")).groupId
  await alice.session.invite(baseline, ["bob", "carol"])
  // Keys that were valid a minute ago are not asked for again.
  await alice.reopen()
  alice.tampering.fetchHybridKeys = async (ask, devices) => {
    const none = { record: new Uint8Array(0), signature: new Uint8Array(0) }
    return (await ask(devices)).map((key) => (equal(key.deviceKey, carol.me.deviceKey) ? { ...key, ...none } : key))
  }
  await say("by keys", baseline)
  expect(await newest(2)).toEqual([
    { text: "by keys", delivery: "stored" },
    { text: '"by keys" was not delivered to carol: the device has no valid key.', delivery: "received" },
  ])
})
