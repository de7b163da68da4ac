/** Asking to be let in, and letting in, with two programs on a profile: each is done once (PROTOCOL.md section 7). */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { ClientSession } from "../../core/client/session.ts"
import { updateWithout } from "../fakes/broken-groups.ts"
import { goesOn } from "../fakes/going-on.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

let here: House
let alice: Person
let bob: Person
let carol: Person
let groupId: string

beforeEach(async () => {
  ;({ here, alice, bob, carol, groupId } = await inTeam("alice", "bob", "carol"))
  await updateWithout(alice, groupId, bob)
  await carol.sync()
  await bob.session.send(groupId, "finds out")
})
afterEach(async () => here.close())

const isLost = (person: Person): boolean => person.group(groupId).rejoin !== undefined

test("who is lost asks once, though two programs find out at once", async () => {
  let [requests, readers] = [0, 2]
  bob.tampering.enqueueMany = async (ask, fanOut) => {
    if (fanOut.group || fanOut.items.length === 0) return ask(fanOut)
    requests++
    await until("the other asks, too, or is done", () => requests === 2 || readers < 2)
    return ask(fanOut)
  }
  const second = bob.another()
  const read = async (session: ClientSession): Promise<unknown> => session.sync(10_000).finally(() => readers--)
  await Promise.all([bob.session, second].map(read))
  expect([isLost(bob), requests]).toEqual([true, 1])
  for (const { session } of [alice, bob]) await session.follow()
  await until("let in again", () => !isLost(bob))
  await second.close()
  await goesOn(groupId, alice, bob, carol)
})

test("who was let in is not let in once more by one whose other program reads meanwhile that it was done", async () => {
  await bob.sync()
  expect(isLost(bob)).toBe(true)
  const epoch = alice.group(groupId).epoch + 1n
  const second = carol.another()
  const stage = carol.engine.stage.bind(carol.engine)
  let stagings = 0
  carol.engine.stage = async (group, change) => {
    if (stagings++ === 0) {
      await alice.session.follow()
      await until("let in by Alice", () => alice.group(groupId).epoch === epoch)
      await second.sync(10_000)
    }
    return stage(group, change)
  }
  await carol.session.follow()
  await until("Carol has seen it", () => stagings > 0 && carol.group(groupId).epoch >= epoch)
  await bob.sync()
  expect(bob.troubles).toEqual(["E048"])
  await goesOn(groupId, alice, bob, carol)
  await second.close()
})
