/** 1:1 conversations on the screen: where they stand, how one is opened, and what is said of the other. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let rig: ScreenRig

const WIDE = { columns: 120, rows: 36 }

afterEach(async () => {
  await rig.close()
})

it("stand under the groups, called by the other, in the order that alt+down goes", async () => {
  const { core } = busyHouse()
  core.says(core.directWith("carol"), "carol", "are you there?")
  core.group("book-club", ["alice", "erin"])
  rig = new ScreenRig({ ...WIDE, core })
  await rig.shows("hi all", "GROUPS", "# book-club", " DIRECT", /@ carol +\? 1 /)
  const rows = rig.rows()
  const at = (text: string): number => rows.findIndex((row) => row.includes(text))
  expect(at("# book-club")).toBeLessThan(at(" DIRECT"))
  expect(at(" DIRECT")).toBeLessThan(at("@ carol"))
  rig.press("alt+up")
  await rig.shows("▸ @ carol", "are you there?", / qpq {2}@ carol.*1:1/)
  rig.press("tab", "up")
  await rig.shows("▸GROUPS")
  rig.press("enter")
  await rig.shows("▸ # book-club")
})

it("are opened by a dialog that says what comes of it, and what is typed then goes there", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ ...WIDE, core })
  await rig.shows("hi all")
  rig.press("alt+t")
  await rig.shows("Talk to one person", "User:", "the two of you alone", "[Talk: enter]", "[Cancel: esc]")
  rig.press("erin", "enter")
  await rig.shows("▸ @ erin", " DIRECT")
  await rig.hides("Talk to one person")
  rig.press("hello erin", "enter")
  await rig.shows(/you +hello erin/)
  expect(core.calls).toContain("direct erin")
})

it("are opened by /dm with a name, and again by it without making another", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ ...WIDE, core })
  await rig.shows("hi all")
  rig.press("/dm bob", "enter")
  await rig.shows("▸ @ bob")
  rig.press("alt+1")
  await rig.shows("▸ # ops-oncall")
  rig.press("/dm bob", "enter")
  await rig.shows("▸ @ bob")
  expect(rig.rows().filter((row) => row.includes("@ bob ")).length).toBeLessThanOrEqual(2)
})

it("say in the dialog why one cannot be opened; escape goes back", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ ...WIDE, core })
  await rig.shows("hi all")
  rig.press("/dm nobody", "enter")
  await rig.shows("Talk to one person", "No such user", "E015", "[Talk: enter]")
  rig.press("esc")
  await rig.hides("Talk to one person")
  expect(rig.has(" DIRECT")).toBe(false)
})

it("wait as invitations until they are accepted", async () => {
  const { core } = busyHouse()
  core.directWith("erin", { inviter: "erin" })
  rig = new ScreenRig({ ...WIDE, core })
  await rig.shows("hi all", "INVITES (1)", "+ @ erin")
  rig.press("alt+j")
  await rig.shows("@ erin", "from erin  first contact  1:1", "[Accept: enter]")
  rig.press("enter")
  await rig.shows("▸ @ erin", " DIRECT")
  await rig.hides("INVITES")
})

it("say that the other is not there yet, and offer nobody to invite", async () => {
  const core = new FakeCore()
  core.group("bob", ["alice"], { epoch: 0 })
  const direct = core.directWith("bob")
  core.alone(direct, 0)
  rig = new ScreenRig({ ...WIDE, core })
  await rig.shows("# bob", "@ bob")
  rig.press("alt+2")
  await rig.shows("▸ @ bob", "bob is being asked; what you write waits.")
  rig.press("alt+i")
  await rig.hides("Invite to")
  core.alone(direct, 4)
  await rig.shows("bob has left. /dm bob begins anew.")
  expect(rig.has("Invite to")).toBe(false)
})
