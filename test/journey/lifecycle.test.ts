/** A group's whole life: people are added, removed, come back, renew their keys and leave; always one epoch, nothing twice. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { ChangeView, GroupView } from "../../core/client/client-api.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string
let rounds = 0

beforeEach(async () => {
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob", "carol"])
  for (const person of [bob, carol]) await arrive(person)
})
afterEach(async () => here.close())

async function arrive(person: Person): Promise<void> {
  await person.sync()
  await person.session.accept(groupId)
}

/** Everybody sends; everybody reads everything exactly once, in one epoch with one secret. */
async function allTalk(...people: readonly Person[]): Promise<void> {
  const round = people.map(({ me }) => `${me.name} is here, ${(++rounds).toString()}`)
  for (const [at, person] of people.entries()) {
    await person.session.send(groupId, round[at]!)
    await person.sync()
  }
  for (const person of people) {
    await person.sync()
    expect((await person.texts()).filter((text) => round.includes(text)).sort()).toEqual([...round].sort())
    expect(person.authenticator(groupId)).toBe(people[0]!.authenticator(groupId))
    expect(person.troubles).toEqual([])
  }
}

const say = async (person: Person, text: string): Promise<void> => {
  await person.session.send(groupId, text)
  await person.sync()
}

const shownOf = async (person: Person): Promise<readonly GroupView[]> =>
  (await person.session.groups()).filter(({ status }) => status !== "left")

const membersOf = async (person: Person): Promise<readonly string[]> =>
  (await shownOf(person)).find((view) => view.groupId === groupId)?.members ?? []

const changesOf = async (person: Person): Promise<readonly Partial<ChangeView>[]> => {
  const rows = await person.session.timeline({ groupId, limit: 100 })
  return rows.flatMap(({ change }) => (change ? [change] : []))
}

describe("who is removed", () => {
  test("is told, reads no more, and everybody else goes on", async () => {
    const change = await alice.session.remove(groupId, "carol")
    expect(change).toMatchObject({ removed: ["carol"], added: [], by: "alice", epoch: 2 })
    await bob.sync()
    await say(bob, "without carol")
    await carol.sync()
    expect(carol.group(groupId).status).toBe("removed")
    expect(await carol.texts()).not.toContain("without carol")
    expect((await changesOf(carol)).at(-1)).toMatchObject({ removed: ["carol"], by: "alice" })
    expect(await codeOfAsync(() => carol.session.send(groupId, "hello?"))).toBe("E036")
    expect(await membersOf(bob)).toEqual(["alice", "bob"])
    await allTalk(alice, bob)
    expect(carol.troubles).toEqual([])
  })

  test("comes back by a new invitation, keeps the history, and reads nothing of the time between", async () => {
    await say(bob, "early")
    await carol.sync()
    await carol.session.markRead(groupId, 1_000_000)
    await alice.session.remove(groupId, "carol")
    await carol.sync()
    await bob.sync()
    await say(bob, "between")
    await alice.sync()
    await alice.session.invite(groupId, ["carol"])
    await arrive(carol)
    await bob.sync()
    await allTalk(alice, bob, carol)
    const texts = await carol.texts()
    expect(texts).toContain("early")
    expect(texts).not.toContain("between")
  })

  test("takes the group off the list without a word to the others, and is in it again when invited again", async () => {
    await say(bob, "early")
    await carol.sync()
    await alice.session.remove(groupId, "carol")
    await carol.sync()
    await carol.session.leave(groupId)
    expect(await shownOf(carol)).toEqual([])
    expect(carol.store.outboxCount()).toBe(0)
    await bob.sync()
    await alice.session.invite(groupId, ["carol"])
    await carol.sync()
    expect((await shownOf(carol)).map(({ status }) => status)).toEqual(["hidden"])
    await carol.session.accept(groupId)
    await bob.sync()
    await allTalk(alice, bob, carol)
    expect(await carol.texts()).toContain("early")
  })

  test("one who is no member, and oneself, are refused", async () => {
    await here.settle("dave")
    expect(await codeOfAsync(() => alice.session.remove(groupId, "dave"))).toBe("E036")
    expect(await codeOfAsync(() => alice.session.remove(groupId, "alice"))).toBe("E070")
    expect(alice.group(groupId).epoch).toBe(1n)
  })

  test("by two at once is removed once, and both hear who did it", async () => {
    const done = await Promise.all([alice.session.remove(groupId, "carol"), bob.session.remove(groupId, "carol")])
    expect(done.map(({ removed, by }) => [removed, by])).toEqual([
      [["carol"], done[0].by],
      [["carol"], done[0].by],
    ])
    expect(alice.group(groupId).epoch).toBe(2n)
    await allTalk(alice, bob)
  })

  test("while somebody else adds: both happen", async () => {
    const dave = await here.settle("dave")
    await Promise.all([alice.session.remove(groupId, "carol"), bob.session.invite(groupId, ["dave"])])
    await arrive(dave)
    await alice.sync()
    expect([...(await membersOf(alice))].sort()).toEqual(["alice", "bob", "dave"])
    await allTalk(alice, bob, dave)
  })

  test("leaves the last one alone, who may still write and invite", async () => {
    await alice.session.remove(groupId, "carol")
    await alice.session.remove(groupId, "bob")
    await say(alice, "to myself")
    await alice.session.invite(groupId, ["bob"])
    await arrive(bob)
    await allTalk(alice, bob)
    expect(await bob.texts()).not.toContain("to myself")
  })
})

