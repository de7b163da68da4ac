/** Away for longer than mail is kept: how much expired is told in each conversation, as far as it can be known. */
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { messageId } from "../../core/domain/ids.ts"
import { DAY_MS, RETENTION_MS } from "../../core/domain/limits.ts"
import { realWorld } from "../../core/domain/world.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { sweepAll } from "../fakes/node-stores.ts"
import type { Person } from "../fakes/person.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let team: string
const now = Date.now
let aheadMs = 0
/** What bob was told in words. */
let told: string[]

beforeEach(async () => {
  aheadMs = 0
  vi.spyOn(Date, "now").mockImplementation(() => now() + aheadMs)
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  team = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(team, ["bob"])
  for (const person of [alice, carol]) await person.session.direct("bob")
  await bob.sync()
  for (const { groupId } of await bob.session.groups()) await bob.session.accept(groupId)
  await say(alice, "bob", "read in time")
  await bob.sync()
  told = []
})
afterEach(async () => {
  await here.close()
  vi.restoreAllMocks()
})

async function say(person: Person, to: string, text: string): Promise<void> {
  const groupId = to === team ? team : (await person.session.direct(to)).groupId
  await person.session.send(groupId, text)
  await person.sync()
}

async function weekPasses(...present: readonly Person[]): Promise<void> {
  aheadMs += RETENTION_MS + DAY_MS
  await sweepAll(here.node.store, Date.now())
  for (const person of present) {
    await person.reopen()
    await person.sync()
  }
}

async function bobComesBack(): Promise<void> {
  const session = await bob.reopen()
  void (async () => {
    for await (const event of session.events(new AbortController().signal))
      if (event.kind === "trouble") told.push(`${event.code} ${event.message}`)
  })()
  await bob.sync()
}

const notices = async (): Promise<readonly (readonly string[])[]> =>
  (await bob.session.timeline({ limit: 1000 }))
    .filter(({ kind }) => kind === "notice")
    .map(({ group, text }) => [group, text])
    .sort()

test("each conversation of two is told its own number, and the only group the rest", async () => {
  await bob.session.close()
  for (const text of ["1", "2", "3"]) await say(alice, "bob", text)
  for (const text of ["1", "2"]) await say(carol, "bob", text)
  for (const text of ["1", "2", "3", "4"]) await say(alice, team, text)
  await weekPasses(alice, carol)
  // Behind what expired in one conversation there is more to read, in the other there is nothing.
  await say(alice, "bob", "late")
  await bobComesBack()
  expect(told).toEqual(["E046 messages expired before they were fetched: 9"])
  const lines = [
    ["alice", "Up to 3 messages expired while you were away."],
    ["carol", "Up to 2 messages expired while you were away."],
    ["team", "Up to 4 messages expired while you were away."],
  ]
  expect(await notices()).toEqual(lines)
  expect(await bob.texts()).toEqual(["read in time", "late"])
  await say(carol, "bob", "late too")
  await bobComesBack()
  expect(await notices()).toEqual(lines)
  expect(told).toHaveLength(1)
}, 60_000)

test("who has read no mail at all yet is told too", async () => {
  const dave = await here.settle("dave")
  const { groupId } = await dave.session.createGroup("pair", "hybrid")
  await dave.session.invite(groupId, ["carol"])
  await dave.session.close()
  await say(alice, "dave", "1")
  await weekPasses(alice)
  await dave.reopen()
  await dave.sync()
  expect(dave.troubles).toEqual(["E046"])
  const lines = await dave.session.timeline({ limit: 100 })
  expect(lines.filter(({ kind }) => kind === "notice").map(({ group, text }) => `${group}: ${text}`)).toEqual([
    "pair: Up to 2 messages expired while you were away.",
  ])
}, 60_000)

test("what came to one of several groups cannot be known, and none is told a number as its own", async () => {
  const pair = (await alice.session.createGroup("pair", "hybrid")).groupId
  await alice.session.invite(pair, ["bob"])
  await bob.sync()
  await bob.session.accept(pair)
  await bob.session.createGroup("alone", "hybrid")
  await bob.session.close()
  await say(alice, "bob", "1")
  for (const text of ["1", "2"]) await say(alice, team, text)
  await weekPasses(alice)
  await bobComesBack()
  expect(told).toEqual(["E046 messages expired before they were fetched: 3"])
  const some = "Some of 2 messages that expired while you were away may have been for this group."
  expect(await notices()).toEqual([
    ["alice", "A message may have expired while you were away."],
    ["pair", some],
    ["team", some],
  ])
}, 60_000)

test("what expired behind mail that is still there is told too", async () => {
  await bob.session.close()
  await say(alice, team, "first")
  const node = await alice.node()
  const { channel } = alice.store.directs()[0]!
  const letter = { recipientKey: bob.me.deviceKey, channelId: channel, payload: new Uint8Array(1300).fill(1) }
  await node.enqueue({ ...letter, messageId: messageId(realWorld.random.bytes(16)), ttlSecs: 60 })
  aheadMs += DAY_MS
  await sweepAll(here.node.store, Date.now())
  await bobComesBack()
  expect(told).toEqual(["E046 messages expired before they were fetched: 1"])
  expect(await notices()).toEqual([["alice", "A message may have expired while you were away."]])
}, 60_000)

test("a number that was stored before the program ended is told at the next start", async () => {
  await bob.session.close()
  await say(carol, "bob", "1")
  await weekPasses()
  bob.tampering.fetch = async (ask, request) => {
    if (!request.allChannels) throw new Error("the line breaks")
    return ask(request)
  }
  await bob.reopen()
  await expect(bob.sync()).rejects.toThrow()
  bob.tampering.fetch = undefined
  await bobComesBack()
  expect(await notices()).toEqual([["carol", "A message may have expired while you were away."]])
}, 60_000)

test("who was removed and invited again meanwhile, and whose removal has expired, is in the group again", async () => {
  await bob.session.close()
  await alice.session.remove(team, "bob")
  await weekPasses(alice)
  await alice.session.invite(team, ["bob"])
  await say(alice, team, "welcome back")
  await bobComesBack()
  expect((await bob.session.groups()).find(({ groupId }) => groupId === team)?.status).toBe("active")
  expect(await bob.texts()).toEqual(["read in time", "welcome back"])
  expect(told).toEqual(["E046 messages expired before they were fetched: 1"])
  await say(bob, team, "here again")
  await alice.sync()
  expect(bob.authenticator(team)).toBe(alice.authenticator(team))
  expect((await alice.texts()).at(-1)).toBe("here again")
})
