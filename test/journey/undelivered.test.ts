/** A mailbox that stays full for a day: the others have the message, and the sender is told who has not. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { equal } from "../../core/domain/bytes.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { AheadWorld } from "../fakes/ahead-world.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"

let world: AheadWorld
let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  world = new AheadWorld()
  here = await house(world)
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob", "carol"])
  await bob.sync()
  await bob.session.accept(groupId)
  await alice.sync()
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    const isFull = fanOut.items.map(({ recipientKey }) => equal(recipientKey, carol.me.deviceKey))
    const { results, epoch } = await ask({ ...fanOut, items: fanOut.items.filter((_, at) => isFull[at] !== true) })
    const answered = [...results]
    const full = { code: 41, seq: 0n, duplicate: false }
    return { epoch, results: isFull.map((one) => (one ? full : (answered.shift() ?? full))) }
  }
})
afterEach(async () => here.close())

const newest = async (count: number) =>
  (await alice.session.timeline({ groupId, limit: count })).map(({ text, delivery }) => ({ text, delivery }))

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
