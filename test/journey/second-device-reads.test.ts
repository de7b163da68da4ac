/** What is known of messages on one device of a person is known on their others: who has them, and what was read. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { sentBy } from "../fakes/sent-by.ts"
import { inTeam, syncAll } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person
let tablet: Person
let groupId: string

beforeEach(async () => {
  ;({ here, alice, bob, groupId } = await inTeam("alice", "bob"))
  tablet = await here.device("bob")
  for (let round = 0; tablet.store.groups().length === 0; round++) {
    expect(round).toBeLessThan(20)
    await syncAll(tablet, bob, alice)
  }
  await syncAll(tablet, bob, alice)
})
afterEach(() => here.close())

const seen = async ({ session }: Person): Promise<readonly string[]> =>
  (await session.timeline({ groupId, limit: 100 }))
    .filter(({ kind }) => kind === "text")
    .map((row) => `${row.text}: ${row.seen.map(({ by, state }) => `${by} ${state}`).join(", ")}`)

const unread = async ({ session }: Person): Promise<number | undefined> => (await session.groups())[0]?.unread

const reads = async (person: Person): Promise<void> =>
  person.session.markRead(groupId, (await person.session.timeline({ groupId, limit: 1 })).at(-1)?.place ?? 0)

test("who has got and read a message is shown on all devices of who wrote it", async () => {
  await alice.session.setSignal("receipts", true)
  await bob.session.send(groupId, "from the phone")
  await bob.sync()
  await tablet.session.send(groupId, "from the tablet")
  await syncAll(tablet, alice, bob, tablet)
  const got = ["from the phone: alice delivered", "from the tablet: alice delivered"]
  expect([await seen(bob), await seen(tablet)]).toEqual([got, got])
  await reads(alice)
  await syncAll(alice, bob, tablet)
  const read = ["from the phone: alice read", "from the tablet: alice read"]
  expect([await seen(bob), await seen(tablet)]).toEqual([read, read])
})

test("a device tells its own others nothing of having got what one of them said, with receipts switched on", async () => {
  await tablet.session.setSignal("receipts", true)
  const sent = sentBy(tablet)
  await bob.session.send(groupId, "from the phone")
  await syncAll(bob, tablet)
  await tablet.sync()
  expect(sent).toEqual([])
})

test("what was read on one device is read on the other, and nobody else hears of it", async () => {
  await alice.session.send(groupId, "one")
  await alice.session.send(groupId, "two")
  await syncAll(alice, bob, tablet)
  expect([await unread(bob), await unread(tablet)]).toEqual([2, 2])
  const sent = sentBy(bob)
  await reads(bob)
  await bob.sync()
  await tablet.sync()
  expect([await unread(bob), await unread(tablet)]).toEqual([0, 0])
  expect(sent.map(({ items }) => items.map(({ recipientKey }) => hex(recipientKey)))).toEqual([
    [hex(tablet.me.deviceKey)],
  ])
  expect(await seen(alice)).toEqual(["one: ", "two: "])
  await alice.session.send(groupId, "three")
  await syncAll(alice, bob, tablet)
  expect([await unread(bob), await unread(tablet)]).toEqual([1, 1])
  expect([alice.troubles, bob.troubles, tablet.troubles]).toEqual([[], [], []])
})

test("an older mark takes nothing back", async () => {
  await alice.session.send(groupId, "one")
  await syncAll(alice, bob, tablet)
  await reads(bob)
  await alice.session.send(groupId, "two")
  await syncAll(alice, tablet)
  await reads(tablet)
  await syncAll(bob, tablet)
  expect(await unread(tablet)).toBe(0)
  await syncAll(tablet, bob)
  expect(await unread(bob)).toBe(0)
})

test("who has one device tells nobody", async () => {
  await bob.session.send(groupId, "for alice")
  await syncAll(bob, alice)
  const sent = sentBy(alice)
  await reads(alice)
  await alice.sync()
  expect([await unread(alice), sent]).toEqual([0, []])
})
