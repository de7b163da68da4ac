/** Two people before two screens, with everything real between them but the network and the files. */
import { afterEach, beforeEach, expect, it } from "vitest"
import { coreOf } from "../fakes/house-core.ts"
import { house } from "../fakes/house.ts"
import type { House } from "../fakes/house.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let home: House
let rigs: ScreenRig[]

beforeEach(async () => {
  home = await house()
  rigs = []
})

afterEach(async () => {
  for (const rig of rigs) await rig.close()
  await home.close()
})

async function screenOf(name: string, columns: number, rows: number): Promise<ScreenRig> {
  const rig = new ScreenRig({ core: coreOf(await home.join(name)), columns, rows })
  rigs.push(rig)
  return rig
}

it("makes a group, invites by the keys on the screen, and talks", async () => {
  const alice = await screenOf("alice", 120, 36)
  const bob = await screenOf("bob", 80, 24)
  await alice.shows("No groups yet.", "c  create a group")
  alice.press("c")
  await alice.shows("[Create: enter]")
  alice.press("ops", "enter")
  await alice.shows("Only you here. alt+i invites someone.")
  alice.press("alt+i")
  await alice.shows("[Look up: enter]")
  alice.press("bob", "enter")
  await alice.shows("bob's fingerprint", "2 members, epoch 0 → 1, PQ", "[Invite: enter]")
  alice.press("enter")
  await alice.shows("epoch 0 → 1: alice added bob")

  await bob.shows("INVITES (1)", "i  see invites (1)")
  bob.press("i")
  await bob.shows("# ops", "from alice", "[Accept: enter]")
  bob.press("enter")
  await bob.shows("▸ # ops")

  alice.press("hello bob", "enter")
  await alice.shows(/you +hello bob +✓/)
  await bob.shows(/alice +hello bob/)
  bob.press("and back", "enter")
  await alice.shows(/bob +and back/)
  await bob.shows(/you +and back +✓/)
  expect(bob.has("0 queued")).toBe(true)
})
