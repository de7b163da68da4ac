/** 1:1 conversations between real sessions: whoever begins, one conversation comes of it and every text arrives once. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { FanOut } from "../../core/contract/node-service.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { realWorld } from "../../core/domain/world.ts"
import { directTagOf } from "../../core/mls/group-tag.ts"
import { commitRequest } from "../fakes/commit-request.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { fresh } from "../fakes/node-device.ts"
import { freshChannel } from "../fakes/node-stores.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { talking } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const MINUTE_MS = 60_000

let here: House
let alice: Person
let bob: Person
/** How far the guests' clock is ahead. */
let aheadMs: number
const clock = { ...realWorld.clock, now: () => realWorld.clock.now() + aheadMs }
const moveIn = async (openChannels = false): Promise<void> => {
  aheadMs = 0
  here = await house({ ...realWorld, clock }, { openChannels })
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
}
beforeEach(() => moveIn())
afterEach(async () => {
  await here.close()
})

/** The one conversation of a person, as the faces see it. */
async function only(person: Person) {
  const groups = await person.session.groups()
  expect(groups).toHaveLength(1)
  return groups[0]!
}

/** Says it, and both read. */
async function say(person: Person, groupId: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await person.session.send(groupId, text)
  await person.sync()
  await (person === alice ? bob : alice).sync()
}

/** Or declines; alice has time to take bob out. */
async function bobLeaves(groupId: string): Promise<void> {
  await bob.session.leave(groupId)
  await bob.sync()
  await alice.sync()
  aheadMs += MINUTE_MS
  await alice.sync()
  await bob.sync()
}

test("one opens a conversation, the other accepts it; both call it by the other's name", async () => {
  const opened = await alice.session.direct("bob")
  expect(opened).toMatchObject({ name: "bob", peer: "bob", status: "active", members: ["alice", "bob"], epoch: 1 })
  await say(alice, opened.groupId, "hello")
  expect(await only(bob)).toMatchObject({ name: "alice", peer: "alice", status: "hidden", inviter: "alice", unread: 1 })
  const accepted = await bob.session.direct("alice")
  expect(accepted).toMatchObject({ name: "alice", status: "active" })
  await say(bob, accepted.groupId, "hi")
  for (const person of [alice, bob]) expect(await person.texts()).toEqual(["hello", "hi"])
  expect((await alice.session.direct("bob")).groupId).toBe(opened.groupId)
  expect(await only(alice)).toMatchObject({ groupId: opened.groupId, unread: 1 })
  expect([...alice.troubles, ...bob.troubles]).toEqual([])
})

test("both open it at once and write at once: one conversation, every text once at each end", async () => {
  const [mine, theirs] = await Promise.all([alice.session.direct("bob"), bob.session.direct("alice")])
  const write = async (person: Person, groupId: string, name: string): Promise<void> => {
    for (let at = 1; at <= 5; at++) await person.session.send(groupId, `${name} ${at}`)
    await person.sync()
  }
  await Promise.all([write(alice, mine.groupId, "alice"), write(bob, theirs.groupId, "bob")])
  for (const person of [alice, bob, alice, bob]) await person.sync()
  const names = [1, 2, 3, 4, 5].flatMap((at) => [`alice ${at}`, `bob ${at}`]).sort()
  for (const person of [alice, bob]) expect((await person.texts()).sort()).toEqual(names)
  const [first, second] = [await only(alice), await only(bob)]
  expect(first).toMatchObject({ groupId: mine.groupId, name: "bob", status: "active", epoch: 1 })
  expect(second).toMatchObject({ groupId: theirs.groupId, name: "alice", status: "active", epoch: 1 })
  expect(alice.authenticator(first.groupId)).toBe(bob.authenticator(second.groupId))
  expect([...alice.troubles, ...bob.troubles]).toEqual([])
  const rows = await alice.session.timeline({ groupId: first.groupId, limit: 100 })
  expect(rows.filter(({ own }) => own).every(({ delivery }) => delivery === "stored")).toBe(true)
})

