/** Commits given again, too late, or too early: nothing is done twice, and the group goes on (PROTOCOL.md section 7). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Envelope } from "../../core/contract/node-service.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { isGiven, reads, rowOf } from "../fakes/given-rows.ts"
import { goesOn } from "../fakes/going-on.ts"
import { stagedBy } from "../fakes/hostile-member.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, team, teamIn } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let mallory: Person

beforeEach(async () => {
  ;({ here, world, alice, bob, mallory } = await settled("alice", "bob", "mallory"))
})
afterEach(async () => here.close())

const isCommit = ({ commit }: Envelope): boolean => commit !== undefined

/** All that there is to see of Bob's side of a group. */
const stateOfBob = async (groupId: string) => {
  const { members } = (await bob.session.groups()).find((group) => group.groupId === groupId)!
  const lines = await bob.session.timeline({ groupId, limit: 100 })
  const buffered = bob.store.buffered().length
  return { ...bob.standing(groupId), members, lines, buffered }
}

/** Nothing of it has changed, and it is told so. */
async function expectSame(groupId: string, troubles: readonly string[], step: () => Promise<void>): Promise<void> {
  const before = await stateOfBob(groupId)
  await step()
  expect(await stateOfBob(groupId)).toEqual(before)
  expect(bob.troubles).toEqual(troubles)
}

describe("a row of an epoch that is over is dropped in silence", () => {
  test("an installed commit's, given again at a new position", async () => {
    const groupId = await team(alice, bob, mallory)
    await alice.session.update(groupId)
    const commits = (await reads(bob)).filter(isCommit)
    expect(commits).toHaveLength(1)
    await expectSame(groupId, [], () => isGiven(bob, mallory, [...commits, ...commits]))
    await goesOn(groupId, alice, bob, mallory)
  })

  test("that of a commit that lost the epoch, signed by its author", async () => {
    const groupId = await team(alice, bob, mallory)
    const lost = await stagedBy(mallory, groupId)
    await alice.session.update(groupId)
    await bob.sync()
    expect(bob.group(groupId).epoch).toBe(2n)
    await expectSame(groupId, [], () => isGiven(bob, mallory, [rowOf(mallory, lost)]))
    await goesOn(groupId, alice, bob, mallory)
  })

  test("that of a lost commit that would have removed the reader", async () => {
    const groupId = await team(alice, bob, mallory)
    const lost = await stagedBy(mallory, groupId, { remove: [bob.me.deviceKey] })
    await alice.session.update(groupId)
    await bob.sync()
    await expectSame(groupId, [], () => isGiven(bob, mallory, [rowOf(mallory, lost)]))
    await goesOn(groupId, alice, bob, mallory)
  })

  test("a used Welcome's", async () => {
    const groupId = (await alice.session.createGroup("team", "hybrid")).groupId
    await alice.session.invite(groupId, ["bob"])
    const welcomes = (await reads(bob)).filter(isCommit)
    expect(welcomes).toHaveLength(1)
    await bob.session.accept(groupId)
    await bob.sync()
    await expectSame(groupId, [], () => isGiven(bob, mallory, welcomes))
    await goesOn(groupId, alice, bob)
  })
})

test("a used Welcome brings nobody back into a group that removed them; a new one does", async () => {
  const groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.session.invite(groupId, ["bob"])
  const welcomes = (await reads(bob)).filter(isCommit)
  await bob.session.accept(groupId)
  await alice.session.remove(groupId, "bob")
  await bob.sync()
  expect(bob.group(groupId).status).toBe("removed")
  await expectSame(groupId, [], () => isGiven(bob, mallory, welcomes))
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  await bob.sync()
  await goesOn(groupId, alice, bob)
})

describe.each(["hybrid", "baseline"] as const)("commits of a %s group out of their order", (suite) => {
  test("both are applied when the later one comes first", async () => {
    const groupId = await teamIn(suite, alice, bob)
    await alice.session.update(groupId)
    await alice.session.send(groupId, "between")
    await alice.sync()
    await alice.session.update(groupId)
    const stood = await reads(bob, reversed)
    expect(stood.filter(isCommit)).toHaveLength(2)
    expect(bob.group(groupId)).toMatchObject({ epoch: 3n, rejoin: undefined })
    expect(bob.store.buffered()).toEqual([])
    expect(await bob.texts()).toEqual(["between"])
    expect(bob.troubles).toEqual([])
    await goesOn(groupId, alice, bob)
  })

  test("one whose predecessor never comes waits; its reader finds out at once, asks to be let in, and is", async () => {
    const groupId = await teamIn(suite, alice, bob)
    await alice.session.update(groupId)
    await alice.session.update(groupId)
    await reads(bob, ([first, ...rows]) => (first ? [noEnvelope(first), ...rows] : []))
    expect(bob.troubles).toEqual(["E031", "E048"])
    expect(bob.group(groupId).epoch).toBe(1n)
    expect(bob.group(groupId).rejoin).toBeDefined()
    await bob.session.send(groupId, "is anybody there?")
    await bob.sync()
    await alice.sync()
    world.pass(2000)
    await alice.sync()
    await bob.sync()
    expect(bob.group(groupId)).toMatchObject({ status: "active", epoch: 4n, rejoin: undefined })
    expect(await bob.texts()).toEqual(["is anybody there?"])
    expect(bob.store.buffered()).toEqual([])
    expect(bob.troubles).toEqual(["E031", "E048"])
    await alice.sync()
    await goesOn(groupId, alice, bob)
  })
})

const noEnvelope = ({ seq, position, id, receivedAt, channelId }: Envelope): Envelope => ({
  ...{ seq, position, id, receivedAt, channelId },
  payload: Uint8Array.of(9),
})

const reversed = (rows: readonly Envelope[]): readonly Envelope[] =>
  rows.map((row, at) => {
    const { seq, position } = row
    return { ...(rows.at(-1 - at) ?? row), seq, position }
  })
