/** The line breaks at the worst moment, or the program ends there: what was done is done once, and all go on together. */
import { spawnSync } from "node:child_process"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { newOwner } from "../../core/client/owner.ts"
import { equal, uintBytes } from "../../core/domain/bytes.ts"
import { realWorld } from "../../core/domain/world.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { Between } from "../fakes/between.ts"
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
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
})
afterEach(async () => here.close())

/** The next call does its work at the server; its answer is lost with the connection. */
function loseAnswer(person: Person, method: "commit" | "enqueueMany" | "fetch"): { readonly calls: () => number } {
  let calls = 0
  const between: Between = person.tampering
  const losing = async (ask: (request: never) => Promise<unknown>, request: never): Promise<never> => {
    await ask(request)
    calls++
    between[method] = undefined
    person.cut()
    throw new QpqError("E054")
  }
  between[method] = losing as never
  return { calls: () => calls }
}

const authenticator = (person: Person): string => person.authenticator(groupId)

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
    expect(authenticator(person)).toBe(authenticator(people[0]!))
  }
}

describe("an answer is lost after the server acted", () => {
  test("to a commit: the change is made once, and its author goes on in the new epoch", async () => {
    const lost = loseAnswer(alice, "commit")
    await codeOfAsync(() => alice.session.invite(groupId, ["carol"]))
    expect(lost.calls()).toBe(1)
    await alice.sync()
    expect(alice.group(groupId).epoch).toBe(2n)
    expect(alice.store.stagedCommits()).toEqual([])
    const changes = await alice.session.timeline({ groupId, limit: 20 })
    expect(changes.filter(({ change }) => change?.added.includes("carol"))).toHaveLength(1)
    await carol.sync()
    await carol.session.accept(groupId)
    await allTalk(alice, bob, carol)
  })

  test("to a message: it is sent again under its id and shown once", async () => {
    const lost = loseAnswer(alice, "enqueueMany")
    const id = await alice.session.send(groupId, "twice at most")
    await codeOfAsync(() => alice.session.sync(5000))
    expect(lost.calls()).toBe(1)
    await alice.sync()
    expect(await alice.session.queued()).toBe(0)
    await bob.sync()
    const seen = (await bob.session.timeline({ groupId, limit: 20 })).filter(({ kind }) => kind === "text")
    expect(seen.map((row) => [row.id, row.text])).toEqual([[id, "twice at most"]])
    expect(bob.troubles).toEqual([])
    await allTalk(alice, bob)
  })

  test("to a fetch: what it held is fetched again and shown once", async () => {
    await alice.session.send(groupId, "in the lost answer")
    await alice.sync()
    const lost = loseAnswer(bob, "fetch")
    await codeOfAsync(() => bob.session.sync(5000))
    expect(lost.calls()).toBe(1)
    await bob.sync()
    expect(await bob.texts()).toEqual(["in the lost answer"])
    expect(bob.troubles).toEqual([])
    await allTalk(alice, bob)
  })
})

describe("the program ends", () => {
  test("between a commit and its answer: the next session finishes it before it reads the group's mail", async () => {
    let sent = false
    alice.tampering.commit = async (ask, request) => {
      await ask(request)
      sent = true
      return new Promise(() => undefined)
    }
    const inviting = codeOfAsync(() => alice.session.invite(groupId, ["carol"]))
    await until("the commit is at the server", () => sent)
    alice.tampering.commit = undefined
    await bob.sync()
    await bob.session.send(groupId, "already in the new epoch")
    await bob.sync()
    expect(alice.store.stagedCommits()).toHaveLength(1)
    await alice.reopen()
    await alice.sync()
    expect(alice.store.stagedCommits()).toEqual([])
    expect(alice.group(groupId).epoch).toBe(2n)
    expect(await alice.texts()).toEqual(["already in the new epoch"])
    expect(alice.troubles).toEqual([])
    await carol.sync()
    await carol.session.accept(groupId)
    await allTalk(alice, bob, carol)
    void inviting
  })

  test("before a staged commit was sent, while another's won: it is dropped, and nothing is forked", async () => {
    alice.tampering.commit = () => Promise.reject(new QpqError("E054"))
    expect(await codeOfAsync(() => alice.session.invite(groupId, ["carol"]))).toBe("E054")
    alice.tampering.commit = undefined
    expect(alice.store.stagedCommits()).toHaveLength(1)
    const dave = await here.settle("dave")
    await bob.session.invite(groupId, ["dave"])
    await alice.reopen()
    await alice.sync()
    expect(alice.store.stagedCommits()).toEqual([])
    await dave.sync()
    await dave.session.accept(groupId)
    await allTalk(alice, bob, dave)
    await alice.session.invite(groupId, ["carol"])
    await carol.sync()
    await carol.session.accept(groupId)
    await allTalk(alice, bob, dave, carol)
  })

  test.each([0, 1, 3, 6])("in the middle of reading, %i messages in: the next session reads the rest", async (read) => {
    const texts = Array.from({ length: 8 }, (_, at) => `text ${at.toString()}`)
    for (const text of texts) await alice.session.send(groupId, text)
    await alice.sync()
    const reading = codeOfAsync(() => bob.session.sync(5000))
    await until("the reading is under way", () => bob.store.timeline({ limit: 50 }).length >= read)
    await bob.reopen()
    await reading
    await bob.sync()
    expect(await bob.texts()).toEqual(texts)
    await allTalk(alice, bob)
  })
})