test("while both follow, whoever is second still says what was written before the other's invitation came", async () => {
  for (const person of [alice, bob]) await person.session.follow()
  const [mine, theirs] = await Promise.all([alice.session.direct("bob"), bob.session.direct("alice")])
  await Promise.all([alice.session.send(mine.groupId, "from alice"), bob.session.send(theirs.groupId, "from bob")])
  const all = async (): Promise<boolean> =>
    (await Promise.all([alice, bob].map((one) => one.texts()))).every((texts) => texts.length === 2)
  let isDone = false
  await until("both texts are at both ends", () => {
    void all().then((done) => (isDone ||= done))
    return isDone
  })
  for (const person of [alice, bob]) expect((await person.texts()).sort()).toEqual(["from alice", "from bob"])
})

test("the other may be offline: the texts wait for them, sealed, with the invitation before them", async () => {
  await bob.session.close()
  const { groupId } = await alice.session.direct("bob")
  await alice.session.send(groupId, "when you are back")
  await alice.sync()
  expect(await alice.session.queued()).toBe(0)
  await bob.reopen()
  await bob.sync()
  expect(await bob.texts()).toEqual(["when you are back"])
  expect(await only(bob)).toMatchObject({ status: "hidden", name: "alice" })
})

test("who has no KeyPackage yet is let in once they have; until then the texts wait", async () => {
  const carol = await here.settle("carol")
  alice.tampering.fetchKeyPackage = () => Promise.reject(new QpqError("E010"))
  const { groupId } = await alice.session.direct("carol")
  await alice.session.send(groupId, "are you there?")
  await alice.sync()
  expect(alice.troubles).toContain("E010")
  expect(await alice.session.queued()).toBe(1)
  expect(await only(alice)).toMatchObject({ epoch: 0, members: ["alice"], peer: "carol" })
  alice.tampering.fetchKeyPackage = undefined
  aheadMs += MINUTE_MS
  await alice.sync()
  await carol.sync()
  expect(await alice.session.queued()).toBe(0)
  expect(await carol.texts()).toEqual(["are you there?"])
})

test("a conversation of two is no place for a third: inviting and removing are refused, so is one with oneself", async () => {
  await here.settle("carol")
  const { mine } = await talking(alice, bob)
  expect(await codeOfAsync(() => alice.session.invite(mine, ["carol"]))).toBe("E070")
  expect(await codeOfAsync(() => alice.session.remove(mine, "bob"))).toBe("E070")
  expect(await codeOfAsync(() => alice.session.direct("alice"))).toBe("E070")
  expect(await codeOfAsync(() => alice.session.direct("nobody"))).toBe("E015")
  expect(await alice.session.update(mine)).toMatchObject({ updated: ["alice"], epoch: 2, group: "bob" })
  await say(alice, mine, "fresh keys")
  expect(await bob.texts()).toEqual(["fresh keys"])
})

test("who leaves ends it: nothing more is said there, and whoever opens it again begins another attempt", async () => {
  const { mine, theirs } = await talking(alice, bob)
  await say(alice, mine, "before")
  await bobLeaves(theirs)
  expect(await codeOfAsync(() => alice.session.send(mine, "anybody?"))).toBe("E036")
  const again = await alice.session.direct("bob")
  expect(again).toMatchObject({ groupId: mine, members: ["alice", "bob"], epoch: 1 })
  expect(alice.store.directs()).toMatchObject([{ attempt: 1 }])
  await say(alice, mine, "after")
  expect(await only(bob)).toMatchObject({ groupId: theirs, status: "hidden", inviter: "alice" })
  await bob.session.accept(theirs)
  await say(bob, theirs, "here again")
  for (const person of [alice, bob]) expect(await person.texts()).toEqual(["before", "after", "here again"])
})

test("who declines leaves nothing behind, and is asked anew the next time", async () => {
  const { groupId } = await alice.session.direct("bob")
  await say(alice, groupId, "talk to me")
  const { groupId: theirs } = await only(bob)
  await bobLeaves(theirs)
  expect([await bob.session.groups(), bob.store.directs()]).toEqual([[], []])
  expect(await alice.session.direct("bob")).toMatchObject({ groupId, epoch: 1, members: ["alice", "bob"] })
  await say(alice, groupId, "please")
  expect(await only(bob)).toMatchObject({ groupId: theirs, status: "hidden", inviter: "alice" })
  await bob.session.accept(theirs)
  expect(await bob.texts()).toContain("please")
})

