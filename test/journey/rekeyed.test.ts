/** When the keys of a group last changed, as each of its members is told. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { HOUR_MS } from "../../core/domain/limits.ts"
import { AheadWorld } from "../fakes/ahead-world.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { syncAll, team } from "../fakes/team.ts"

let here: House
let world: AheadWorld
let alice: Person
let bob: Person
let groupId: string

beforeEach(async () => {
  world = new AheadWorld()
  // All clocks are the same, the server's too.
  here = await house(world, { world })
  ;[alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  groupId = await team(alice, bob)
})
afterEach(async () => here.close())

const hoursSince = async ({ session }: Person): Promise<number> => {
  const [group] = await session.groups()
  return Math.round((world.clock.now() - (group?.rekeyedAt ?? 0)) / HOUR_MS)
}

test("is the hour in which somebody's commit was made, not in which it was read or something was said", async () => {
  world.pass(5 * HOUR_MS)
  expect([await hoursSince(alice), await hoursSince(bob)]).toEqual([5, 5])
  await alice.session.update(groupId)
  world.pass(2 * HOUR_MS)
  await alice.session.send(groupId, "hello")
  await syncAll(alice, bob)
  expect([await hoursSince(alice), await hoursSince(bob)]).toEqual([2, 2])
})

test("of who joins, that of joining; of others, that of the addition; each member is first seen when it came", async () => {
  world.pass(3 * HOUR_MS)
  const carol = await here.settle("carol")
  await alice.session.invite(groupId, ["carol"])
  await carol.sync()
  await carol.session.accept(groupId)
  world.pass(HOUR_MS)
  await syncAll(alice, bob, carol)
  expect([await hoursSince(alice), await hoursSince(bob), await hoursSince(carol)]).toEqual([1, 1, 1])
  const seen = new Map((await bob.session.members(groupId)).map(({ name, firstSeen = 0 }) => [name, firstSeen]))
  expect((seen.get("carol") ?? 0) - (seen.get("alice") ?? 0)).toBeGreaterThan(3 * HOUR_MS)
})
