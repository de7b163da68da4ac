/** Two programs of one person and a successor that begins: what one has given up, the other does not bring back. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientSession } from "../../core/client/session.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { cannotApplyCommits } from "../fakes/broken-groups.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let second: ClientSession
let old: string

beforeEach(async () => {
  ;({ here, world, alice, bob, groupId: old } = await inTeam("alice", "bob", "carol"))
  second = alice.another({})
  const heal = cannotApplyCommits(alice)
  await bob.session.update(old)
  await alice.sync()
  heal()
  world.pass(75_000)
})
afterEach(async () => {
  await second.close()
  await here.close()
})

/** Bob lets alice in again, and her second program reads that. */
async function comesBack(): Promise<void> {
  await bob.sync()
  world.pass(10_000)
  await bob.sync()
  await second.sync(15_000)
}

/** Alice's first program makes the successor, and waits there until it is let go. */
async function stopped(where: "its group" | "a KeyPackage"): Promise<{ go: () => void; done: Promise<unknown> }> {
  let go = (): void => undefined
  let isWaiting = false
  const gate = new Promise<void>((resolve) => (go = resolve))
  const wait = async (at: typeof where): Promise<void> => {
    if (at !== where) return
    isWaiting = true
    await gate
  }
  const create = alice.engine.create.bind(alice.engine)
  alice.engine.create = async (...args) => wait("its group").then(() => create(...args))
  alice.tampering.fetchKeyPackage = async (ask, ...args) => wait("a KeyPackage").then(() => ask(...args))
  const done = alice.sync()
  await until("the first program is there", () => isWaiting)
  return { go, done }
}

async function expectBack(): Promise<void> {
  await alice.session.send(old, "back")
  await alice.sync()
  await bob.sync()
  expect(await bob.texts()).toEqual(["back"])
  expect((await alice.session.groups()).map(({ groupId, members }) => [groupId, [...members].sort()])).toEqual([
    [old, ["alice", "bob", "carol"]],
  ])
  expect(alice.store.successions()).toEqual([])
  expect(alice.troubles).toEqual(["E048"])
}

test.each(["its group", "a KeyPackage"] as const)(
  "the first waits for %s when the second is let in again: the successor is given up without a word",
  async (where) => {
    const { go, done } = await stopped(where)
    await comesBack()
    go()
    await done
    await expectBack()
  },
)
