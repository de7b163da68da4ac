/** Receipts: for authors alone, where the reader wants it, and never in anybody's way (docs/decisions/0029). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientEvent, TimelineView } from "../../core/client/client-api.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { FanOut } from "../../core/contract/node-service.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { sentBy } from "../fakes/sent-by.ts"
import { inTeam, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

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

/** Of each line of the person's own: who has it. */
const seen = async (person: Person): Promise<readonly string[]> =>
  (await lines(person)).map((row) => `${row.text}: ${row.seen.map(({ by, state }) => `${by} ${state}`).join(", ")}`)

async function says(person: Person, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await person.session.send(groupId, text)
  await person.sync()
}

const reads = async (person: Person): Promise<void> =>
  person.session.markRead(groupId, (await person.session.timeline({ groupId, limit: 1 })).at(-1)?.place ?? 0)

test("nobody is told anything before the person wants it", async () => {
  const sent = sentBy(bob)
  await says(alice, "one")
  await bob.sync()
  await reads(bob)
  await bob.sync()
  expect(sent).toEqual([])
  await alice.sync()
  expect(await seen(alice)).toEqual(["one: "])
})

test("an author sees who has got and who has read a message; nobody else hears of it, and nothing is unread by it", async () => {
  await bob.session.setSignal("receipts", true)
  expect(await bob.session.signals()).toEqual({ receipts: true, typing: false })
  await says(alice, "one", "two")
  const sent = sentBy(bob)
  await bob.sync()
  await alice.sync()
  expect(await seen(alice)).toEqual(["one: bob delivered", "two: bob delivered"])
  await reads(bob)
  await bob.sync()
  expect(sent.map(({ items }) => items.map(({ recipientKey }) => hex(recipientKey)))).toEqual([
    [hex(alice.me.deviceKey)],
    [hex(alice.me.deviceKey)],
  ])
  await syncAll(alice, carol)
  expect(await seen(alice)).toEqual(["one: bob read", "two: bob read"])
  expect((await alice.session.groups()).map(({ unread }) => unread)).toEqual([0])
  expect((await lines(alice)).map(({ text }) => text)).toEqual(["one", "two"])
  expect(await bob.session.queued()).toBe(0)
  expect([alice.troubles, bob.troubles, carol.troubles]).toEqual([[], [], []])
})

test("a conversation may have it otherwise, both ways", async () => {
  await bob.session.setSignal("receipts", true, groupId)
  await carol.session.setSignal("receipts", true)
  await carol.session.setSignal("receipts", false, groupId)
  const views = [await bob.session.groups(), await carol.session.groups()]
  expect(views.map(([group]) => group?.receipts)).toEqual([true, false])
  await says(alice, "one")
  await syncAll(bob, carol, alice)
  expect(await seen(alice)).toEqual(["one: bob delivered"])
  await carol.session.setSignal("receipts", undefined, groupId)
  expect((await carol.session.groups())[0]?.receipts).toBe(true)
  await says(alice, "two")
  await syncAll(bob, carol, alice)
  expect(await seen(alice)).toEqual(["one: bob delivered", "two: bob delivered, carol delivered"])
})

test("nothing is told of what was read while it was off, nor to who is blocked, nor of what waited when it was switched off", async () => {
  await says(alice, "before")
  await bob.sync()
  await reads(bob)
  await bob.session.setSignal("receipts", true)
  await says(carol, "from carol")
  await says(alice, "after")
  await bob.session.setSignal("receipts", false)
  await bob.sync()
  await bob.session.setSignal("receipts", true)
  await bob.session.block("carol")
  await reads(bob)
  await bob.session.setSignal("receipts", false, groupId)
  await bob.sync()
  await syncAll(alice, carol)
  expect(await seen(alice)).toEqual(["before: ", "from carol: ", "after: "])
  await bob.session.setSignal("receipts", undefined, groupId)
  await says(alice, "last")
  await bob.sync()
  await reads(bob)
  await bob.sync()
  await syncAll(alice, carol)
  expect((await seen(alice)).at(-1)).toBe("last: bob read")
  expect(await seen(carol)).toContain("from carol: ")
})

test("what is read together is told together, and a refusal troubles nobody", async () => {
  await bob.session.setSignal("receipts", true)
  await bob.session.follow()
  const events: ClientEvent[] = []
  void (async () => {
    for await (const event of bob.session.events(new AbortController().signal)) events.push(event)
  })()
  const sent: FanOut[] = []
  bob.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.items.length !== 1) return ask(fanOut)
    sent.push(fanOut)
    throw new QpqError("E041")
  }
  await says(alice, "one", "two", "three", "four", "five")
  await until(
    "all are here",
    () => bob.store.timeline({ limit: 100 }).filter(({ kind }) => kind === "text").length === 5,
  )
  await reads(bob)
  await until("it was tried", () => sent.length > 0)
  bob.tampering.enqueueMany = undefined
  expect(sent).toHaveLength(1)
  expect(bob.troubles).toEqual([])
  expect(events.filter(({ kind }) => kind === "queue" || kind === "trouble")).toEqual([])
})

test("a receipt is not sent past a text that waits, for who is full must not get it first", async () => {
  await bob.session.setSignal("receipts", true)
  await says(alice, "one")
  const sent: FanOut[] = []
  bob.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.items.length === 0) return ask(fanOut)
    sent.push(fanOut)
    return { epoch: 0n, head: 0n, results: fanOut.items.map(() => ({ code: 41, seq: 0n, duplicate: false })) }
  }
  await bob.session.send(groupId, "mine")
  await bob.sync()
  expect(sent.every(({ items }) => items.length === 2)).toBe(true)
  expect(await bob.session.queued()).toBe(1)
  bob.tampering.enqueueMany = undefined
  await bob.sync()
  await alice.sync()
  expect(await seen(alice)).toEqual(["one: bob delivered", "mine: "])
})
