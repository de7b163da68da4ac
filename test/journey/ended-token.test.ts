/** A computer that slept has a connection that outlived its token: whatever the person asks for next is done all the same. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { ACCESS_TOKEN_MS } from "../../core/domain/limits.ts"
import { AheadWorld } from "../fakes/ahead-world.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let groupId: string

beforeAll(async () => {
  world = new AheadWorld()
  here = await house(world, { world })
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  groupId = (await alice.session.createGroup("team", "hybrid")).groupId
  await alice.sync()
})
afterAll(async () => here.close())

const ASKED: Readonly<Record<string, () => Promise<unknown>>> = {
  "a change of a group": () => alice.session.update(groupId),
  "an invitation": () => alice.session.invite(groupId, ["bob"]),
  "a look at a person": () => alice.session.lookUp("bob"),
  "a look at a KeyPackage": () => alice.session.fetchKey("bob", "hybrid"),
  "a conversation of two": () => alice.session.direct("bob"),
  "fresh KeyPackages": () => alice.session.refreshKeyPackages(),
  "the mail": () => alice.session.sync(10_000),
  "the way out": () => alice.session.logout(),
}

test.each(Object.keys(ASKED))("%s", async (name) => {
  await bob.sync()
  world.pass(2 * ACCESS_TOKEN_MS)
  await ASKED[name]?.()
  expect(alice.troubles).toEqual([])
})