describe("an update", () => {
  test("brings a new epoch, by everybody at once too", async () => {
    expect(await alice.session.update(groupId)).toMatchObject({ updated: ["alice"], by: "alice", epoch: 2 })
    await Promise.all([alice, bob, carol].map(({ session }) => session.update(groupId)))
    await allTalk(alice, bob, carol)
    expect(alice.group(groupId).epoch).toBe(5n)
  })

  test("shows in the leaf's fingerprint, the same for all who look, and in no other's", async () => {
    const leaves = async (person: Person): Promise<readonly string[]> =>
      (await person.session.members(groupId)).map(({ leafFingerprint }) => leafFingerprint)
    const before = await leaves(alice)
    expect(new Set(before).size).toBe(3)
    await alice.session.update(groupId)
    await bob.sync()
    const after = await leaves(bob)
    expect(after).toEqual(await leaves(alice))
    expect(after.map((leaf, at) => leaf === before[at])).toEqual([false, true, true])
  })
})

describe("who leaves", () => {
  test("is gone at once for themselves, and is removed by one of the others", async () => {
    await carol.session.send(groupId, "one moment")
    await carol.session.leave(groupId)
    expect(await membersOf(carol)).toEqual([])
    expect(await codeOfAsync(() => carol.session.send(groupId, "and yet"))).toBe("E036")
    await carol.sync()
    for (const { session } of [alice, bob]) await session.follow()
    await until("carol is removed", () => alice.group(groupId).epoch === 2n && bob.group(groupId).epoch === 2n)
    expect((await changesOf(bob)).slice(-2)).toMatchObject([
      { left: ["carol"], by: "carol" },
      { removed: ["carol"], by: "alice" },
    ])
    await carol.sync()
    expect(carol.group(groupId).status).toBe("removed")
    expect(bob.store.wishes(bob.group(groupId).id)).toEqual([])
    await allTalk(alice, bob)
  })

  test("is removed by the next when the first is away, and again after a commit that did not do it", async () => {
    await alice.reopen()
    await carol.session.leave(groupId)
    await carol.sync()
    await bob.session.follow()
    await until("bob removes carol", () => bob.group(groupId).epoch === 2n)
    expect((await changesOf(bob)).at(-1)).toMatchObject({ removed: ["carol"], by: "bob" })
    await alice.sync()
    await allTalk(alice, bob)
  })

  test("alone in a group deletes it", async () => {
    const own = (await alice.session.createGroup("mine", "hybrid")).groupId
    await alice.session.send(own, "nobody reads this")
    await alice.session.leave(own)
    expect((await alice.session.groups()).map(({ name }) => name)).toEqual(["team"])
    expect(await alice.session.queued()).toBe(0)
    await alice.sync()
  })

  test("may be invited again", async () => {
    await carol.session.leave(groupId)
    await carol.sync()
    await alice.session.follow()
    await until("carol is removed", () => alice.group(groupId).epoch === 2n)
    await alice.session.invite(groupId, ["carol"])
    await arrive(carol)
    await bob.sync()
    await allTalk(alice, bob, carol)
  })

  test("and everybody else: the last one is alone", async () => {
    await bob.session.leave(groupId)
    await bob.sync()
    await carol.session.leave(groupId)
    await carol.sync()
    await alice.session.follow()
    await until(
      "alice is alone",
      () => alice.group(groupId).epoch >= 2n && alice.store.wishes(alice.group(groupId).id).length === 0,
    )
    expect(await membersOf(alice)).toEqual(["alice"])
    await alice.session.leave(groupId)
    expect(await alice.session.groups()).toEqual([])
  })
})

test("a declined invitation leaves nothing behind, and the member list shrinks", async () => {
  const dave = await here.settle("dave")
  await alice.session.invite(groupId, ["dave"])
  await dave.sync()
  await dave.session.leave(groupId)
  expect(await shownOf(dave)).toEqual([])
  await dave.sync()
  await alice.session.follow()
  await until("dave is removed", () => alice.group(groupId).epoch === 3n)
  await dave.sync()
  expect(dave.store.groups()).toEqual([])
  await bob.sync()
  await carol.sync()
  await allTalk(alice, bob, carol)
})
