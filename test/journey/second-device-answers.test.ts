/** An invitation is answered once for all devices of a person (docs/decisions/0053). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { sentBy } from "../fakes/sent-by.ts"
import { settled, syncAll } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let tablet: Person
let groupId: string

/** Alice invites Bob, who has two devices; both have the invitation. */
beforeEach(async () => {
  ;({ here, world, alice, bob } = await settled("alice", "bob"))
  tablet = await here.device("bob")
  await syncAll(bob, tablet)
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob"])
  await syncAll(bob, tablet)
})
afterEach(() => here.close())

const statuses = (): readonly (string | undefined)[] =>
  [bob, tablet].map(({ store }) => store.groups().find(({ leftAt }) => leftAt === undefined)?.status)

describe("accepted on one device", () => {
  test("it is accepted on the others, and nobody else is told", async () => {
    expect(statuses()).toEqual(["hidden", "hidden"])
    const sent = sentBy(bob)
    await bob.session.accept(groupId)
    await syncAll(bob, tablet, alice)
    expect(statuses()).toEqual(["active", "active"])
    // Behind it all hear of the device list, as from whoever comes into a group.
    expect(sent[0]?.items.map(({ recipientKey }) => hex(recipientKey))).toEqual([hex(tablet.me.deviceKey)])
    await tablet.session.send(groupId, "from the tablet")
    await syncAll(tablet, alice, bob)
    expect((await alice.session.timeline({ groupId, limit: 1 })).map(({ text }) => text)).toEqual(["from the tablet"])
    expect(await bob.session.queued()).toBe(0)
    expect(
      (await tablet.session.timeline({ groupId, limit: 20 })).filter(({ kind }) => kind !== "change"),
    ).toHaveLength(1)
    expect([alice.troubles, bob.troubles, tablet.troubles]).toEqual([[], [], []])
  })

  test("twice, on both at once, or again: it stays accepted", async () => {
    await bob.session.accept(groupId)
    await tablet.session.accept(groupId)
    await syncAll(bob, tablet, bob, tablet)
    await bob.session.accept(groupId)
    await syncAll(bob, tablet)
    expect(statuses()).toEqual(["active", "active"])
    expect(await bob.session.queued()).toBe(0)
    expect([bob.troubles, tablet.troubles]).toEqual([[], []])
  })

  test("a program that is killed right after has not told yet, and tells when it is there again", async () => {
    bob.tampering.enqueueMany = async () => Promise.reject(new Error("the line is cut"))
    await bob.session.accept(groupId)
    expect(await bob.session.queued()).toBe(1)
    bob.cut()
    delete bob.tampering.enqueueMany
    await bob.reopen()
    await syncAll(bob, tablet)
    expect(statuses()).toEqual(["active", "active"])
    expect(await bob.session.queued()).toBe(0)
  })

  test("what was to tell it is lost: whatever the person says there tells it too", async () => {
    bob.tampering.enqueueMany = async (ask, fanOut) =>
      ask({ ...fanOut, items: fanOut.items.map((item) => ({ ...item, recipientKey: alice.me.deviceKey })) })
    await bob.session.accept(groupId)
    await syncAll(bob, tablet)
    expect(statuses()).toEqual(["active", "hidden"])
    delete bob.tampering.enqueueMany
    await bob.session.send(groupId, "hello")
    await syncAll(bob, tablet)
    expect(statuses()).toEqual(["active", "active"])
  })

  test("a conversation of two is accepted too", async () => {
    const talk = await alice.session.direct("bob")
    await alice.session.send(talk.groupId, "just us")
    await syncAll(alice, bob, tablet)
    expect([bob, tablet].map(({ store }) => store.group(store.directs()[0]!.groupId)?.status)).toEqual([
      "hidden",
      "hidden",
    ])
    await tablet.session.direct("alice")
    await syncAll(tablet, bob, alice)
    expect([bob, tablet].map(({ store }) => store.group(store.directs()[0]!.groupId)?.status)).toEqual([
      "active",
      "active",
    ])
    await bob.session.send(hex(bob.store.directs()[0]!.groupId), "yes")
    await syncAll(bob, alice, tablet)
    expect([alice.troubles, bob.troubles, tablet.troubles]).toEqual([[], [], []])
  })

  test("where a key is in doubt nothing can be said all the same", async () => {
    const talk = await alice.session.direct("bob")
    await alice.session.send(talk.groupId, "just us")
    await syncAll(alice, bob, tablet)
    await tablet.session.denyNumber("alice")
    await bob.session.direct("alice")
    await syncAll(bob, tablet)
    const { groupId: id } = tablet.store.directs()[0]!
    expect(tablet.store.group(id)?.status).toBe("active")
    await expect(tablet.session.send(hex(id), "no")).rejects.toMatchObject({ code: "E082" })
  })
})

describe("declined on one device", () => {
  test("it goes from the others' lists, and both are taken out of the group", async () => {
    const gone: string[] = []
    const events = tablet.session.events(new AbortController().signal)
    void (async () => {
      for await (const event of events) if (event.kind === "groupGone") gone.push(event.groupId)
    })()
    await bob.session.leave(groupId)
    await syncAll(bob, tablet)
    expect((await tablet.session.groups()).map(({ status }) => status)).toEqual(["left"])
    expect(gone).toEqual([groupId])
    for (let round = 0; round < 3; round++) {
      world.pass(10_000)
      await syncAll(alice, bob, tablet)
    }
    expect((await alice.session.members(groupId)).map(({ name }) => name)).toEqual(["alice"])
    expect([bob, tablet].map(({ store }) => store.groups())).toEqual([[], []])
    expect([bob.troubles, tablet.troubles]).toEqual([[], []])
  })

  test("to leave wins over to accept that was said meanwhile", async () => {
    await bob.session.accept(groupId)
    await tablet.session.leave(groupId)
    for (let round = 0; round < 4; round++) {
      world.pass(10_000)
      await syncAll(bob, tablet, alice)
    }
    expect((await alice.session.members(groupId)).map(({ name }) => name)).toEqual(["alice"])
    expect(tablet.store.groups()).toEqual([])
    expect(bob.store.groups().map(({ status }) => status)).toEqual(["removed"])
  })
})

test("an invitation that nobody has answered for 30 days is not declined where another device may have accepted", async () => {
  bob.tampering.enqueueMany = async (_ask, { items }) => ({
    results: items.map(() => ({ code: 0, seq: 1n, duplicate: false })),
    epoch: 0n,
    head: 0n,
  })
  await bob.session.accept(groupId)
  await bob.sync()
  delete bob.tampering.enqueueMany
  world.pass(31 * DAY_MS)
  await tablet.reopen()
  await tablet.sync()
  expect(tablet.group(groupId)).toMatchObject({ status: "hidden", leftAt: undefined })
})
