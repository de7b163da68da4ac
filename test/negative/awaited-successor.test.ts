/** A winning message that names a group whose Welcome waits is no mail of that group: it breaks the one whose epoch it ends. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { encodeNote } from "../../core/client/welcome-note.ts"
import { sealSharedBody, sharedPrefix } from "../../core/crypto/envelope.ts"
import { messageId, NO_CHANNEL } from "../../core/domain/ids.ts"
import { groupTagOf } from "../../core/mls/group-tag.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import { commitsAnything, stateOf } from "../fakes/broken-groups.ts"
import { commitRequest } from "../fakes/commit-request.ts"
import { goesOn } from "../fakes/going-on.ts"
import { random, recipientOf } from "../fakes/hostile-mail.ts"
import { sealedBy } from "../fakes/hostile-member.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"

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

/** Mallory makes the successor of a group that is well, with the others in it. @returns a message of it. */
async function takesTheSuccessor(): Promise<Uint8Array> {
  const { engine, me } = mallory
  const [node, now] = [await mallory.node(), Date.now()]
  const id = await engine.successorId(stateOf(mallory, groupId).group, 0)
  const groupTag = groupTagOf(id)
  const alone = await engine.create(id, "hybrid", now)
  const first = await engine.stage(alone, { now })
  await node.commit(commitRequest(me, { groupTag, nextVerifier: first.nextVerifier }))
  const begun = engine.adopt(first.next, alone)
  const victims = [alice, bob]
  const packages = await Promise.all(victims.map(({ me: { deviceKey } }) => node.fetchKeyPackage(deviceKey, "hybrid")))
  const second = await engine.stage(begun, { now, add: packages.map(({ keyPackage }) => keyPackage) })
  const note = encodeNote({ groupName: "team", inviterName: "mallory" })
  const { shared, perRecipient } = second.welcome!
  const sealed = sealSharedBody(NO_CHANNEL, { kind: "welcome", shared, note })
  const welcomes = await Promise.all(
    victims.map(async (person, at) => ({
      ...{ recipientKey: person.me.deviceKey, channelId: NO_CHANNEL, messageId: messageId(random(16)) },
      prefix: sharedPrefix(await recipientOf(mallory, person), sealed, perRecipient[at]!.secrets),
    })),
  )
  const proof = await engine.commitProof(begun)
  const fields = { groupTag, baseEpoch: 1n, proof, nextVerifier: second.nextVerifier }
  const answer = await node.commit(commitRequest(me, { ...fields, welcomeBody: sealed.body, welcomes }))
  expect(answer.accepted).toBe(true)
  return first.message
}

test("its author is blamed, and the others go on without", async () => {
  const message = await takesTheSuccessor()
  for (const person of [alice, bob]) await person.sync()
  expect([alice, bob].map(({ troubles }) => [...troubles])).toEqual([[], []])
  expect(await commitsAnything(mallory, groupId, await sealedBy(mallory, groupId, message))).toBe(true)
  for (const person of [alice, bob]) {
    await person.sync()
    // The Welcome that waited is by whoever is blamed.
    expect(person.troubles).toEqual(["E048", "E035"])
    expect(person.group(groupId).rejoin).toBeDefined()
  }
  for (let round = 0; round < 3; round++) {
    world.pass(75_000)
    for (const person of [alice, bob, alice]) await person.sync()
  }
  for (const { session } of [alice, bob])
    expect(await session.groups()).toMatchObject([{ name: "team", members: ["alice", "bob"] }])
  const heir = (await alice.session.groups())[0]?.groupId ?? ""
  await goesOn(heir, alice, bob)
})
