/** Away for days: what expired is told, a full mailbox stops nobody else, and who comes back comes back by itself. */
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { Delivery } from "../../core/client/client-api.ts"
import { COMMIT_RESERVE_ROWS, DAY_MS, MAILBOX_ROWS_MAX, RETENTION_MS } from "../../core/domain/limits.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { commitOf, depositOf, following, itemTo, resident, sweepAll } from "../fakes/node-stores.ts"
import type { Resident } from "../fakes/node-stores.ts"
import type { Person } from "../fakes/person.ts"
import { until } from "../fakes/until.ts"

const RETENTION_DAYS = RETENTION_MS / DAY_MS
/** Accounts that fill a mailbox together: each has a quarter. */
const FILLERS = 4
const LET_IN_MS_MAX = 60_000

let here: House
let alice: Person
let bob: Person
let carol: Person
let team: string
let pair: string
/** The MLS library asks the calendar by itself, so the days go by for the whole process; timers run as ever. */
const now = Date.now
let days = 0
/** What the calendar shows while it runs backwards: a millisecond less whenever somebody looks, so that nothing gets due. */
let backwards: number | undefined
/** What the person was told in words. */
let told: string[]

beforeEach(async () => {
  days = 0
  backwards = undefined
  vi.spyOn(Date, "now").mockImplementation(() => {
    if (backwards === undefined) return now() + days * DAY_MS
    return backwards--
  })
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  team = (await alice.session.createGroup("team", "hybrid")).groupId
  pair = (await alice.session.createGroup("pair", "hybrid")).groupId
  await alice.session.invite(team, ["bob", "carol"])
  await alice.session.invite(pair, ["bob"])
  for (const person of [bob, carol]) {
    await person.sync()
    for (const { groupId } of await person.session.groups()) await person.session.accept(groupId)
    await person.sync()
  }
  told = []
})
afterEach(async () => {
  await here.close()
  vi.restoreAllMocks()
})

async function say(person: Person, groupId: string, text: string): Promise<string> {
  const id = await person.session.send(groupId, text)
  await person.sync()
  return id
}

/** Those who are there start their programs anew each day; the server forgets what is over. */
async function daysPass(more: number, ...present: readonly Person[]): Promise<void> {
  days += more
  await sweepAll(here.node.store, Date.now())
  for (const person of present) {
    await person.reopen()
    await person.sync()
  }
}

async function comesBack(person: Person): Promise<void> {
  const session = await person.reopen()
  void (async () => {
    for await (const event of session.events(new AbortController().signal))
      if (event.kind === "trouble") told.push(`${event.code} ${event.message}`)
  })()
  await person.sync()
}

/** All say something, and all read it once; the same epoch and secret for all. */
async function allTalk(groupId: string, ...people: readonly Person[]): Promise<void> {
  const texts = people.map(({ me }) => `${me.name} is here again, ${groupId}`)
  for (const [at, person] of people.entries()) await say(person, groupId, texts[at]!)
  for (const person of people) {
    await person.sync()
    expect((await person.texts()).filter((text) => texts.includes(text)).sort()).toEqual([...texts].sort())
    expect(person.authenticator(groupId)).toBe(people[0]!.authenticator(groupId))
  }
}

const MAY_BE_MISSING = "This device was added to the group again; messages may be missing."

const noticesOf = async (person: Person): Promise<readonly (readonly string[])[]> =>
  (await person.session.timeline({ limit: 1000 }))
    .filter(({ kind }) => kind === "notice")
    .map(({ group, text }) => [group, text])

const textsIn = async (person: Person, groupId: string): Promise<readonly string[]> =>
  (await person.session.timeline({ groupId, limit: 1000 }))
    .filter(({ kind }) => kind === "text")
    .map(({ text }) => text)

test("one who was away for longer than mail is kept is told how much expired, and is let in again by itself", async () => {
  await bob.session.close()
  await alice.session.update(team)
  await carol.sync()
  for (let at = 0; at < 3; at++) await say(alice, team, `early ${at.toString()}`)
  for (let at = 0; at < 2; at++) await say(alice, pair, `early in the pair ${at.toString()}`)
  await carol.sync()
  await daysPass(RETENTION_DAYS + 1, alice, carol)
  await say(alice, team, "late in the team")
  await say(alice, pair, "late in the pair")
  await carol.sync()

  await comesBack(bob)
  // The server forgot 6 rows and does not know of which group they were; a commit was among them, as its epochs show.
  expect(told).toEqual([
    "E046 messages expired before they were fetched: 6",
    "E048 this device must be added to the group again: team",
  ])
  // No commit of the pair expired: it goes on by what is still there.
  expect(await textsIn(bob, pair)).toEqual(["late in the pair"])
  for (const person of [alice, carol, bob]) await person.session.follow()
  await until("bob is let in again", () => bob.group(team).rejoin === undefined, LET_IN_MS_MAX)
  const some = "Some of 6 messages that expired while you were away may have been for this group."
  expect(await noticesOf(bob)).toEqual([
    ["team", some],
    ["pair", some],
    ["team", MAY_BE_MISSING],
  ])
  await allTalk(team, alice, bob, carol)
  await allTalk(pair, alice, bob)
  // Who wrote it says it again to whom it was for; what is older than the retention stays away.
  expect((await textsIn(bob, team)).filter((text) => /early|late/.test(text))).toEqual(["late in the team"])
  expect(told).toHaveLength(2)
}, 120_000)

