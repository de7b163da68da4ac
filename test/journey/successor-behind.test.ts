/** Who lost a group long before it broke begins nothing that the others would refuse (docs/decisions/0016). */
import { afterEach, beforeEach, expect, test } from "vitest"
import { equal } from "../../core/domain/bytes.ts"
import { AheadWorld } from "../fakes/ahead-world.ts"
import { commitsAnything, garbage } from "../fakes/broken-groups.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { team } from "../fakes/team.ts"

const BROKEN_MS = 75_000

let here: House
let world: AheadWorld

beforeEach(async () => {
  world = new AheadWorld()
  here = await house(world)
})
afterEach(async () => here.close())

async function rounds(...people: readonly Person[]): Promise<void> {
  for (let round = 0; round < 3; round++) for (const person of people) await person.sync()
}

const namesOf = async ({ session }: Person): Promise<readonly string[]> =>
  (await session.groups()).map(({ name, status, members }) => `${name} ${status}: ${[...members].sort().join(" ")}`)

test("who hears that a member has lost a later epoch waits for the successor from that one", async () => {
  const [alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  const [carol, mallory] = [await here.settle("carol"), await here.settle("mallory")]
  const id = await team(alice, bob)
  await alice.sync()
  alice.tampering.commit = async (ask, request) =>
    ask({
      ...request,
      recipients: request.recipients.filter(({ recipientKey }) => !equal(recipientKey, bob.me.deviceKey)),
    })
  await alice.session.invite(id, ["carol", "mallory"])
  alice.tampering.commit = undefined
  for (const person of [carol, mallory]) {
    await person.sync()
    await person.session.accept(id)
    await person.sync()
  }
  expect(await commitsAnything(mallory, id, garbage())).toBe(true)
  await bob.session.send(id, "lost long ago")
  await rounds(bob, alice, carol, bob)
  const epochs = [bob, alice, carol].map((person) => [person.group(id).rejoin !== undefined, person.group(id).epoch])
  expect(epochs).toEqual([
    [true, 1n],
    [true, 2n],
    [true, 2n],
  ])

  world.pass(BROKEN_MS)
  await rounds(carol, alice)
  world.pass(BROKEN_MS)
  await rounds(bob, alice, carol)
  expect(bob.store.successions()).toEqual([])
  for (const person of [alice, carol]) {
    expect(await namesOf(person)).toEqual(["team active: alice bob carol"])
    expect(person.troubles).toEqual(["E048"])
  }

  // Carol is a stranger to him: he is invited.
  expect([...(await namesOf(bob))].sort()).toEqual(["team active: alice bob", "team hidden: alice bob carol"])
  const heir = (await carol.session.groups())[0]?.groupId ?? ""
  await bob.session.accept(heir)
  await bob.session.send(heir, "here again")
  await rounds(bob, alice, carol)
  for (const person of [alice, carol]) expect(await person.texts()).toEqual(["here again"])
})
