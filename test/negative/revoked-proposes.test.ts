/** A revoked device that would take its person's others out of a group before it is out itself (PROTOCOL.md section 7). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Proposal } from "ts-mls"
import { listOf, noteList } from "../../core/client/device-lists.ts"
import { nextList } from "../../core/client/enrolment.ts"
import { holder } from "../../core/client/identity.ts"
import { equal, hex } from "../../core/domain/bytes.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { stateOf } from "../fakes/broken-groups.ts"
import { goesOn } from "../fakes/going-on.ts"
import { post } from "../fakes/hostile-mail.ts"
import { sealedBy } from "../fakes/hostile-member.ts"
import { hostileProposals } from "../fakes/hostile-mls.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam, syncAll } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const RANK_MS = 2000
const SETTLED_MS_MAX = 30_000

let here: House
let world: AheadWorld
let carol: Person
let dave: Person
let alice: Person
let bob: Person
let tablet: Person
let groupId: string

/** Bob's tablet is in the team; two others would act before Alice, and are away. */
beforeEach(async () => {
  ;({ here, world, carol, dave, alice, bob, groupId } = await inTeam("carol", "dave", "alice", "bob"))
  tablet = await here.device("bob")
  for (const { session } of [bob, tablet]) await session.follow()
  await until("the tablet is in", () => tablet.store.groups().length === 1, SETTLED_MS_MAX)
  for (const person of [bob, tablet]) await person.reopen()
  await syncAll(carol, dave, alice, bob, tablet)
})
afterEach(() => here.close())

const removeOf = ({ me }: Person): Proposal => {
  const leaf = stateOf(tablet, groupId).group.members.find(({ deviceKey }) => equal(deviceKey, me.deviceKey))
  return { proposalType: "remove", remove: { removed: leaf!.leafIndex } }
}

/** To Alice, with the help of somebody whom the server still lets. */
async function proposes(...people: readonly Person[]): Promise<void> {
  for (const message of await hostileProposals(stateOf(tablet, groupId).group, people.map(removeOf)))
    await post(carol, alice.me.deviceKey, await sealedBy(tablet, groupId, message))
  await alice.sync()
}

/** One of the members has heard of it, the group has not. */
async function hearsOfRevocation(person = alice): Promise<void> {
  const list = listOf(person.store, bob.me.accountKey)!
  const next = nextList(holder(bob.me), list, [bob.me.deviceKey], list.time + 1)
  person.store.write((tx) => noteList(tx, { list: next.deviceList, signature: next.deviceListSignature }))
  person.tampering.resolveIdentity = async (ask, device) => ({ ...(await ask(device)), ...next })
  await person.sync()
}

const wishes = (): readonly string[] =>
  alice.store.wishes(alice.group(groupId).id).map(({ deviceKey }) => hex(deviceKey))

/** The tablet goes, and nobody else. */
async function onlyTheTabletGoes(): Promise<void> {
  expect(wishes()).toEqual([hex(tablet.me.deviceKey)])
  for (let turn = 0; turn < 4; turn++) {
    world.pass(RANK_MS)
    await alice.sync()
  }
  const names = (await alice.session.members(groupId)).map(({ name }) => name)
  expect(names).toEqual(["carol", "dave", "alice", "bob"])
  await syncAll(carol, dave, bob)
  await goesOn(groupId, alice, bob)
  expect(alice.troubles).toEqual([])
}

test("what it proposes to who has heard of the revocation is not done", async () => {
  await hearsOfRevocation()
  await proposes(bob)
  await onlyTheTabletGoes()
})

test("nor what it has proposed before it was taken out by somebody else", async () => {
  await proposes(bob)
  await hearsOfRevocation(dave)
  world.pass(1.6 * RANK_MS)
  await syncAll(dave, alice)
  expect(wishes()).toEqual([hex(bob.me.deviceKey)])
  await hearsOfRevocation()
  expect(wishes()).toEqual([])
  await goesOn(groupId, alice, bob)
})

test("nor what it has proposed before, of itself as well", async () => {
  await proposes(bob, tablet)
  expect(wishes()).toHaveLength(2)
  await hearsOfRevocation()
  await onlyTheTabletGoes()
})
