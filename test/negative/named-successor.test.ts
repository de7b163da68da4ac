/** Welcomes that say that their group goes on for another one, and should not be believed, or not so. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { markLost, NO_ATTEMPT } from "../../core/client/lost.ts"
import { unhex } from "../../core/domain/bytes.ts"
import { groupId } from "../../core/domain/ids.ts"
import type { Suite } from "../../core/domain/suite.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let mallory: Person
let old: string
let epoch: bigint

beforeEach(async () => {
  ;({ here, world, alice, bob, mallory, groupId: old } = await inTeam("alice", "bob", "mallory"))
  await mallory.sync()
  epoch = bob.group(old).epoch
})
afterEach(async () => here.close())

/** Asks nobody to be let in: it did so just now. */
function loses(person: Person, ...blamed: readonly Person[]): void {
  person.store.write((tx) => {
    const now = world.clock.now()
    const { id } = person.group(old)
    markLost(tx, id, now, blamed[0]?.me.deviceKey)
    const row = tx.group(id)!
    tx.saveGroup({ ...row, rejoin: { since: now, asked: now } }, row.version)
  })
}

interface Claim {
  readonly of?: string
  readonly epoch: bigint
  readonly attempt?: number
  readonly suite?: Suite
  readonly name?: string
  readonly others?: readonly string[]
}

/** Invites bob to a new group, and says that it goes on for another. @returns its id. */
async function claims(person: Person, claim: Claim): Promise<string> {
  const { of = old, attempt = 0, suite = "hybrid", name = "trap", others = [] } = claim
  const trap = (await person.session.createGroup(name, suite)).groupId
  const successor = groupId(unhex(trap))
  const row = { groupId: person.group(of).id, blamed: [], attempt, since: 0, ...NO_ATTEMPT, successor }
  person.store.write((tx) => {
    tx.saveSuccession({ ...row, moved: true, epoch: claim.epoch })
  })
  await person.session.invite(trap, ["bob", ...others])
  await bob.sync()
  return trap
}

/** As if it were in the group: what it has of it is bob's. */
function pretends(person: Person): void {
  person.store.write((tx) => {
    tx.saveGroup({ ...bob.group(old), inviter: undefined, rejoin: undefined }, undefined)
  })
}

const groupsOf = async ({ session }: Person): Promise<readonly string[]> =>
  (await session.groups()).map(({ name, status, members }) => `${name} ${status}: ${[...members].sort().join(" ")}`)

const WHERE_BOB_WAS = "team active: alice bob mallory"

/** Still lost, still asking, and what was queued waits. */
async function expectUnmoved(troubles: readonly string[], invitations: readonly string[] = []): Promise<void> {
  expect(await groupsOf(bob)).toEqual([WHERE_BOB_WAS, ...invitations])
  expect(bob.group(old).rejoin).toBeDefined()
  expect(bob.store.outboxCount()).toBe(1)
  expect(await bob.texts()).toEqual(["queued"])
  expect(bob.troubles).toEqual(troubles)
}

describe("for who is lost in the group", () => {
  beforeEach(async () => {
    loses(bob)
    await bob.session.send(old, "queued")
  })

  test("a member's word is believed: under the old name, with what waits", async () => {
    const trap = await claims(mallory, { epoch, name: "team" })
    expect(await groupsOf(bob)).toEqual(["team active: bob mallory"])
    expect(bob.store.outbox(9).map(({ groupId: id }) => id)).toEqual([])
    await mallory.sync()
    expect(await mallory.texts()).toEqual(["queued"])
    expect(bob.group(trap).status).toBe("active")
    expect(bob.troubles).toEqual([])
  })

  test("whoever was never in it gets as far as any stranger", async () => {
    const eve = await here.settle("eve")
    pretends(eve)
    await claims(eve, { epoch })
    await expectUnmoved([], ["trap hidden: bob eve"])
  })

  test("an epoch before its own is behind it", async () => {
    await claims(alice, { epoch: epoch - 1n })
    await expectUnmoved(["E035"])
  })

  test("another suite is refused", async () => {
    await claims(mallory, { epoch, suite: "baseline" })
    // And what was said in it comes from nowhere.
    await expectUnmoved(["E021", "E033"])
  })

  test("an attempt that there never is makes it no note", async () => {
    await claims(mallory, { epoch, attempt: 256 })
    await expectUnmoved(["E035"])
  })

  test("a group that it does not know says nothing to it", async () => {
    const other = (await mallory.session.createGroup("other", "hybrid")).groupId
    await claims(mallory, { epoch, of: other })
    await expectUnmoved([], ["trap hidden: bob mallory"])
  })

  test("of several the highest epoch counts, then the highest attempt, then the lowest id; the way is not gone back", async () => {
    const isIn = (id: string): boolean => bob.store.group(groupId(unhex(id)))?.leftAt === undefined
    const name = "team"
    const first = await claims(alice, { epoch: epoch + 1n, attempt: 1, name })
    await claims(mallory, { epoch: epoch + 1n, attempt: 0 })
    await claims(mallory, { epoch, attempt: 9 })
    expect(bob.troubles).toEqual(["E035", "E035"])
    const [one, other] = [
      await claims(mallory, { epoch: epoch + 1n, attempt: 2, name }),
      await claims(alice, { epoch: epoch + 1n, attempt: 2, name }),
    ]
    expect(isIn(first)).toBe(false)
    expect(bob.troubles).toEqual(one < other ? ["E035", "E035", "E035"] : ["E035", "E035"])
    expect(await groupsOf(bob)).toEqual([one < other ? "team active: bob mallory" : "team active: alice bob"])
    await claims(mallory, { epoch: epoch + 2n, name })
    expect(await groupsOf(bob)).toEqual(["team active: bob mallory"])
    expect(isIn(one < other ? one : other)).toBe(false)
    expect(await bob.texts()).toEqual(["queued"])
  })
})

