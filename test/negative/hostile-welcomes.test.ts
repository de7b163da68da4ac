/** Welcomes that must not be believed: into a group one is in, of another suite, with too many in it (PROTOCOL.md section 7). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { RatchetTree } from "ts-mls"
import type { Envelope } from "../../core/contract/node-service.ts"
import { markLost } from "../../core/client/lost.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import { GROUP_LEAVES_MAX } from "../../core/domain/limits.ts"
import type { Suite } from "../../core/domain/suite.ts"
import type { Change, MlsGroup, StagedCommit } from "../../core/mls/group-engine.ts"
import { Snapshot } from "../../core/mls/ts-mls-terms.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { commitsAnything, stateOf } from "../fakes/broken-groups.ts"
import { isGiven, rowOf } from "../fakes/given-rows.ts"
import { goesOn } from "../fakes/going-on.ts"
import { recipientOf, welcomeMail } from "../fakes/hostile-mail.ts"
import { sealedBy } from "../fakes/hostile-member.ts"
import { hostileInvitation } from "../fakes/hostile-mls.ts"
import type { House } from "../fakes/house.ts"
import { groupOf, keyPackageOf, person as newcomer, invite } from "../fakes/mls-people.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"

describe("to sessions", () => {
  let here: House
  let world: AheadWorld
  let alice: Person
  let bob: Person
  let mallory: Person
  let groupId: string

  beforeEach(async () => {
    ;({ here, world, alice, bob, mallory, groupId } = await inTeam("alice", "bob", "mallory"))
  })
  afterEach(async () => here.close())

  const bobsPackage = async (suite: Suite): Promise<Uint8Array> =>
    (await (await mallory.node()).fetchKeyPackage(bob.me.deviceKey, suite)).keyPackage

  const stages = (group: MlsGroup, change: Omit<Change, "now"> = {}): Promise<StagedCommit> =>
    mallory.engine.stage(group, { ...change, now: world.clock.now() })

  /** The row of Bob's Welcome as it would be, had the server taken the commit. */
  async function welcomeOf(staged: StagedCommit): Promise<Envelope> {
    const [own] = staged.welcome!.perRecipient
    const payload = welcomeMail(await recipientOf(mallory, bob), staged.welcome!.shared, own!.secrets)
    const { tag: groupTag } = mallory.group(groupId)
    const baseEpoch = staged.next.epoch - 1n
    const signed = rowOf(mallory, { groupTag, baseEpoch, nextVerifier: staged.nextVerifier, payload: EMPTY })
    return { ...signed, payload }
  }

  /** A group of Mallory alone that has the team's id, up to an epoch. */
  async function pretended(suite: Suite, epoch: bigint): Promise<MlsGroup> {
    let group = await mallory.engine.create(bob.group(groupId).id, suite, world.clock.now())
    while (group.epoch < epoch) group = mallory.engine.adopt((await stages(group)).next, group)
    return group
  }

  test.each([
    ["the one that it is in", async () => stateOf(mallory, groupId).group, { remove: true }],
    ["another of the same id", async () => pretended("hybrid", 1n), { remove: false }],
  ] as const)("into a group that one is in, as %s, is refused", async (_, group, { remove }) => {
    const before = bob.standing(groupId)
    const add = [await bobsPackage("hybrid")]
    const staged = await stages(await group(), { add, ...(remove && { remove: [bob.me.deviceKey] }) })
    await isGiven(bob, mallory, [await welcomeOf(staged)])
    expect(bob.troubles).toEqual(["E035"])
    expect(bob.standing(groupId)).toEqual(before)
    expect(bob.store.groups()).toHaveLength(1)
    await goesOn(groupId, alice, bob, mallory)
  })

  /** Mallory takes Bob out and adds him anew, unasked, and the server takes it. */
  async function addsAnew(told: readonly Person[], isWelcomed: boolean, keyPackage?: Uint8Array): Promise<void> {
    const { group } = stateOf(mallory, groupId)
    const add = [keyPackage ?? (await bobsPackage("hybrid"))]
    const staged = await stages(group, { add, remove: [bob.me.deviceKey] })
    const { id, payload: welcomeBody } = await welcomeOf(staged)
    const to = { channelId: NO_CHANNEL, prefix: EMPTY }
    const recipients = told.map(({ me }) => ({ ...to, recipientKey: me.deviceKey }))
    const welcomes = isWelcomed ? [{ ...to, recipientKey: bob.me.deviceKey, messageId: id }] : []
    const { nextVerifier, message } = staged
    const change = { nextVerifier, recipients, welcomes, ...(isWelcomed && { welcomeBody }) }
    expect(await commitsAnything(mallory, groupId, await sealedBy(mallory, groupId, message), change)).toBe(true)
    for (const person of [bob, alice]) await person.sync()
  }

  async function isLetIn(epoch: bigint): Promise<void> {
    expect(bob.group(groupId).rejoin).toBeDefined()
    await alice.sync()
    world.pass(2000)
    for (const person of [alice, bob, alice]) await person.sync()
    expect(bob.group(groupId)).toMatchObject({ status: "active", epoch, rejoin: undefined })
  }

  test("into a group that one is in, of a real commit that its reader alone is not sent: it is let in by the others", async () => {
    await addsAnew([alice], true)
    expect(bob.troubles).toEqual(["E035"])
    await bob.session.send(groupId, "is anybody there?")
    for (const person of [bob, bob]) await person.sync()
    expect(bob.troubles).toEqual(["E035", "E048"])
    await isLetIn(3n)
    expect(await alice.texts()).toEqual(["is anybody there?"])
    await goesOn(groupId, alice, bob)
  })

  test("of one who is added anew without having asked, is joined; and who did it can be removed", async () => {
    await addsAnew([alice, bob], true)
    expect(bob.group(groupId)).toMatchObject({ status: "active", epoch: 2n, rejoin: undefined })
    await goesOn(groupId, alice, bob)
    await alice.session.remove(groupId, "mallory")
    await bob.sync()
    await goesOn(groupId, alice, bob)
    expect([alice.troubles, bob.troubles]).toEqual([[], []])
  })

  test("that does not come to one who is added anew without having asked: it is let in by the others", async () => {
    await addsAnew([alice, bob], false)
    await isLetIn(3n)
    await goesOn(groupId, alice, bob)
    expect([alice.troubles, bob.troubles]).toEqual([[], []])
  })

  test("by the KeyPackage that one came in by already is no sign of a copy: it is let in by the others", async () => {
    let used: Uint8Array | undefined
    alice.tampering.fetchKeyPackage = async (ask, device, suite) => {
      const answer = await ask(device, suite)
      used = answer.keyPackage
      return answer
    }
    await alice.session.remove(groupId, "bob")
    await bob.sync()
    await alice.session.invite(groupId, ["bob"])
    for (const person of [bob, mallory]) await person.sync()
    await bob.session.accept(groupId)
    // The key that it came in with is in the tree no more.
    await bob.session.update(groupId)
    await mallory.sync()
    await addsAnew([alice, bob], true, used)
    expect(bob.troubles).toEqual(["E035"])
    await isLetIn(6n)
    await goesOn(groupId, alice, bob)
  })

  test("of another suite, into a group that one asks to be let into again, is refused", async () => {
    const now = world.clock.now()
    bob.store.write((tx) => {
      markLost(tx, bob.group(groupId).id, now)
    })
    const before = bob.standing(groupId)
    const staged = await stages(await pretended("baseline", 4n), { add: [await bobsPackage("baseline")] })
    await isGiven(bob, mallory, [await welcomeOf(staged)])
    expect(bob.troubles).toEqual(["E021"])
    expect(bob.standing(groupId)).toMatchObject({ ...before, rejoin: { since: now } })
    for (const person of [alice, mallory]) await person.sync()
    world.pass(2000)
    for (const person of [alice, bob, mallory]) await person.sync()
    expect(bob.group(groupId)).toMatchObject({ suite: "hybrid", epoch: 2n, rejoin: undefined })
    await goesOn(groupId, alice, bob, mallory)
  })
})

