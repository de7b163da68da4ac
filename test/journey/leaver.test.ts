/** Who left while its state was lost is heard all the same, and the person does not see the group again. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Envelope, FetchAnswer } from "../../core/contract/node-service.ts"
import type { ClientEvent } from "../../core/client/client-api.ts"
import { messageId } from "../../core/domain/ids.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { updateWithout } from "../fakes/broken-groups.ts"
import { filled } from "../fakes/fake-services.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { until } from "../fakes/until.ts"

const LET_IN_MS_MAX = 30_000

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string
/** What bob's faces were told since the group was left. */
let told: ClientEvent[]
let isLost: boolean

beforeEach(async () => {
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob", "carol"])
  for (const person of [bob, carol]) await person.sync()
  await carol.session.accept(groupId)
  told = []
})
afterEach(async () => here.close())

const onRows = (person: Person, change: (rows: readonly Envelope[]) => readonly Envelope[]): void => {
  const changed = (answer: FetchAnswer): FetchAnswer => ({ ...answer, envelopes: change(answer.envelopes) })
  person.tampering.fetch = async (ask, request) => changed(await ask(request))
}

const asMarks = (rows: readonly Envelope[]): readonly Envelope[] =>
  rows.map((row) => (row.commit ? { ...row, payload: Uint8Array.of(4) } : row))

/** What is not a commit is as good as expired. */
const unread = (rows: readonly Envelope[]): readonly Envelope[] =>
  rows.map((row) => (row.commit ? row : { ...row, payload: Uint8Array.of(255) }))

let skipped = 0
const without = (rows: readonly Envelope[]): readonly Envelope[] => rows.filter((row) => !row.commit || skipped++ < 0)

const isMember = (person: Person): boolean =>
  alice.engine
    .decode(alice.group(groupId).state)
    .members.some(({ deviceKey }) => Buffer.from(deviceKey).equals(person.me.deviceKey))

async function leavesUnheard(change: (rows: readonly Envelope[]) => readonly Envelope[]): Promise<void> {
  await bob.session.leave(groupId)
  void (async () => {
    for await (const event of bob.session.events(new AbortController().signal)) told.push(event)
  })()
  await alice.session.update(groupId)
  onRows(bob, change)
  await bob.sync()
  bob.tampering.fetch = undefined
  isLost = bob.group(groupId).rejoin !== undefined
  expect([bob.store.outboxCount(), await bob.session.queued()]).toEqual([1, isLost ? 0 : 1])
}

async function isHeard(): Promise<void> {
  for (const { session } of [alice, carol, bob]) await session.follow()
  await until("bob is removed by the others", () => !isMember(bob), LET_IN_MS_MAX)
  await until("the leave is no longer waiting", () => bob.store.outboxCount() === 0, LET_IN_MS_MAX)
}

test.each([
  ["a commit that found no room", asMarks],
  ["a commit that never came", without],
] as const)("who left and then missed %s comes back to say so, and is removed", async (_, change) => {
  await bob.session.accept(groupId)
  await leavesUnheard(change)
  await isHeard()
  await until("bob hears of it", () => bob.group(groupId).status === "removed", LET_IN_MS_MAX)
  expect((await bob.session.groups()).map(({ status }) => status)).toEqual(["left"])
  expect(told.filter(({ kind }) => kind === "group")).toEqual([])
  expect(bob.troubles).toEqual([])
  const lines = await bob.session.timeline({ groupId, limit: 100 })
  expect(isLost).toBe(true)
  expect(lines.filter(({ kind }) => kind === "notice")).toEqual([])
})

test("who declined an invitation and then missed a commit is removed, and nothing is left behind", async () => {
  await leavesUnheard(asMarks)
  await isHeard()
  await until("bob hears of it", () => bob.store.groups().length === 0, LET_IN_MS_MAX)
  expect(told.filter(({ kind }) => kind === "group")).toEqual([])
})

test("who was heard before the state was lost asks nobody to be let in", async () => {
  await bob.session.accept(groupId)
  await bob.session.leave(groupId)
  await bob.sync()
  await alice.session.update(groupId)
  onRows(bob, asMarks)
  await bob.sync()
  expect(bob.group(groupId).rejoin).toBeUndefined()
  await alice.sync()
  expect(alice.store.rejoinRequests(alice.group(groupId).id)).toEqual([])
})

test("who was heard, and whom a change never reached, does not try again and again to let another in", async () => {
  await bob.session.accept(groupId)
  await bob.session.leave(groupId)
  await bob.sync()
  await updateWithout(alice, groupId, bob)
  const { id } = bob.group(groupId)
  const { publicBytes: keyPackage } = await carol.engine.makeKeyPackage({ suite: "hybrid", now: Date.now() })
  bob.store.write((tx) => {
    const { deviceKey } = carol.me
    tx.saveRejoinRequest({
      id: messageId(filled(16, 1)),
      groupId: id,
      deviceKey,
      keyPackage,
      since: Date.now() - 60_000,
    })
  })
  let commits = 0
  bob.tampering.commit = async (ask, request) => {
    commits++
    return ask(request)
  }
  for (let times = 0; times < 3; times++) {
    await bob.reopen()
    await bob.sync()
  }
  expect([commits, bob.group(groupId).status, bob.troubles]).toEqual([1, "removed", []])
  expect((await bob.session.groups()).map(({ status }) => status)).toEqual(["left"])
})

test("who left, and whose word expired unread at all who were away, says so again at their next change", async () => {
  await bob.session.accept(groupId)
  await bob.session.leave(groupId)
  await bob.sync()
  const { id } = bob.group(groupId)
  for (const person of [alice, carol]) {
    onRows(person, unread)
    await person.sync()
    person.tampering.fetch = undefined
    expect(person.store.wishes(id)).toEqual([])
  }
  const saysAgain = async (): Promise<boolean> => {
    await alice.session.update(groupId)
    for (const person of [bob, alice]) await person.sync()
    return alice.store.wishes(id).length > 0 || !isMember(bob)
  }
  expect(await saysAgain()).toBe(false)
  const row = bob.group(groupId)
  bob.store.write((tx) => {
    tx.saveGroup({ ...row, leftAt: Date.now() - DAY_MS - 1 }, row.version)
  })
  expect(await saysAgain()).toBe(true)
  await isHeard()
})

test("who left unheard, was removed and is invited anew stays in after accepting", async () => {
  await bob.session.accept(groupId)
  await bob.session.leave(groupId)
  expect(bob.store.outboxCount()).toBe(1)
  await alice.session.remove(groupId, "bob")
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  expect([bob.group(groupId).status, bob.store.outboxCount()]).toEqual(["hidden", 0])
  await bob.session.accept(groupId)
  for (const person of [bob, alice]) await person.sync()
  expect(alice.store.wishes(alice.group(groupId).id)).toEqual([])
  expect(isMember(bob)).toBe(true)
})

test("who left is heard by whom the others added since, though all others are gone", async () => {
  await bob.session.accept(groupId)
  onRows(alice, unread)
  onRows(carol, unread)
  await bob.session.leave(groupId)
  await bob.sync()
  const dave = await here.settle("dave")
  await alice.session.invite(groupId, ["dave"])
  await dave.sync()
  await dave.session.accept(groupId)
  for (const person of [bob, dave]) await person.session.follow()
  await until("bob is removed by the new one", () => bob.group(groupId).status === "removed", LET_IN_MS_MAX)
})
