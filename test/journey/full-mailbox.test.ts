/** A mailbox that is full for a while: what waits for it comes in order, and holds back nobody else. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { waitsFor } from "../../core/client/outbox-pass.ts"
import { equal, hex } from "../../core/domain/bytes.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, team } from "../fakes/team.ts"

let world: AheadWorld
let here: House
let alice: Person
let bob: Person
let carol: Person

beforeEach(async () => {
  ;({ here, world, alice, bob, carol } = await settled("alice", "bob", "carol"))
})
afterEach(async () => here.close())

const FULL = 41
const AT_ONCE = 16

/** Written while nothing can be sent. @returns the texts. */
async function write(groupId: string, count: number): Promise<readonly string[]> {
  const texts = Array.from({ length: count }, (_, at) => `text ${at}`)
  for (const text of texts) await alice.session.send(groupId, text)
  return texts
}

/** Bob's mailbox has no room as long as it `isFull`, asked at each call. @returns the ids of what of the group he was offered. */
function bobIsFull(isFull: () => boolean): readonly string[] {
  const offered: string[] = []
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    const isFor = fanOut.items.map(({ recipientKey }) => equal(recipientKey, bob.me.deviceKey))
    if (fanOut.group && isFor.includes(true)) offered.push(hex(fanOut.messageId))
    if (!isFull()) return ask(fanOut)
    const { results, ...rest } = await ask({ ...fanOut, items: fanOut.items.filter((_, at) => !isFor[at]) })
    const answered = [...results]
    const refused = { code: FULL, seq: 0n, duplicate: false }
    return { ...rest, results: isFor.map((isBobs) => (isBobs ? refused : (answered.shift() ?? refused))) }
  }
  return offered
}

const waiting = () => alice.store.outbox(1000)

test("room that comes while a long outbox is gone through does not let later texts overtake", async () => {
  const groupId = await team(alice, bob, carol)
  const written = await write(groupId, 200)
  let calls = 0
  bobIsFull(() => ++calls <= 100)
  await alice.sync()
  expect(await alice.session.queued()).toBe(0)
  for (const person of [bob, carol]) {
    await person.sync()
    expect(person.troubles).toEqual([])
    expect(await person.texts()).toEqual(written)
  }
})

test("who is full is asked a few times a pass, not once for each text, and what is for nobody else stays unsealed", async () => {
  const groupId = await team(alice, bob)
  const written = await write(groupId, 150)
  let isFull = true
  const offered = bobIsFull(() => isFull)
  await alice.sync()
  expect(new Set(offered).size).toBeLessThanOrEqual(AT_ONCE)
  expect(waiting()).toHaveLength(150)
  expect(waiting().filter(({ sealed }) => sealed).length).toBeLessThanOrEqual(AT_ONCE)
  const [refused] = waiting()
  expect(waitsFor(alice.store, refused!)).toEqual([bob.me.deviceKey])
  isFull = false
  await alice.sync()
  await bob.sync()
  expect(bob.troubles).toEqual([])
  expect(await bob.texts()).toEqual(written)
  expect(waitsFor(alice.store, refused!)).toBe(undefined)
})

test("who leaves forgets for whom texts waited", async () => {
  const groupId = await team(alice, bob)
  await write(groupId, 1)
  bobIsFull(() => true)
  await alice.sync()
  const [refused] = waiting()
  expect(waitsFor(alice.store, refused!)).toHaveLength(1)
  await alice.session.leave(groupId)
  expect(waitsFor(alice.store, refused!)).toBe(undefined)
})

test("after a day each is offered once more before it is given up", async () => {
  const groupId = await team(alice, bob, carol)
  await write(groupId, 40)
  const offered = bobIsFull(() => true)
  await alice.sync()
  const before = offered.length
  world.pass(DAY_MS + 1000)
  await alice.sync()
  expect(new Set(offered.slice(before)).size).toBe(40)
  expect(await alice.session.queued()).toBe(0)
  const lines = await alice.session.timeline({ limit: 1000 })
  expect(lines.filter(({ kind, delivery }) => kind === "text" && delivery === "failed")).toHaveLength(40)
  expect(lines.filter(({ kind }) => kind === "notice")).toHaveLength(40)
})

test("a new epoch does not seal anew, for those who have it, what waits for who is full", async () => {
  const groupId = await team(alice, bob, carol)
  const written = await write(groupId, 100)
  let isFull = true
  bobIsFull(() => isFull)
  await alice.sync()
  await alice.session.update(groupId)
  await alice.reopen()
  await alice.session.send(groupId, "news")
  await alice.sync()
  const { epoch } = alice.group(groupId)
  expect(waiting().filter(({ sealed }) => sealed?.epoch === epoch).length).toBeLessThanOrEqual(AT_ONCE + 1)
  await carol.sync()
  expect(await carol.texts()).toEqual([...written, "news"])
  isFull = false
  await alice.sync()
  await bob.sync()
  expect(bob.troubles).toEqual([])
  expect(await bob.texts()).toEqual([...written, "news"])
})

test("what one had when the other, who was full, was taken out is stored; what nobody had has failed", async () => {
  const [both, two] = [await team(alice, bob, carol), await team(alice, bob)]
  bobIsFull(() => true)
  await alice.session.send(both, "to both")
  await alice.session.send(two, "to bob")
  await alice.sync()
  expect(waiting()).toHaveLength(2)
  for (const name of ["carol", "bob"]) await alice.session.remove(both, name)
  await alice.session.remove(two, "bob")
  await alice.sync()
  const rows = await alice.session.timeline({ limit: 100 })
  const texts = rows.filter(({ kind }) => kind === "text")
  expect(texts.map(({ text, delivery }) => `${text}: ${delivery}`).sort()).toEqual([
    "to bob: failed",
    "to both: stored",
  ])
  await carol.sync()
  expect(await carol.texts()).toEqual(["to both"])
  expect(alice.store.outboxCount()).toBe(0)
})