test.each(["left", "declined"])("what the person has %s does not begin again", async (how) => {
  loses(bob)
  const trap = await claims(alice, { epoch, name: "team" })
  if (how === "left") await bob.session.leave(trap)
  else bob.store.write((tx) => tx.dropGroup(bob.group(trap).id))
  const before = await groupsOf(bob)
  await claims(mallory, { epoch: epoch + 5n })
  expect(await groupsOf(bob)).toEqual(before)
  expect(bob.troubles).toEqual(["E035"])
})

test("whoever broke the group is not followed", async () => {
  loses(bob, mallory)
  await bob.session.send(old, "queued")
  await claims(mallory, { epoch: epoch + 1n })
  await expectUnmoved(["E035"])
})

test("whoever broke it comes along only from a later epoch, by which the others had found it good", async () => {
  loses(bob, mallory)
  await bob.session.send(old, "queued")
  await claims(alice, { epoch, others: ["mallory"] })
  await expectUnmoved(["E035"])
  await claims(alice, { epoch: epoch + 1n, others: ["mallory"], name: "team" })
  expect(await groupsOf(bob)).toEqual([WHERE_BOB_WAS])
  expect(bob.store.outboxCount()).toBe(0)
})

describe("for who follows the group", () => {
  test("one from an epoch that is over is refused", async () => {
    await claims(mallory, { epoch: epoch - 1n })
    expect(await groupsOf(bob)).toEqual([WHERE_BOB_WAS])
    expect(bob.troubles).toEqual(["E035"])
  })

  test("one from an epoch that is not over waits unseen, until that is", async () => {
    await claims(mallory, { epoch })
    expect(await groupsOf(bob)).toEqual([WHERE_BOB_WAS])
    expect(bob.troubles).toEqual([])
    await alice.session.update(old)
    await bob.sync()
    expect(await groupsOf(bob)).toEqual([WHERE_BOB_WAS])
    expect(bob.store.groups()).toHaveLength(1)
  })

  test("who has left it, and was heard, is invited like anybody", async () => {
    await bob.session.leave(old)
    await bob.sync()
    await claims(mallory, { epoch: epoch + 9n })
    expect((await groupsOf(bob)).filter((name) => name.includes("trap"))).toEqual(["trap hidden: bob mallory"])
    expect(bob.troubles).toEqual([])
  })

  test("who was removed from it is invited like anybody", async () => {
    await alice.session.remove(old, "bob")
    await bob.sync()
    await mallory.sync()
    await claims(mallory, { epoch: epoch + 9n })
    expect((await groupsOf(bob)).filter((name) => name.includes("trap"))).toEqual(["trap hidden: bob mallory"])
    expect(bob.troubles).toEqual([])
  })
})

test("a conversation of two goes on in its channel alone", async () => {
  const { groupId: talk } = await mallory.session.direct("bob")
  await mallory.session.send(talk, "hello")
  await mallory.sync()
  await bob.sync()
  const inner = mallory.store.directs()[0]!.groupId
  const { epoch: from } = mallory.store.group(inner)!
  bob.store.write((tx) => {
    markLost(tx, inner, world.clock.now())
  })
  const before = await groupsOf(bob)
  await claims(mallory, { of: talk, epoch: from })
  expect(await groupsOf(bob)).toEqual(before)
  expect(bob.troubles).toEqual(["E035"])
})
