/** A server whose numbers are wrong, or that was set back: the person is told once, and newer mail is read on. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { storedCursor } from "../../core/client/mail-cursor.ts"
import type { FetchAnswer } from "../../core/contract/node-service.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { newOwner } from "../../core/client/owner.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { goesOn } from "../fakes/going-on.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { inTeam, talking } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let groupId: string

beforeEach(async () => {
  ;({ here, world, alice, bob, groupId } = await inTeam("alice", "bob"))
  bob.troubles.length = 0
})
afterEach(async () => here.close())

const say = async (...texts: readonly string[]): Promise<void> => {
  for (const text of texts) await alice.session.send(groupId, text)
  await alice.sync()
}

const answering = (change: (answer: FetchAnswer, after: bigint) => FetchAnswer): void => {
  bob.tampering.fetch = async (ask, request) => change(await ask(request), request.after)
}

test("mail that expired is counted and told once, though the server says so again and again", async () => {
  const { position } = storedCursor(bob.store)
  const expired = position + 3n
  answering((answer) => ({ ...answer, head: expired, expired }))
  await bob.sync()
  await bob.sync()
  expect(bob.troubles).toEqual(["E046"])
  expect(storedCursor(bob.store).position).toBe(expired)
})

test("a server that goes back to an earlier state without a new generation is told, and newer mail is read", async () => {
  await say("before")
  await bob.sync()
  const { position, generation } = storedCursor(bob.store)
  bob.store.write((tx) => {
    tx.set("mail-cursor", Buffer.from([...big(position + 40n), ...big(generation)]))
  })
  await say("after")
  await bob.sync()
  // What it had given already comes again, and is stepped over.
  expect(bob.troubles).toEqual(["E047"])
  await say("and on")
  await bob.sync()
  expect(await bob.texts()).toEqual(["before", "after", "and on"])
  expect(bob.troubles).toEqual(["E047"])
})

const big = (value: bigint): readonly number[] => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return [...bytes]
}

test("what a batch stored before it had to stop is durable before it is acknowledged", async () => {
  await say("first", "second", "third")
  const { position } = storedCursor(bob.store)
  const other = { position: position + 2n, owner: newOwner(realWorld.random), heartbeat: Date.now(), attempts: 0 }
  bob.store.write((tx) => {
    tx.mark(other)
  })
  const order: string[] = []
  const write = bob.store.write.bind(bob.store)
  const watched: typeof write = (change, durability) => {
    const done = write(change, durability)
    order.push(durability ?? "durable")
    return done
  }
  Object.assign(bob.store, { write: watched })
  await bob.reopen()
  bob.tampering.fetch = async (ask, request) => {
    order.push(`ack ${(request.ack - position).toString()}`)
    if (order.includes("ack 1")) bob.store.write((tx) => tx.unmark(other.position), "relaxed")
    return ask(request)
  }
  await bob.sync()
  expect(await bob.texts()).toEqual(["first", "second", "third"])
  const acked = order.indexOf("ack 1")
  const relaxed = order.indexOf("relaxed")
  expect(relaxed).toBeLessThan(acked)
  expect(order.slice(relaxed, acked)).toContain("durable")
})

test("what was stored is told, though the names of its authors cannot be learnt now", async () => {
  const carol = await here.settle("carol")
  await alice.session.invite(groupId, ["carol"])
  await carol.sync()
  await carol.session.accept(groupId)
  await carol.session.send(groupId, "who am I?")
  await carol.sync()
  const told: string[] = []
  const listen = async (): Promise<void> => {
    for await (const event of bob.session.events(new AbortController().signal)) {
      if (event.kind === "timeline") told.push(event.row.text)
    }
  }
  void listen()
  bob.tampering.resolveIdentity = () => Promise.reject(new QpqError("E055"))
  bob.tampering.resolveUsers = () => Promise.reject(new QpqError("E055"))
  await codeOfAsync(() => bob.session.sync(2000))
  bob.tampering.resolveIdentity = undefined
  bob.tampering.resolveUsers = undefined
  await bob.sync()
  expect(await bob.texts()).toEqual(["who am I?"])
  expect(told).toContain("who am I?")
})

test("that more expired than there ever was is not believed, and hides nothing that is missing", async () => {
  await say("first")
  const { position } = storedCursor(bob.store)
  answering((answer) => ({ ...answer, expired: answer.head + 5n }))
  await bob.sync()
  await bob.sync()
  expect(bob.troubles).toEqual([])
  expect(storedCursor(bob.store).position).toBe(position + 1n)
  await say("second", "third", "fourth")
  answering((answer) => ({ ...answer, expired: answer.head + 5n, envelopes: answer.envelopes.slice(-1) }))
  await bob.sync()
  expect(bob.troubles).toEqual(["E045"])
  expect(await bob.texts()).toEqual(["first", "fourth"])
  bob.tampering.fetch = undefined
  await goesOn(groupId, alice, bob)
})

test("that more expired than there ever was is no beginning of another incarnation's numbers", async () => {
  await say("first")
  const before = storedCursor(bob.store)
  answering((answer) => ({ ...answer, generation: answer.generation ^ 1n, expired: answer.head + 5n }))
  expect(await codeOfAsync(() => bob.session.sync(5000))).toBe("E026")
  expect(storedCursor(bob.store)).toEqual(before)
  expect(await bob.texts()).toEqual([])
  bob.tampering.fetch = undefined
  await bob.sync()
  expect(await bob.texts()).toEqual(["first"])
  expect(bob.troubles).toEqual([])
  await goesOn(groupId, alice, bob)
})

test("an epoch that the group never had makes its reader ask to be let in, once; and it is", async () => {
  bob.tampering.enqueueMany = async (ask, fanOut) => ({ ...(await ask(fanOut)), epoch: 2n ** 64n - 1n })
  await bob.session.send(groupId, "is anybody there?")
  await bob.sync()
  bob.tampering.enqueueMany = undefined
  await bob.sync()
  expect(bob.group(groupId)).toMatchObject({ epoch: 1n, status: "active" })
  expect(bob.group(groupId).rejoin).toBeDefined()
  await alice.sync()
  world.pass(2000)
  for (const person of [alice, bob, alice]) await person.sync()
  expect(bob.group(groupId)).toMatchObject({ epoch: 2n, rejoin: undefined })
  expect(await alice.texts()).toEqual(["is anybody there?"])
  expect([alice.troubles, bob.troubles]).toEqual([[], ["E048"]])
  await goesOn(groupId, alice, bob)
})

describe("a number within a channel that is forged", () => {
  const FORGED = [0n, 1n, 2n ** 64n - 1n]

  test.each(FORGED)("is not looked at in groups: %i", async (seq) => {
    await say("numbered")
    answering((answer) => ({ ...answer, envelopes: answer.envelopes.map((row) => ({ ...row, seq })) }))
    await bob.sync()
    bob.tampering.fetch = undefined
    expect(await bob.texts()).toEqual(["numbered"])
    expect(bob.troubles).toEqual([])
    await goesOn(groupId, alice, bob)
  })

  test.each(FORGED)("makes no more of what expired in a 1:1 conversation than did: %i", async (seq) => {
    const { mine, theirs } = await talking(alice, bob)
    await alice.session.send(mine, "numbered")
    await alice.sync()
    answering((answer) => ({ ...answer, envelopes: answer.envelopes.map((row) => ({ ...row, seq })) }))
    await bob.sync()
    expect(bob.troubles).toEqual([])
    await alice.session.send(mine, "gone 1")
    await alice.session.send(mine, "gone 2")
    await alice.sync()
    answering((answer) => ({ ...answer, envelopes: [], expired: answer.head }))
    await bob.sync()
    bob.tampering.fetch = undefined
    expect(bob.troubles).toEqual(["E046"])
    const notices = (await bob.session.timeline({ limit: 100 })).filter(({ kind }) => kind === "notice")
    expect(notices.map(({ text }) => text)).toEqual(["Up to 2 messages expired while you were away."])
    await bob.session.update(theirs)
    await alice.sync()
    await alice.session.send(mine, "and on")
    await alice.sync()
    await bob.sync()
    expect(await bob.texts()).toEqual(["numbered", "and on"])
    expect(alice.authenticator(mine)).toBe(bob.authenticator(theirs))
    expect(bob.troubles).toEqual(["E046"])
  })
})
