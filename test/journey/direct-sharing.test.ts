/** Two programs of one person and a 1:1 conversation that begins: what one does, the other leaves, and nobody is troubled. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientSession } from "../../core/client/session.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let second: ClientSession
/** How often the second program asked for a KeyPackage. */
let asked: number

beforeEach(async () => {
  here = await house()
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  asked = 0
  second = alice.another({
    fetchKeyPackage: (ask, ...args) => {
      asked++
      return ask(...args)
    },
  })
})
afterEach(async () => {
  await second.close()
  await here.close()
})

/** Alice's first program opens the conversation, and waits for bob's KeyPackage until it is let go. */
async function opening(): Promise<{ readonly go: () => void; readonly opened: Promise<unknown> }> {
  let go = (): void => undefined
  const gate = new Promise<void>((resolve) => (go = resolve))
  let isWaiting = false
  alice.tampering.fetchKeyPackage = async (ask, ...args) => {
    isWaiting = true
    await gate
    return ask(...args)
  }
  const opened = alice.session.direct("bob")
  await until("the first program asks", () => isWaiting)
  return { go, opened }
}

test("both programs open the conversation at once: it begins once", async () => {
  let go = (): void => undefined
  const gate = new Promise<void>((resolve) => (go = resolve))
  let isAnswered = false
  alice.tampering.createChannel = async (ask, ...args) => {
    const answer = await ask(...args)
    isAnswered = true
    await gate
    return answer
  }
  const opened = alice.session.direct("bob")
  await until("the first program has asked", () => isAnswered)
  const { groupId } = await second.direct("bob")
  await second.send(groupId, "by the second")
  await second.sync(15_000)
  go()
  expect((await opened).epoch).toBe(1)
  await alice.session.send(groupId, "by the first")
  await alice.sync()
  await bob.sync()
  expect(alice.store.directs().map(({ attempt }) => attempt)).toEqual([0])
  expect(await bob.texts()).toEqual(["by the second", "by the first"])
  expect([bob.troubles, alice.troubles]).toEqual([[], []])
})

test("the second program leaves the conversation to the first, which is letting the other in", async () => {
  const { go, opened } = await opening()
  await second.sync(15_000)
  expect(asked).toBe(0)
  go()
  await opened
  await alice.session.direct("bob").then(({ groupId }) => alice.session.send(groupId, "hello"))
  await alice.sync()
  await bob.sync()
  expect(await bob.texts()).toEqual(["hello"])
  expect(alice.troubles).toEqual([])
})

test("the other was first, and the second program has read so: the first gives up its own without a word", async () => {
  const { go, opened } = await opening()
  await bob.session.direct("alice").then(({ groupId }) => bob.session.send(groupId, "first"))
  await bob.sync()
  await second.sync(15_000)
  go()
  await opened
  await alice.sync()
  expect(await alice.texts()).toEqual(["first"])
  expect((await alice.session.groups()).map(({ peer, epoch }) => [peer, epoch])).toEqual([["bob", 1]])
  expect(alice.troubles).toEqual([])
})