test("one who was away for two days is told of no loss: what devices tell each other about themselves is no message", async () => {
  await bob.session.close()
  expect((await alice.session.checkGroups(10_000)).length).toBe(2)
  expect((await carol.session.checkGroups(10_000)).length).toBe(1)
  await daysPass(2, alice, carol)
  await comesBack(bob)
  await allTalk(team, alice, bob, carol)
  expect(told).toEqual([])
}, 60_000)

/** Rows of no meaning fill the quota of a mailbox, and commits of other groups its reserve, up to the last. */
async function fill(person: Person): Promise<void> {
  const { store } = here.node
  const times = { now: Date.now(), expiresAt: Date.now() + RETENTION_MS, rememberUntil: Date.now() + RETENTION_MS }
  const { deviceKey } = person.me
  const recipients = [itemTo(deviceKey)]
  const before = await store.counts(Date.now())
  const fillers: Resident[] = []
  while (fillers.length < FILLERS) fillers.push(await resident(store))
  for (const { id } of fillers) {
    const items = Array.from({ length: MAILBOX_ROWS_MAX / FILLERS }, () => itemTo(deviceKey))
    await store.deposit(depositOf(id, items, times))
  }
  for (const filler of fillers) {
    const commits = [commitOf(filler, { ...times, recipients })]
    while (commits.length < COMMIT_RESERVE_ROWS / FILLERS)
      commits.push(following(commits.at(-1)!, filler, { ...times, recipients }))
    await Promise.all(commits.map((commit) => store.commit(commit)))
  }
  const { mailRows } = await store.counts(Date.now())
  expect(mailRows - before.mailRows).toBeGreaterThan(MAILBOX_ROWS_MAX)
}

async function deliveryOf(person: Person, id: string): Promise<Delivery | undefined> {
  return (await person.session.timeline({ limit: 1000 })).find((row) => row.id === id)?.delivery
}

test("a mailbox that is full for three days stops nobody's commits and texts, and its owner recovers by itself", async () => {
  await say(bob, team, "I am away for three days")
  for (const person of [alice, carol]) await person.sync()
  await bob.session.close()
  await fill(bob)
  const given: string[] = []
  for (let day = 1; day <= 3; day++) {
    given.push(await say(alice, team, `day ${day.toString()}, alice`))
    await alice.session.update(team)
    await say(carol, team, `day ${day.toString()}, carol`)
    await carol.session.update(team)
    await alice.sync()
    await daysPass(1, alice, carol)
  }
  // Each reads the other at once, though bob's copies find no room.
  for (const person of [alice, carol]) {
    expect((await textsIn(person, team)).filter((text) => text.startsWith("day"))).toHaveLength(6)
    expect(person.troubles).toEqual([])
    expect(person.group(team).epoch).toBe(7n)
  }
  expect(await Promise.all(given.map((id) => deliveryOf(alice, id)))).toEqual(["failed", "failed", "failed"])
  const waiting = await say(alice, team, "an hour before bob is back")
  await carol.sync()
  expect(await deliveryOf(alice, waiting)).toBe("queued")
  expect(await textsIn(carol, team)).toContain("an hour before bob is back")

  for (const person of [alice, carol]) await person.session.follow()
  await comesBack(bob)
  expect(told).toContain("E048 this device must be added to the group again: team")
  await bob.session.follow()
  await until("bob is let in again", () => bob.group(team).rejoin === undefined, LET_IN_MS_MAX)
  await until("nothing waits any more", () => alice.store.outboxCount() === 0, LET_IN_MS_MAX)
  expect(await deliveryOf(alice, waiting)).toBe("stored")
  await allTalk(team, alice, bob, carol)
  // What came while bob's state was lost it cannot read, and its conversation says so; nobody else has it twice.
  expect(await noticesOf(bob)).toEqual([["team", MAY_BE_MISSING]])
  expect((await textsIn(bob, team)).filter((text) => text === "an hour before bob is back").length).toBeLessThan(2)
  expect((await textsIn(carol, team)).filter((text) => text === "an hour before bob is back")).toHaveLength(1)
}, 120_000)

test("a request to be let in that nobody can grant any more holds up nothing, and is asked anew", async () => {
  const asking = bob.engine.commitProof.bind(bob.engine)
  bob.engine.commitProof = () => Promise.resolve(new Uint8Array(32))
  await expect(bob.session.update(team)).rejects.toThrow()
  bob.engine.commitProof = asking
  await bob.sync()
  // It is heard of in time, but before its rank comes the computer sleeps for two days.
  backwards = Date.now()
  for (const person of [alice, carol]) await person.sync()
  expect(alice.store.rejoinRequests(alice.group(team).id).map(({ keyPackage }) => keyPackage !== undefined)).toEqual([
    true,
  ])
  for (const { session } of [alice, carol]) await session.close()
  backwards = undefined
  await daysPass(2, alice)
  // Whose KeyPackage expired is no trouble of hers.
  expect(alice.troubles).toEqual([])
  expect(alice.store.rejoinRequests(alice.group(team).id).filter(({ keyPackage }) => keyPackage)).toEqual([])
  await alice.session.update(team)
  expect(alice.troubles).toEqual([])
  await carol.reopen()
  for (const { session } of [alice, carol]) await session.follow()
  await comesBack(bob)
  await bob.session.follow()
  await until("bob is let in again", () => bob.group(team).rejoin === undefined, LET_IN_MS_MAX)
  await allTalk(team, alice, bob, carol)
}, 120_000)
