/** Who was removed and could not be told asks to be let in for a bounded time; who is still a member asks on (docs/decisions/0016). */
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { DAY_MS } from "../../core/domain/limits.ts"
import { readsLostMarks } from "../fakes/broken-groups.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { team } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const HOUR_MS = 3_600_000
const CHECK_MS_MAX = 15_000
const LET_IN_MS_MAX = 30_000

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string
const now = Date.now
let aheadMs = 0
/** How often bob asked the others. */
let asked = 0

beforeEach(async () => {
  aheadMs = 0
  asked = 0
  vi.spyOn(Date, "now").mockImplementation(() => now() + aheadMs)
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = await team(alice, bob, carol)
  bob.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.items.length > 0) asked++
    return ask(fanOut)
  }
})
afterEach(async () => {
  await here.close()
  vi.restoreAllMocks()
})

async function losesCommits(person: Person): Promise<void> {
  await readsLostMarks(person)
  expect(person.group(groupId).rejoin).toBeDefined()
}

/** Its program starts anew. */
async function isThere(person: Person): Promise<void> {
  await person.reopen()
  await person.sync()
}

async function updates(person: Person): Promise<void> {
  await isThere(person)
  await person.session.update(groupId)
}

async function hoursPass(hours: number, stepHours = 1): Promise<void> {
  for (let at = 0; at < hours; at += stepHours) {
    aheadMs += stepHours * HOUR_MS
    await isThere(bob)
  }
}

const noticesOf = async (person: Person): Promise<readonly string[]> =>
  (await person.session.timeline({ groupId, limit: 1000 }))
    .filter(({ kind }) => kind === "notice")
    .map((row) => row.text)

const isWaiting = (): boolean => bob.group(groupId).rejoin !== undefined && bob.group(groupId).status === "active"

const told = (code: string): number => bob.troubles.filter((one) => one === code).length

test("who was removed by a commit that found no room stops asking once the others have gone on for a day", async () => {
  await bob.session.send(groupId, "said before")
  await bob.sync()
  await alice.session.remove(groupId, "bob")
  await losesCommits(bob)
  await bob.session.send(groupId, "too late")
  await hoursPass(4)
  expect(asked).toBe(1 + 1 + 4)
  await hoursPass(26, 13)
  // Nobody has done anything since: it may be that nobody is there.
  expect(isWaiting()).toBe(true)
  expect(told("E048")).toBe(2)

  await updates(alice)
  await hoursPass(3)
  expect(bob.group(groupId).status).toBe("removed")
  expect(told("E036")).toBe(1)
  expect(await noticesOf(bob)).toEqual([
    "The others have gone on without this device: it seems to have been removed, and could not be told. What was not sent stays here as not sent. Ask a member to invite you.",
  ])
  const rows = await bob.session.timeline({ groupId, limit: 100 })
  expect(rows.find(({ text }) => text === "too late")?.delivery).toBe("failed")
  expect(await bob.session.queued()).toBe(0)
  expect((await bob.session.groups()).map(({ status }) => status)).toEqual(["removed"])
  expect(await bob.session.checkGroups(CHECK_MS_MAX)).toMatchObject([{ name: "team", state: "out" }])

  const before = asked
  await hoursPass(48, 12)
  expect(asked).toBe(before)
  expect(told("E036")).toBe(1)
  await isThere(alice)
  expect(alice.troubles.filter((code) => code !== "E046")).toEqual([])
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  expect(bob.group(groupId)).toMatchObject({ status: "hidden", rejoin: undefined })
}, 120_000)

test("who is still a member and alone for ten days asks on, and is let in by the first to come back", async () => {
  await alice.session.update(groupId)
  await losesCommits(bob)
  for (const person of [alice, carol]) await person.session.close()
  await hoursPass(10 * 24, 24)
  expect(isWaiting()).toBe(true)
  expect(told("E048")).toBe(1 + 10)
  await alice.reopen()
  for (const { session } of [bob, alice]) await session.follow()
  await until("bob is let in again", () => bob.group(groupId).rejoin === undefined, LET_IN_MS_MAX)
  expect(bob.group(groupId).status).toBe("active")
}, 120_000)

test("who is still a member hears the commits of others, and waits on though nobody lets it in", async () => {
  await alice.session.update(groupId)
  await losesCommits(bob)
  // Its requests get lost on their way.
  bob.tampering.enqueueMany = async (ask, fanOut) =>
    fanOut.items.length > 0 ? { results: [], epoch: 0n, head: 0n } : ask(fanOut)
  for (let day = 0; day < 3; day++) {
    await updates(alice)
    await hoursPass(24, 12)
  }
  expect(isWaiting()).toBe(true)
}, 120_000)

test("of a group in which nobody does anything it is asked for a week every hour, then every day, up to thirty days", async () => {
  await alice.session.remove(groupId, "bob")
  await losesCommits(bob)
  await hoursPass(7 * 24 + 1, 12)
  const before = asked
  await hoursPass(3 * 24, 6)
  expect(asked - before).toBe(3)
  expect(isWaiting()).toBe(true)
  // A computer that is off does not ask: its days do not count.
  aheadMs += 15 * DAY_MS
  await isThere(bob)
  expect(isWaiting()).toBe(true)
  await hoursPass(17 * 24, 24)
  expect(isWaiting()).toBe(true)
  await hoursPass(3 * 24, 24)
  expect(bob.group(groupId).status).toBe("removed")
  expect(await noticesOf(bob)).toEqual([
    "Nobody has let this device in again for 30 days: it is taken for removed. What was not sent stays here as not sent. Ask a member to invite you; one who cannot must remove you first.",
  ])
}, 120_000)
