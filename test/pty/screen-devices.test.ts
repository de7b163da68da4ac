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

it("takes in a new device by a code that is shown until it has come", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ core, columns: 120, rows: 36 })
  await rig.shows("ops-oncall")
  rig.press("/pair", "enter")
  await rig.shows("Add a device", "0123-4567-89AB-CDEF-GHJK-MNPQ-RS0", "Added: laptop")
  rig.press("esc")
  await rig.hides("Add a device")
  core.failures.set("pairing", "E098")
  rig.press("/pair", "enter")
  await rig.shows("Add a device", "(E098)")
})

it("revokes one's own device once that is confirmed, and not the one at hand", async () => {
  const { core } = busyHouse()
  rig = new ScreenRig({ core, columns: 120, rows: 36 })
  await rig.shows("ops-oncall")
  rig.press("/revoke a1", "enter")
  await rig.shows("This is the device at hand")
  rig.press("/pair", "enter")
  await rig.shows("Added: laptop")
  rig.press("esc")
  await rig.hides("Add a device")
  rig.press("/revoke d2", "enter")
  await rig.shows("Revoke laptop", "for ever?")
  rig.press("enter")
  await rig.shows("Revoked: laptop")
  rig.press("/devices", "enter")
  await rig.shows("d2d2d2d2d2d2d2d2  laptop  revoked")
  rig.press("esc")
  await rig.hides("Your devices")
  rig.press("/name-device a1 desk", "enter")
  await rig.shows("Your devices call it desk now.")
  rig.press("/name-device a1", "enter")
  await rig.shows("/name-device, the beginning of its id, and a name.")
  expect(core.calls.filter((call) => call.includes("Device"))).toEqual(["revokeDevice d2", "nameDevice a1 desk"])
})
