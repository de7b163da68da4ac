/** The panes and the keys between them: what has the keys is seen, and nothing unseen has them. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig

const start = (options: RigOptions): ScreenRig => (rig = new ScreenRig({ columns: 120, rows: 36, ...options }))

afterEach(async () => {
  await rig.close()
})

/** A group that is larger than any screen of these tests. */
function crowd(): FakeCore {
  const core = new FakeCore()
  const names = Array.from({ length: 60 }, (_, at) => `person${String(at + 1).padStart(2, "0")}`)
  core.says(core.group("crowd", ["alice", ...names]), "person01", "hi all")
  return core
}

it("goes from pane to pane with tab and back with shift+tab, and shows which one has the keys", async () => {
  start({ core: busyHouse().core })
  await rig.shows("hi all", "enter send", " MEMBERS")
  rig.press("tab")
  await rig.shows("▸GROUPS", "groups: up, down, enter open")
  rig.press("tab")
  await rig.shows(" GROUPS", "messages: up, down, r answer")
  rig.press("tab")
  await rig.shows("▸MEMBERS", "members: up, down", "▸ you")
  rig.press("tab")
  await rig.shows("enter send", " MEMBERS")
  await rig.hides("▸MEMBERS")
  rig.press("shift+tab")
  await rig.shows("▸MEMBERS")
  rig.press("shift+tab")
  await rig.shows("messages: up, down, r answer")
})

it("scrolls the members when there are more than rows, to the last one and no further", async () => {
  start({ core: crowd() })
  await rig.shows("hi all", "more (tab)")
  await rig.hides("person60")
  rig.press("shift+tab")
  await rig.shows(/▸MEMBERS +1-\d+ of 61/)
  for (let at = 0; at < 70; at += 1) rig.press("down")
  await rig.shows("▸ person60", /MEMBERS +\d+-61 of 61/)
  rig.press("up")
  await rig.shows("▸ person59")
  for (let at = 0; at < 70; at += 1) rig.press("up")
  await rig.shows("▸ you")
  rig.press("enter")
  await rig.shows("▸ you", "▸ # crowd")
})

it("gives the keys back to the message when the members are hidden or no longer fit", async () => {
  start({ core: crowd() })
  await rig.shows("hi all")
  rig.press("shift+tab")
  await rig.shows("▸MEMBERS")
  rig.press("f4")
  await rig.hides("MEMBERS")
  await rig.shows("enter send")
  rig.press("f4", "shift+tab")
  await rig.shows("▸MEMBERS")
  rig.resize(100, 30)
  await rig.shows("enter send")
  rig.press("typed")
  await rig.shows("> typed")
  rig.press("shift+tab", "x")
  expect(rig.has("MEMBERS")).toBe(false)
})

it("marks the pane without colour and box drawing too", async () => {
  start({ core: busyHouse().core, ascii: true, colour: false })
  await rig.shows("hi all")
  rig.press("shift+tab")
  await rig.shows(">MEMBERS", "> you")
})
