/** A member whom another's commit leaves out, and who owes the group a change of its own. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { updateWithout } from "../fakes/broken-groups.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { team } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  here = await house()
  ;[alice, bob, carol] = [await here.settle("alice"), await here.settle("bob"), await here.settle("carol")]
  groupId = await team(alice, bob, carol)
})
afterEach(async () => here.close())

test("finds out by its first refusal, and does not try for ever", async () => {
  let tries = 0
  bob.tampering.commit = (ask, request) => {
    tries++
    return ask(request)
  }
  await bob.session.follow()
  await carol.session.leave(groupId)
  await carol.sync()
  await until("bob knows that carol wants to go", () => bob.store.wishes(bob.group(groupId).id).length > 0)
  await updateWithout(alice, groupId, bob)
  await until("bob knows that its state is lost", () => bob.group(groupId).rejoin !== undefined)
  expect(tries).toBe(1)
  await alice.session.follow()
  await until("bob is let in again", () => bob.group(groupId).rejoin === undefined)
})
