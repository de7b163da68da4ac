/** What a member can say within MLS that it should not: proposals and others' names (PROTOCOL.md section 7). */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Proposal } from "ts-mls"
import { deviceKey, messageId } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { stateOf } from "../fakes/broken-groups.ts"
import { goesOn } from "../fakes/going-on.ts"
import { post, random } from "../fakes/hostile-mail.ts"
import { sealedBy } from "../fakes/hostile-member.ts"
import { hostileProposals, spoofedMessage } from "../fakes/hostile-mls.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"

/** As many as a group keeps: WISHES_MAX in core/client/conversation.ts. */
const WISHES_MAX = 16

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

const leafOf = ({ me }: Person): number =>
  stateOf(mallory, groupId).group.members.find(({ deviceKey: key }) => Buffer.compare(key, me.deviceKey) === 0)!
    .leafIndex

const removeOf = (person: Person): Proposal => ({ proposalType: "remove", remove: { removed: leafOf(person) } })

const noLeaf: Proposal = { proposalType: "remove", remove: { removed: 99 } }
const noGroup: Proposal = { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } }
const external: Proposal = { proposalType: "external_init", externalInit: { kemOutput: new Uint8Array(32) } }

/** To Bob alone. */
async function proposes(...proposals: readonly Proposal[]): Promise<void> {
  for (const message of await hostileProposals(stateOf(mallory, groupId).group, proposals))
    await post(mallory, bob.me.deviceKey, await sealedBy(mallory, groupId, message))
  await bob.sync()
}

const wishes = (): readonly DeviceKey[] => bob.store.wishes(bob.group(groupId).id).map(({ deviceKey: key }) => key)

describe("a proposal that one member alone gets", () => {
  test.each([
    ["to remove another account", () => removeOf(alice)],
    ["to remove its reader", () => removeOf(bob)],
    ["to remove nobody", () => noLeaf],
    ["to change the group's extensions", () => noGroup],
    ["to come in from outside", () => external],
  ] as const)("%s is dropped", async (_, proposal) => {
    const before = bob.standing(groupId)
    await proposes(proposal())
    expect(bob.standing(groupId)).toEqual(before)
    expect(wishes()).toEqual([])
    expect(bob.troubles).toEqual([])
    await goesOn(groupId, bob, alice, mallory)
    expect(stateOf(alice, groupId).group.members).toHaveLength(3)
  })

  test("to remove its own account is a wish, that others' commits do not carry", async () => {
    const before = bob.standing(groupId)
    await proposes(removeOf(mallory))
    expect(bob.standing(groupId)).toEqual(before)
    expect(wishes()).toEqual([mallory.me.deviceKey])
    expect(bob.troubles).toEqual([])
    await goesOn(groupId, alice, bob, mallory)
    world.pass(5000)
    await bob.sync()
    await alice.sync()
    expect(stateOf(alice, groupId).group.members).toHaveLength(2)
    expect(wishes()).toEqual([])
    await goesOn(groupId, alice, bob)
  })
})

test("a proposal to one member by whose key its author then commits: that one is let in again by the others", async () => {
  await proposes(removeOf(alice))
  await mallory.session.update(groupId)
  for (const person of [alice, bob]) await person.sync()
  expect(alice.group(groupId)).toMatchObject({ epoch: 2n, rejoin: undefined })
  expect(bob.group(groupId).rejoin).toBeDefined()
  await alice.sync()
  world.pass(2000)
  for (const person of [alice, bob, mallory]) await person.sync()
  expect([alice.troubles, bob.troubles, mallory.troubles]).toEqual([[], ["E048"], []])
  await goesOn(groupId, alice, bob, mallory)
})

describe("proposals without end", () => {
  test("of one member are one wish", async () => {
    await proposes(...new Array<Proposal>(40).fill(removeOf(mallory)))
    expect(wishes()).toEqual([mallory.me.deviceKey])
    expect(bob.troubles).toEqual([])
    await goesOn(groupId, alice, bob, mallory)
  })

  test("are not kept beyond as many as a group has room for", async () => {
    const { id } = bob.group(groupId)
    bob.store.write((tx) => {
      for (let at = 0; at < WISHES_MAX; at++) tx.wish(id, { deviceKey: deviceKey(random(32)), since: 0 })
    })
    const before = wishes()
    await proposes(removeOf(mallory))
    expect(wishes()).toEqual(before)
    expect(bob.troubles).toEqual([])
    await goesOn(groupId, alice, bob, mallory)
    await proposes(removeOf(mallory))
    expect(wishes()).toEqual([mallory.me.deviceKey])
  })
})

describe("what a member says in another one's name", () => {
  test.each([
    ["that of somebody else", () => alice],
    ["its reader's own", () => bob],
  ] as const)("is refused: %s", async (_, name) => {
    const before = bob.standing(groupId)
    const id = messageId(random(16))
    const text = encodeAppMessage({ id, sentAt: Date.now(), content: { kind: "text", text: "I owe mallory a lot" } })
    const message = await spoofedMessage(stateOf(mallory, groupId).group, leafOf(name()), text)
    await post(mallory, bob.me.deviceKey, await sealedBy(mallory, groupId, message))
    await bob.sync()
    expect(bob.troubles).toEqual(["E030"])
    expect(bob.standing(groupId)).toEqual(before)
    expect(await bob.texts()).toEqual([])
    await goesOn(groupId, alice, bob, mallory)
  })
})
