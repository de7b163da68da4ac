/** Who reads along finds out there that a group is lost, and asks there: without connecting anew or saying anything. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { updateWithout } from "../fakes/broken-groups.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string
/** Commits come to bob as marks of lost ones. */
let isMarked = false

beforeEach(async () => {
  ;({ here, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
  for (const { session } of [alice, carol]) await session.follow()
  let polls = 0
  isMarked = false
  bob.tampering.fetchWait = async (ask, ...asked) => {
    polls++
    const answer = await ask(...asked)
    const asMarks = answer.envelopes.map((row) => (row.commit ? { ...row, payload: Uint8Array.of(4) } : row))
    return isMarked ? { ...answer, envelopes: asMarks } : answer
  }
  await bob.session.follow()
  await until("bob waits for mail", () => polls > 0)
})
afterEach(async () => here.close())

const isLost = (): boolean => bob.group(groupId).rejoin !== undefined

async function isLetIn(): Promise<void> {
  await until("bob is lost", isLost)
  isMarked = false
  await until("bob is let in again", () => !isLost() && bob.group(groupId).epoch === alice.group(groupId).epoch)
  expect(bob.authenticator(groupId)).toBe(alice.authenticator(groupId))
}

test("for a commit that came as a lost mark", async () => {
  isMarked = true
  await alice.session.update(groupId)
  await isLetIn()
})

test("for a commit that never came, once a later one shows that", async () => {
  await updateWithout(alice, groupId, bob)
  await alice.session.update(groupId)
  await isLetIn()
})
