/** A device that has lost a group in which it knows nobody but revoked ones does not wait for them (docs/decisions/0016). */
import { afterEach, beforeEach, expect, test } from "vitest"
import { hex } from "../../core/domain/bytes.ts"
import { readsLostMarks } from "../fakes/broken-groups.ts"
import type { AheadWorld } from "../fakes/ahead-world.ts"
import type { House } from "../fakes/house.ts"
import type { Person } from "../fakes/person.ts"
import { settled, syncAll } from "../fakes/team.ts"

const HOUR_MS = 3_600_000
const RANK_MS = 2000
const NOTICE =
  "This device has missed changes here, and nobody is left whom it knows and could ask to be let in again: it is taken for " +
  "removed. What was not sent stays here as not sent. Ask a member to invite you; one who cannot must remove you first."

let here: House
let world: AheadWorld
let bob: Person
let carol: Person
let tablet: Person
let groupId: string

/** Bob's tablet invites carol into what was theirs alone; bob hears only that a change was lost. */
beforeEach(async () => {
  ;({ here, world, bob, carol } = await settled("bob", "carol"))
  groupId = (await bob.session.createGroup("notes", "hybrid")).groupId
  tablet = await here.device("bob")
  await tablet.sync()
  for (let turn = 0; turn < 3; turn++) {
    await syncAll(bob, tablet)
    world.pass(RANK_MS)
  }
  await tablet.session.invite(groupId, ["carol"])
  await carol.sync()
  await carol.session.accept(groupId)
  await carol.sync()
  await readsLostMarks(bob)
  expect(bob.group(groupId).rejoin).toBeDefined()
  await bob.session.send(groupId, "anybody?")
})
afterEach(() => here.close())

async function revokesTablet(): Promise<void> {
  await bob.session.revokeDevice(hex(tablet.me.deviceKey))
  world.pass(HOUR_MS)
  await bob.sync()
}

const linesOf = async (person: Person): Promise<readonly (readonly string[])[]> =>
  (await person.session.timeline({ groupId, limit: 100 }))
    .filter(({ kind }) => kind !== "change")
    .map(({ text, delivery }) => [text, delivery])

test("is told so at once; what was not sent stays as not sent, and goes once it is a member again", async () => {
  bob.troubles.splice(0)
  await revokesTablet()
  expect(bob.group(groupId).status).toBe("removed")
  expect(await linesOf(bob)).toEqual([
    ["anybody?", "failed"],
    [NOTICE, "received"],
  ])
  expect([bob.troubles, await bob.session.queued()]).toEqual([["E036"], 0])
  await syncAll(carol)
  await carol.session.remove(groupId, "bob")
  await carol.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  await bob.session.send(groupId, "here again")
  await syncAll(bob, carol)
  expect(await carol.texts()).toContain("here again")
})

test("asks on while another device of its person might let it in", async () => {
  await here.device("bob")
  await bob.sync()
  await revokesTablet()
  expect(bob.group(groupId)).toMatchObject({ status: "active" })
  expect(await linesOf(bob)).toEqual([["anybody?", "queued"]])
})