describe("two at once", () => {
  test("invite different people from one epoch: both are in, in one group", async () => {
    const dave = await here.settle("dave")
    await bob.sync()
    await alice.sync()
    await Promise.all([alice.session.invite(groupId, ["carol"]), bob.session.invite(groupId, ["dave"])])
    for (const person of [carol, dave]) {
      await person.sync()
      await person.session.accept(groupId)
    }
    for (const person of [alice, bob, carol, dave]) await person.sync()
    expect(alice.group(groupId).epoch).toBe(3n)
    const names = (await dave.session.members(groupId)).map(({ name }) => name)
    expect(names.sort()).toEqual(["alice", "bob", "carol", "dave"])
    await allTalk(alice, bob, carol, dave)
  })

  test("invite the same person: one does it, the other hears that it is done", async () => {
    const codes = await Promise.all(
      [alice, bob].map(({ session }) => codeOfAsync(() => session.invite(groupId, ["carol"]))),
    )
    expect(codes).toEqual(["accepted", "accepted"])
    expect(alice.group(groupId).epoch).toBe(2n)
    await carol.sync()
    await carol.session.accept(groupId)
    await allTalk(alice, bob, carol)
  })
})

test("what is written without a connection waits and goes out later under the same id", async () => {
  const id = await alice.session.send(groupId, "from the train")
  const before = (await alice.session.timeline({ groupId, limit: 1 }))[0]
  expect(before).toMatchObject({ id, text: "from the train", delivery: "queued" })
  await alice.reopen()
  expect(await alice.session.queued()).toBe(1)
  await alice.sync()
  const after = (await alice.session.timeline({ groupId, limit: 1 }))[0]
  expect(after).toMatchObject({ id, text: "from the train", delivery: "stored" })
  await bob.sync()
  expect((await bob.session.timeline({ groupId, limit: 1 }))[0]).toMatchObject({ id, text: "from the train" })
})

test("messages that a full mailbox keeps waiting hold back no others, however many they are", async () => {
  const other = (await alice.session.createGroup("other", "hybrid")).groupId
  await alice.session.invite(other, ["carol"])
  await carol.sync()
  await carol.session.accept(other)
  const tag = alice.group(groupId).tag
  alice.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.group && !equal(fanOut.group.tag, tag)) return ask(fanOut)
    const full = { code: 41, seq: 0n, duplicate: false }
    return { results: fanOut.items.map(() => full), epoch: fanOut.group?.epoch ?? 0n, head: 0n }
  }
  for (let at = 0; at < 70; at++) await alice.session.send(groupId, `waits ${at.toString()}`)
  await alice.session.send(other, "goes")
  await alice.sync()
  expect(await alice.session.queued()).toBe(70)
  await carol.sync()
  expect(await carol.texts()).toEqual(["goes"])
  alice.tampering.enqueueMany = undefined
  await alice.sync()
  await bob.sync()
  expect(await bob.texts()).toHaveLength(70)
})

describe("a commit that another process of the profile has asked about", () => {
  const heldBy = (owner: Uint8Array): void => {
    const now = realWorld.clock.now()
    expect(alice.store.write((tx) => tx.lease(`commit-${groupId}`, owner, now, now + 60_000))).toBe(true)
  }

  test("is left to it while it lives, then done", async () => {
    const owner = newOwner(realWorld.random)
    heldBy(owner)
    let asked = 0
    alice.tampering.commit = (ask, request) => (asked++, ask(request))
    const inviting = alice.session.invite(groupId, ["carol"])
    await until("the commit is staged", () => alice.store.stagedCommits().length > 0)
    await realWorld.clock.sleep(300)
    expect(asked).toBe(0)
    alice.store.write((tx) => {
      tx.release(`commit-${groupId}`, owner)
    })
    await inviting
    expect([asked, alice.group(groupId).epoch]).toEqual([1, 2n])
  })

  test("is done at once when its process is gone", async () => {
    const owner = newOwner(realWorld.random)
    owner.set(uintBytes(spawnSync(process.execPath, ["--version"]).pid, 4))
    heldBy(owner)
    await alice.session.invite(groupId, ["carol"])
    expect(alice.group(groupId).epoch).toBe(2n)
  })
})
