/** The page with the devices of an account. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let rig: ScreenRig

afterEach(async () => {
  await rig.close()
})

it("shows one's own, or those of who is named, or marked", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ core, columns: 120, rows: 36 })
  await rig.shows("ops-oncall")
  rig.press("/devices", "enter")
  await rig.shows("Your devices", "a1a1a1a1a1a1a1a1  active  listed Fri 20 Nov 2026  this device")
  rig.press("esc")
  await rig.hides("Your devices")
  rig.press("/devices carol", "enter")
  await rig.shows("Devices of carol", "c1c1c1c1c1c1c1c1  active", "c2c2c2c2c2c2c2c2  active")
  rig.press("esc")
  await rig.hides("Devices of carol")
  core.failures.set("devices", "E053")
  rig.press("/devices bob", "enter")
  await rig.shows("Devices of bob", "(E053)")
  expect(rig.text()).not.toContain("Asking the server")
})