test("who talked, left, and declined to begin anew keeps what was said, and may open it again", async () => {
  const { mine, theirs } = await talking(alice, bob)
  await say(alice, mine, "before")
  await bobLeaves(theirs)
  await alice.session.direct("bob")
  await bob.sync()
  expect(await only(bob)).toMatchObject({ groupId: theirs, status: "hidden" })
  await bobLeaves(theirs)
  expect(await bob.texts()).toEqual(["before"])
  await bob.session.direct("alice")
  await say(bob, theirs, "here I am")
  await alice.session.direct("bob")
  for (const person of [alice, bob]) expect(await person.texts()).toEqual(["before", "here I am"])
  expect([alice.troubles, bob.troubles]).toEqual([[], []])
})

test("what was said in an attempt that is over still arrives, in the conversation that goes on", async () => {
  const { mine, theirs } = await talking(alice, bob)
  let held: FanOut | undefined
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.items.length > 0) held ??= fanOut
    const stored = { code: 0, seq: 1n, duplicate: false }
    return fanOut === held ? { results: [stored], epoch: 1n, head: 0n } : ask(fanOut)
  }
  await say(alice, mine, "slow")
  await bob.session.leave(theirs)
  await bob.sync()
  await bob.session.direct("alice")
  alice.tampering.enqueueMany = undefined
  await alice.sync()
  expect(bob.store.directs()).toMatchObject([{ attempt: 1 }])
  await say(alice, mine, "fast")
  await (await alice.node()).enqueueMany({ ...held!, group: undefined } as unknown as FanOut)
  await bob.sync()
  expect(await bob.texts()).toEqual(["fast", "slow"])
  const rows = await bob.session.timeline({ groupId: theirs, limit: 100 })
  expect(rows.filter(({ kind }) => kind === "text")).toHaveLength(2)
})

test("when no Welcome of whoever was first has come in two minutes, the next attempt is made, and nothing is lost", async () => {
  const node = await bob.node()
  const { channelId } = await node.createChannel(alice.me.accountKey)
  for (const attempt of [0, 1, 2])
    await node.commit(
      commitRequest(bob.me, { groupTag: directTagOf(channelId, attempt), nextVerifier: sha256(fresh(32)) }),
    )
  const { groupId } = await alice.session.direct("bob")
  await alice.session.send(groupId, "it took a while")
  await alice.sync()
  expect(alice.store.directs()).toMatchObject([{ attempt: 2 }])
  expect(await alice.session.queued()).toBe(1)
  aheadMs += 1.9 * MINUTE_MS
  await alice.sync()
  expect(alice.store.directs()).toMatchObject([{ attempt: 2 }])
  aheadMs += 0.2 * MINUTE_MS
  await alice.sync()
  await bob.sync()
  expect(alice.store.directs()).toMatchObject([{ attempt: 3 }])
  expect(await bob.texts()).toEqual(["it took a while"])
  expect(await only(alice)).toMatchObject({ groupId, epoch: 1 })
})

test("a channel that the server has forgotten is opened anew, and what waits is said there", async () => {
  await here.close()
  await moveIn(true)
  const { mine, theirs } = await talking(alice, bob)
  const [before] = alice.store.directs()
  const isOld = ({ channelId }: { channelId: Uint8Array }): boolean => hex(channelId) === hex(before!.channel)
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    const answer = await ask({ ...fanOut, items: fanOut.items.filter((item) => !isOld(item)) })
    const forgotten = fanOut.items.filter(isOld).map(() => ({ code: 23, seq: 0n, duplicate: false }))
    return { ...answer, results: [...answer.results, ...forgotten] }
  }
  const channelId = freshChannel()
  alice.tampering.createChannel = async () => ({ channelId, wasNew: true })
  await say(alice, mine, "still here?")
  await alice.sync()
  await bob.sync()
  expect(alice.store.directs()).toMatchObject([{ id: before?.id, attempt: 0, channel: channelId }])
  expect(await bob.texts()).toEqual(["still here?"])
  expect(await only(bob)).toMatchObject({ groupId: theirs, status: "active" })
})
