/** Where everybody who still has a group's state has left it, one of them lets in who waits, and is heard and removed. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { readsLostMarks } from "../fakes/broken-groups.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { team } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const LET_IN_MS_MAX = 30_000

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = await team(alice, bob, carol)
})
afterEach(async () => here.close())

async function losesCommits(person: Person): Promise<void> {
  await readsLostMarks(person)
  expect(person.group(groupId).rejoin).toBeDefined()
}

const membersFor = (person: Person): number => person.engine.decode(person.group(groupId).state).members.length

const isBackAlone = (): boolean => alice.group(groupId).rejoin === undefined && membersFor(alice) === 1

const leavingLines = async (person: Person): Promise<number> =>
  (await person.session.timeline({ groupId, limit: 100 })).filter(({ change }) => change?.left.includes("bob")).length

test("who waits is let in by one who has left, hears that all have left, and what it wrote goes out", async () => {
  await bob.session.update(groupId)
  await carol.sync()
  for (const { session } of [bob, carol]) await session.leave(groupId)
  for (const person of [bob, carol, bob]) await person.sync()
  await losesCommits(alice)
  await alice.session.send(groupId, "anybody here?")
  for (const { session } of [alice, bob, carol]) await session.follow()
  await until("alice is back, and alone", isBackAlone, LET_IN_MS_MAX)
  await until("nothing waits", () => alice.store.outboxCount() === 0, LET_IN_MS_MAX)
  const rows = await alice.session.timeline({ groupId, limit: 100 })
  expect(rows.find(({ text }) => text === "anybody here?")?.delivery).toBe("stored")
  for (const person of [bob, carol]) {
    await until("both are removed", () => person.group(groupId).status === "removed", LET_IN_MS_MAX)
    expect((await person.session.groups()).map(({ status }) => status)).toEqual(["left"])
    expect(person.troubles).toEqual([])
  }
})

test("who is told again that somebody left shows it once", async () => {
  await bob.session.update(groupId)
  await carol.sync()
  await losesCommits(alice)
  await bob.session.leave(groupId)
  await bob.sync()
  await bob.session.follow()
  await alice.session.follow()
  await until("alice is back", () => alice.group(groupId).rejoin === undefined, LET_IN_MS_MAX)
  await until("bob has said again that he left", () => bob.store.outboxCount() === 0, LET_IN_MS_MAX)
  expect(carol.group(groupId).epoch).toBe(2n)
  await carol.session.follow()
  await until("bob is removed", () => bob.group(groupId).status === "removed", LET_IN_MS_MAX)
  expect([await leavingLines(alice), await leavingLines(carol)]).toEqual([1, 1])
})
