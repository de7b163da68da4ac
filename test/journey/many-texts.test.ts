/** Thousands of texts in one epoch: who missed many of them can read what is said later. */
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { QpqError } from "../../core/domain/errors.ts"
import { DAY_MS, RETENTION_MS } from "../../core/domain/limits.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { sweepAll } from "../fakes/node-stores.ts"
import type { Person } from "../fakes/person.ts"
import { sealUpTo } from "../fakes/spent-epoch.ts"
import { team } from "../fakes/team.ts"

let here: House
let alice: Person
let bob: Person
const now = Date.now
let aheadMs = 0

beforeEach(async () => {
  aheadMs = 0
  vi.spyOn(Date, "now").mockImplementation(() => now() + aheadMs)
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
})
afterEach(async () => {
  await here.close()
  vi.restoreAllMocks()
})

/** Written while nothing can be sent, then sent. @returns the texts. */
async function say(groupId: string, count: number): Promise<readonly string[]> {
  const texts = Array.from({ length: count }, (_, at) => `${count}: ${at}`)
  for (const text of texts) await alice.session.send(groupId, text)
  await alice.sync()
  return texts
}

/** Of alice's changes. @returns how many she asked for. */
function commitsOf(change?: () => Promise<void>): () => number {
  let count = 0
  alice.tampering.commit = async (ask, request) => {
    count++
    await change?.()
    return ask(request)
  }
  return () => count
}

/** Everybody has read it, and is in one epoch. */
async function expectHeard(groupId: string, texts: readonly string[], atBob = groupId): Promise<void> {
  await alice.sync()
  await bob.sync()
  expect(await bob.texts()).toEqual(texts)
  expect(bob.troubles).toEqual([])
  expect(bob.authenticator(atBob)).toBe(alice.authenticator(groupId))
}

test("a thousand texts are missed: what did not expire of them is read, and what is said later", async () => {
  const groupId = await team(alice, bob)
  await bob.session.close()
  await sealUpTo(alice, groupId, 900)
  await say(groupId, 150)
  aheadMs += RETENTION_MS + DAY_MS
  await sweepAll(here.node.store, Date.now())
  await alice.reopen()
  const rest = await say(groupId, 50)
  await bob.reopen()
  await bob.sync()
  expect(bob.troubles).toEqual(["E046"])
  bob.troubles.length = 0
  await expectHeard(groupId, [...rest, ...(await say(groupId, 2))])
}, 60_000)

const groups = [
  {
    name: "a group",
    make: async () => {
      const groupId = await team(alice, bob)
      return { groupId, atBob: groupId }
    },
  },
  {
    name: "a conversation of two",
    make: async () => {
      const { groupId } = await alice.session.direct("bob")
      await alice.sync()
      await bob.sync()
      return { groupId, atBob: (await bob.session.direct("alice")).groupId }
    },
  },
]

test.each(groups)(
  "who has said thousands of things in one epoch begins another: $name",
  async ({ make }) => {
    const { groupId, atBob } = await make()
    await sealUpTo(alice, groupId, 8180)
    const before = alice.group(groupId).epoch
    const commits = commitsOf()
    const texts = await say(groupId, 100)
    expect(commits()).toBe(1)
    expect(await alice.session.queued()).toBe(0)
    expect(alice.group(groupId).epoch).toBe(before + 1n)
    await expectHeard(groupId, texts, atBob)
  },
  60_000,
)

test("a change that is refused is told, and holds nothing back before the epoch is used up; then texts wait", async () => {
  const groupId = await team(alice, bob)
  await sealUpTo(alice, groupId, 9950)
  alice.tampering.commit = () => Promise.reject(new QpqError("E040"))
  const texts = await say(groupId, 30)
  expect(await alice.session.queued()).toBe(20)
  expect(new Set(alice.troubles)).toEqual(new Set(["E040"]))
  const quiet = await alice.session.createGroup("quiet", "hybrid")
  await alice.session.send(quiet.groupId, "goes on")
  await alice.sync()
  expect(await alice.session.queued()).toBe(20)
  alice.tampering.commit = undefined
  await alice.sync()
  expect(await alice.session.queued()).toBe(0)
  await expectHeard(groupId, texts)
}, 60_000)

test("another's change that is first is as good", async () => {
  const groupId = await team(alice, bob)
  await sealUpTo(alice, groupId, 9955)
  let isFirst = true
  const commits = commitsOf(async () => {
    if (isFirst) await bob.session.update(groupId)
    isFirst = false
  })
  const texts = await say(groupId, 30)
  expect(commits()).toBe(1)
  expect(await alice.session.queued()).toBe(0)
  await expectHeard(groupId, texts)
}, 60_000)

test("alone in a group nobody misses anything, and who leaves is heard without a change", async () => {
  const { groupId: alone } = await alice.session.createGroup("alone", "hybrid")
  const groupId = await team(alice, bob)
  await sealUpTo(alice, alone, 9990)
  await sealUpTo(alice, groupId, 9970)
  const commits = commitsOf()
  await say(alone, 30)
  await alice.session.leave(groupId)
  await alice.sync()
  expect([commits(), await alice.session.queued(), alice.group(alone).epoch]).toEqual([0, 0, 0n])
  await bob.session.follow()
  await expect.poll(async () => (await bob.session.members(groupId)).length, { timeout: 10_000 }).toBe(1)
}, 60_000)
