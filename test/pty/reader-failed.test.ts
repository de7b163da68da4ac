/** Plain lines for a screen reader: a message that not everybody got is heard of, sent again and discarded. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ReaderRig } from "../fakes/reader-rig.ts"

const WAY_ON = "enter sends it again, d discards it."

let rig: ReaderRig
let core: FakeCore
let groupId: string

afterEach(async () => {
  await rig.close()
})

/** @returns the id of a message that has failed. */
async function failed(text: string): Promise<string> {
  core.delivers = false
  rig.press(text, "enter")
  await rig.shows(`: ${text}`)
  const id = (await core.timeline({ groupId, limit: 1 }))[0]?.id ?? ""
  core.deliver(id, "failed")
  await rig.shows(`Not delivered to everybody: "${text}".`)
  core.delivers = true
  return id
}

async function start(): Promise<void> {
  const house = busyHouse()
  core = house.core
  rig = new ReaderRig({ core })
  await rig.opsAreOpen()
  groupId = (await core.groups()).find(({ name }) => name === "ops-oncall")?.groupId ?? ""
}

it("is told of with what can be done, and sent again by a command", async () => {
  await start()
  await failed("on call")
  await rig.shows("/retry sends it again to those who lack it.")
  core.delivers = false
  rig.press("/retry", "enter")
  await rig.shows('Sending again: "on call"')
  core.deliver((await core.timeline({ groupId, limit: 1 }))[0]?.id ?? "")
  await rig.shows('sent: "on call"')
  expect(core.calls.filter((call) => call.startsWith("resend"))).toEqual(["resend on call"])
})

it("is sent again by the key that is named when it is gone to", async () => {
  await start()
  await failed("on call")
  rig.press("up")
  await rig.shows(/you, .*not delivered to everybody: on call/, WAY_ON)
  rig.press("enter")
  await rig.shows('sent: "on call"')
})

it("is discarded by the other key, when that is confirmed", async () => {
  await start()
  await failed("in anger")
  rig.press("up")
  await rig.shows(/you, .*not delivered to everybody: in anger/)
  rig.press("d")
  await rig.shows("Discard the message", "Delete it, instead of sending it again?")
  rig.press("enter")
  await rig.shows('you deleted "in anger"')
})

it("says nothing of another way where one is not a member any more", async () => {
  await start()
  core.delivers = false
  rig.press("on call", "enter")
  await rig.shows(": on call")
  const id = (await core.timeline({ groupId, limit: 1 }))[0]?.id ?? ""
  core.removedFrom(groupId, "bob")
  await rig.shows("bob removed alice")
  core.deliver(id, "failed")
  await rig.shows('Not delivered to everybody: "on call".')
  rig.press("up")
  await rig.shows(/you, .*not delivered to everybody: on call/)
  expect(rig.text()).not.toContain("sends it again")
})
