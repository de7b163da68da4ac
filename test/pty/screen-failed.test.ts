/** A message that not everybody got, with a scripted core: what is shown of it, sent again, discarded. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

const WORDS = "✕ failed: enter = retry, d = discard"

let rig: ScreenRig
let core: FakeCore
let groupId: string

/** The group is open; the newest message but one has failed. */
async function start(columns = 120, text = "on call"): Promise<string> {
  core = busyHouse().core
  core.delivers = false
  rig = new ScreenRig({ core, columns, rows: 36 })
  await rig.shows("hi all")
  groupId = (await core.groups()).find(({ name }) => name === "ops-oncall")?.groupId ?? ""
  rig.press(text, "enter")
  await rig.shows("1 queued")
  const { id } = (await core.timeline({ groupId, limit: 1 }))[0] ?? { id: "" }
  core.deliver(id, "failed")
  await rig.shows("0 queued")
  core.delivers = true
  return id
}

const resent = (): readonly string[] => core.calls.filter((call) => call.startsWith("resend"))

afterEach(async () => {
  await rig.close()
})

it("says how it stands, and when it is selected which keys do what", async () => {
  await start()
  await rig.shows(/on call +✕ failed/)
  await rig.hides("enter = retry", "enter send again")
  rig.press("up")
  await rig.shows(WORDS, "enter send again, d discard, r answer")
  await rig.hides("d delete")
  core.says(groupId, "bob", "thanks")
  await rig.shows("thanks")
  rig.press("j")
  await rig.shows(/on call +✕ failed/, "r answer")
  await rig.hides("enter = retry", "enter send again")
})

it("sends it again by the key on the screen, once", async () => {
  await start()
  rig.press("up")
  await rig.shows("enter send again")
  core.delivers = false
  rig.press("enter")
  await rig.shows("… queued", "1 queued", "d delete")
  await rig.hides("✕ failed")
  rig.press("enter")
  rig.press("k")
  await rig.hides("d delete")
  expect(resent()).toEqual(["resend on call"])
})

it("sends the newest that failed again by its command, while a text is begun elsewhere", async () => {
  const first = await start()
  core.delivers = false
  rig.press("and the keys", "enter")
  await rig.shows("1 queued")
  const { id } = (await core.timeline({ groupId, limit: 1 }))[0] ?? { id: first }
  core.deliver(id, "failed")
  core.delivers = true
  await rig.shows(/and the keys +✕ failed/)
  rig.press("/retry", "enter")
  await rig.shows(/and the keys +✓/)
  rig.press("ctrl+p", "send the message again")
  await rig.shows("Send the message again to those who lack it")
  rig.press("enter")
  await rig.shows(/on call +✓/)
  expect(resent()).toEqual(["resend and the keys", "resend on call"])
})

it("leaves enter alone on what did not fail", async () => {
  await start()
  core.says(groupId, "bob", "thanks")
  await rig.shows("thanks")
  rig.press("up", "enter")
  await rig.shows("messages: ")
  expect(resent()).toEqual([])
})

it("says why it cannot be sent again", async () => {
  await start()
  core.failures.set("resend", "E088")
  rig.press("up", "enter")
  await rig.shows("file is gone and has to be sent anew", "✕ failed")
})

it("asks before it is discarded; then it is a deleted message like any other", async () => {
  await start()
  rig.press("up", "d")
  await rig.shows("Discard the message", "Delete it, instead of sending it again?", "who lacks it never gets it")
  rig.press("esc")
  await rig.shows(WORDS)
  rig.press("d")
  await rig.shows("[Discard: enter]")
  rig.press("enter")
  await rig.shows("(deleted)")
  await rig.hides("on call", "✕", "enter send again")
})

it("tells in its details what can be done", async () => {
  await start()
  rig.press("up", "i")
  await rig.shows("About this message", "was not delivered to everybody: enter sends it again")
})

it("keeps to the short mark where there is no room", async () => {
  await start(80, "a text that goes on and on, nearly to the end of its line here")
  rig.press("up")
  await rig.shows(/here +✕/, "enter send again, d discard")
  await rig.hides("enter = retry")
  rig.resize(40, 20)
  await rig.shows("✕")
})

it("offers nothing in a group that one was removed from", async () => {
  await start()
  core.removedFrom(groupId, "bob")
  await rig.shows("you were removed")
  rig.press("ctrl+s", "k")
  await rig.hides("enter = retry", "enter send again")
  rig.press("enter")
  expect(resent()).toEqual([])
})