describe("to the engine", () => {
  const treeOf = (leaves: number, leaf: RatchetTree[number]): RatchetTree =>
    Array.from({ length: 2 * 512 - 1 }, (_, at) => (at % 2 === 0 && at / 2 < leaves ? leaf : undefined))

  test("a tree of more leaves than a group may have is refused before it is looked into; an honest Welcome is not", async () => {
    const seats = await groupOf(2)
    const { group } = seats[0]!
    const [leaf] = Snapshot.stateOf(group).ratchetTree
    const who = newcomer()
    const own = await keyPackageOf(who)
    const refusal = async (leaves: number): Promise<unknown> => {
      const invitation = await hostileInvitation(group, treeOf(leaves, leaf), { who, own })
      const [peeked, joined] = await Promise.allSettled([
        who.engine.peekWelcome(invitation),
        who.engine.join(invitation),
      ])
      expect(joined).toEqual(peeked)
      return peeked.status === "rejected" ? peeked.reason : "accepted"
    }
    expect(await refusal(GROUP_LEAVES_MAX + 1)).toMatchObject({ code: "E035", detail: "number of leaves" })
    expect(await refusal(GROUP_LEAVES_MAX)).toMatchObject({ code: "E035", detail: "a key twice in the tree" })
    expect(await invite(seats, seats[0]!, 1)).toHaveLength(1)
  })
})
