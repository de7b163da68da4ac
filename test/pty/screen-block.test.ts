/** Blocking somebody in the app, with a scripted core: asked first, shown everywhere, and taken back. */
import { afterEach, beforeEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let rig: ScreenRig
let core: FakeCore

beforeEach(async () => {
  ;({ core } = busyHouse())
  core.directWith("bob")
  rig = new ScreenRig({ core, columns: 120, rows: 36 })
  await rig.shows("hi all")
})
afterEach(async () => {
  await rig.close()
})

const blocks = (): readonly string[] => core.calls.filter((call) => call.startsWith("block"))

it("asks whom, says what it does, and does it once", async () => {
  rig.press("/block", "enter")
  await rig.shows("Whom? /block and a user name.")
  rig.press("/block bob", "enter")
  await rig.shows("Hear nothing of bob any more?", "They are not told.", "[Block: enter]")
  rig.press("esc")
  await rig.hides("Hear nothing of bob")
  expect(blocks()).toEqual([])
  rig.press("/block bob", "enter")
  await rig.shows("[Block: enter]")
  rig.press("enter")
  await rig.shows("bob is blocked", /bob +x/, "@ bob")
  expect(blocks()).toEqual(["block bob"])
})

it("takes the marked member, and says in the dialog what went wrong", async () => {
  rig.press("shift+tab", "down")
  await rig.shows("members: ")
  rig.press("ctrl+p", "hear nothing", "enter")
  await rig.shows("Hear nothing of bob any more?")
  rig.press("esc")
  await rig.hides("Hear nothing of bob")
  rig.press("esc")
  await rig.hides("members: ")
  rig.press("/block nobody", "enter")
  await rig.shows("Hear nothing of nobody any more?")
  rig.press("enter")
  await rig.shows("No such user: nobody.")
})

it("says in their conversation that nothing is sent, until they are heard again", async () => {
  await core.block("bob")
  rig.press("ctrl+k", "bob", "enter")
  await rig.shows("you have blocked them: nothing is sent", "/unblock ends that")
  rig.press("/unblock", "enter")
  await rig.shows("bob is heard again.")
  await rig.hides("you have blocked them")
})
