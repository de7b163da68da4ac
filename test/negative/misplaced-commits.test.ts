/** Commits that name another group, that come round the server's ordering, or are by who is no member any more. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { sealSharedBody, sharedPrefix } from "../../core/crypto/envelope.ts"
import { concat, EMPTY } from "../../core/domain/bytes.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import type { Change } from "../../core/mls/group-engine.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { commitsAnything, goOnInSuccessor, stateOf } from "../fakes/broken-groups.ts"
import { isGiven, reads, rowOf } from "../fakes/given-rows.ts"
import { goesOn } from "../fakes/going-on.ts"
import { post, recipientOf } from "../fakes/hostile-mail.ts"
import { sealedBy, stagedBy } from "../fakes/hostile-member.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, team } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let mallory: Person

beforeEach(async () => {
  ;({ here, world, alice, bob, mallory } = await settled("alice", "bob", "mallory"))
})
afterEach(async () => here.close())

describe("a commit of one group under another one's tag", () => {
  let one: string
  let other: string

  beforeEach(async () => {
    one = await team(alice, bob, mallory)
    other = await team(alice, bob, mallory)
    for (const person of [alice, bob, mallory]) await person.sync()
  })

  test("is refused when the row was changed on its way; both groups go on", async () => {
    await alice.session.update(one)
    const { tag } = bob.group(other)
    const before = [bob.standing(one), bob.standing(other)]
    const [row] = await reads(bob, (rows) => rows.map(() => ({ ...rows[0]!, payload: Uint8Array.of(9) })))
    bob.troubles.length = 0
    await isGiven(bob, mallory, [{ ...row!, commit: { ...row!.commit!, groupTag: tag } }])
    expect(bob.troubles).toEqual(["E043"])
    expect([bob.standing(one), bob.standing(other)]).toEqual(before)
    await isGiven(bob, mallory, [row!])
    await mallory.sync()
    await goesOn(one, alice, bob, mallory)
    await goesOn(other, alice, bob, mallory)
  })

  test("submitted under it by a member of both breaks that one alone, which goes on without the member", async () => {
    const { payload, nextVerifier } = await stagedBy(mallory, one)
    const before = bob.standing(one)
    expect(await commitsAnything(mallory, other, payload, { nextVerifier })).toBe(true)
    for (const person of [alice, bob]) await person.sync()
    expect(bob.standing(one)).toEqual(before)
    expect(bob.group(other).epoch).toBe(1n)
    for (const person of [alice, bob]) expect(person.troubles).toEqual(["E048"])
    await goOnInSuccessor(world, alice, bob)
    const heir = (await bob.session.groups()).find(({ members }) => members.length === 2)
    expect(heir).toMatchObject({ name: "team", status: "active", members: ["alice", "bob"] })
    await goesOn(heir!.groupId, alice, bob)
    // Mallory finds out at one of her next readings that her own state of the other group is lost.
    await goesOn(one, alice, bob)
  })
})

describe("who was removed", () => {
  let groupId: string

  beforeEach(async () => {
    groupId = await team(alice, bob, mallory)
  })

  test.each([
    ["before it has heard of it", false],
    ["after", true],
  ])("commits nothing any more, with its last proof and epoch, %s", async (_, hasHeard) => {
    const proof = await mallory.engine.commitProof(stateOf(mallory, groupId).group)
    const { payload, nextVerifier } = await stagedBy(mallory, groupId)
    await alice.session.remove(groupId, "mallory")
    if (hasHeard) await mallory.sync()
    for (const baseEpoch of [1n, 2n, 3n])
      expect(await commitsAnything(mallory, groupId, payload, { nextVerifier, proof, baseEpoch })).toBe(false)
    expect(await reads(bob)).toHaveLength(1)
    await alice.sync()
    expect([alice.troubles, bob.troubles]).toEqual([[], []])
    await goesOn(groupId, alice, bob)
  })

  test("is not heard, though a server shows its commit to a member", async () => {
    const old = await stagedBy(mallory, groupId)
    await alice.session.remove(groupId, "mallory")
    for (const person of [bob, mallory]) await person.sync()
    expect(mallory.group(groupId).status).toBe("removed")
    const before = bob.standing(groupId)
    await isGiven(bob, mallory, [rowOf(mallory, old)])
    expect(bob.troubles).toEqual([])
    await isGiven(bob, mallory, [rowOf(mallory, { ...old, baseEpoch: 2n })])
    expect(bob.troubles).toEqual(["E034"])
    expect(bob.standing(groupId)).toEqual(before)
    await goesOn(groupId, alice, bob)
  })
})

describe("a commit that was sent as mail", () => {
  const mail = async (content: Uint8Array): Promise<Uint8Array> => {
    const sealed = sealSharedBody(NO_CHANNEL, { kind: "messages", messages: [content] })
    return concat(sharedPrefix(await recipientOf(mallory, bob), sealed, EMPTY), sealed.body)
  }

  const changes = async (what: string, suite: "hybrid" | "baseline"): Promise<Omit<Change, "now">> => {
    if (what === "nothing") return {}
    if (what === "Remove") return { remove: [bob.me.deviceKey] }
    const eve = await here.settle("eve")
    const { keyPackage } = await (await mallory.node()).fetchKeyPackage(eve.me.deviceKey, suite)
    return { add: [keyPackage] }
  }

  test.each(["nothing", "Add", "Remove"])("changes nothing in a baseline group: with %s in it", async (what) => {
    const { groupId } = await alice.session.createGroup("team", "baseline")
    await alice.session.invite(groupId, ["bob", "mallory"])
    for (const person of [bob, mallory]) await person.sync()
    for (const { session } of [bob, mallory]) await session.accept(groupId)
    const { staged } = await stagedBy(mallory, groupId, await changes(what, "baseline"))
    const before = bob.standing(groupId)
    await post(mallory, bob.me.deviceKey, await mail(staged.message))
    await bob.sync()
    expect(bob.troubles).toEqual(["E043"])
    expect(bob.standing(groupId)).toEqual(before)
    await goesOn(groupId, alice, bob, mallory)
  })

  test.each(["Add", "Remove"])("changes nothing in a hybrid group: with %s in it", async (what) => {
    const groupId = await team(alice, bob, mallory)
    const { staged } = await stagedBy(mallory, groupId, await changes(what, "hybrid"))
    const before = bob.standing(groupId)
    await post(mallory, bob.me.deviceKey, await sealedBy(mallory, groupId, staged.message))
    await bob.sync()
    expect(bob.troubles).toEqual(["E043"])
    expect(bob.standing(groupId)).toEqual(before)
    await goesOn(groupId, alice, bob, mallory)
  })
})
