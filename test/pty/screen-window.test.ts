/** What the window around the screen hears and says: its title, notifications, the focus, light or dark. */
import { afterEach, beforeEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig
let core: FakeCore
let ops: string
const titles: string[] = []

beforeEach(() => {
  ;({ core, ops } = busyHouse())
  titles.splice(0)
})
afterEach(async () => {
  await rig.close()
})

function start(options: Partial<ConstructorParameters<typeof ScreenRig>[0]>): void {
  rig = new ScreenRig({ core, columns: 120, rows: 36, ...options })
  rig.terminal.onTitleChange((title) => titles.push(title))
}

it("is called by what is open and by what is new elsewhere", async () => {
  start({})
  await rig.shows("hi all")
  await until("the title", () => titles.at(-1) === "(2) # ops-oncall - qpq")
  rig.press("alt+a")
  await until("the next title", () => titles.at(-1) === "# release-train - qpq")
})

it("rings and tells who has written where while it has no focus, and only then", async () => {
  start({ channel: "osc9" })
  await rig.shows("hi all")
  core.says(ops, "bob", "seen")
  await rig.shows("seen")
  rig.press("\u001b[O")
  core.says(ops, "bob", "the secret is 1234")
  await rig.shows("the secret")
  await until("a notification", () =>
    rig.written.includes("\u0007\u001b]9;qpq: bob has written in # ops-oncall\u001b\\"),
  )
  expect(rig.written.split("\u001b]9;")).toHaveLength(2)
  expect(rig.text()).toContain("> \n")
})

it("takes the colours of a light terminal when it says that it is one, and those that are asked for", async () => {
  start({ theme: "auto" })
  await rig.shows("hi all")
  expect(rig.written).toContain("\u001b]11;?\u0007")
  const from = rig.written.length
  rig.press("\u001b]11;rgb:ffff/ffff/ffff\u001b\\")
  // Yellow cannot be read on white.
  await until("the light colours", () => /35m/.test(rig.written.slice(from)))
  const light = rig.written.length
  rig.press("/theme dark", "enter")
  await rig.shows("Theme: dark.")
  await until("the dark colours", () => /33m/.test(rig.written.slice(light)))
  rig.press("/theme pink", "enter")
  await rig.shows("Theme: dark. /theme auto, dark, light, colour-blind")
})

it("is asked for no colours by a theme that is the same everywhere", async () => {
  start({ theme: "dark" })
  await rig.shows("hi all")
  expect(rig.written).not.toContain("\u001b]11;")
})
