/** Opening what a message links to, with a scripted core. */
import { afterEach, beforeEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig
let core: FakeCore
let ops: string

beforeEach(() => {
  ;({ core, ops } = busyHouse())
})
afterEach(async () => {
  await rig.close()
})

async function says(text: string, options: Partial<RigOptions> = {}): Promise<void> {
  rig = new ScreenRig({ core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all")
  core.says(ops, "bob", text)
  await rig.shows(text.slice(0, 8))
}

it("opens no link that is none", async () => {
  await says("javascript:alert(1) data:text/html,x file:///etc/passwd")
  rig.press("up", "o")
  await rig.shows("Not with this message: open the link, or save the file.")
  expect(rig.opened).toEqual([])
})

it("opens the only link of the selected message, and says which", async () => {
  await says("see https://a.example/x, please")
  rig.press("up")
  await rig.shows("o open the link")
  rig.press("o")
  await rig.shows("Opening https://a.example/x")
  expect(rig.opened).toEqual(["https://a.example/x"])
})

it("asks which of several, each named once", async () => {
  await says("one https://a.example two https://b.example again https://a.example")
  rig.press("up", "o")
  await rig.shows("Open which link?", "[Open: enter]", /▸ https:\/\/a\.example/)
  rig.press("down")
  await rig.shows(/▸ https:\/\/b\.example/)
  rig.press("enter")
  await rig.shows("Opening https://b.example")
  expect(rig.opened).toEqual(["https://b.example"])
})

it("takes the newest link when none is selected", async () => {
  await says("lunch?")
  rig.press("/open", "enter")
  await rig.shows("Opening https://wiki.example/rb/42")
  expect(rig.opened).toEqual(["https://wiki.example/rb/42"])
})

it("copies the link where there is no display", async () => {
  await says("see https://a.example/x", { opener: undefined })
  rig.press("up", "o")
  await rig.shows("No display here: the link is copied, where the terminal allows it.")
  const copied = Buffer.from("https://a.example/x").toString("base64")
  await until("the copy", () => rig.written.includes(`\u001b]52;c;${copied}\u0007`))
})
