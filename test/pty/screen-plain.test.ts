/** The messages alone, for the terminal's own selection, with a scripted core. */
import { afterEach, beforeEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let rig: ScreenRig
let core: FakeCore
let ops: string

beforeEach(async () => {
  ;({ core, ops } = busyHouse())
  rig = new ScreenRig({ core, columns: 120, rows: 24 })
  await rig.shows("hi all")
})
afterEach(async () => {
  await rig.close()
})

it("writes nothing that is not seen: keys, commands and pastes wait for the panes", async () => {
  rig.press("draft ", "alt+l")
  await rig.shows("alt+l shows the panes again")
  rig.press("typed", "enter", "\u001b[200~pasted\u001b[201~", "alt+i", "up", "backspace", "tab", "ctrl+u")
  rig.press("alt+l")
  await rig.shows("> draft", "GROUPS")
  expect(rig.text()).not.toMatch(/typed|pasted|Invite to/)
})

it("shows whole messages at full width without panes and borders, and comes back by the same key", async () => {
  const long = `https://a.example/${"x".repeat(80)}`
  core.says(ops, "bob", long)
  rig.press("alt+l")
  await rig.shows(long)
  await rig.hides("GROUPS", "MEMBERS", "│", "> ", "online", "5 members")
  expect(rig.text()).toMatch(/dave +hi all/)
  rig.press("alt+l")
  await rig.shows("GROUPS", "MEMBERS", "> ", "online")
})

it("shows what comes, scrolls, and leaves by escape", async () => {
  for (let at = 0; at < 60; at += 1) core.says(ops, "bob", `line ${at}.`)
  await rig.shows("line 59.")
  rig.press("/plain", "enter")
  await rig.shows("shows the panes again", "line 38.")
  rig.press("pageup")
  await rig.hides("line 59.")
  rig.press("alt+end")
  await rig.shows("line 59.")
  core.says(ops, "carol", "and this")
  await rig.shows(/carol +and this/)
  rig.press("esc")
  await rig.shows("GROUPS")
})

it("leaves by what clears elsewhere, and a draft stays", async () => {
  rig.press("draft", "alt+l")
  await rig.shows("shows the panes again")
  rig.press("ctrl+c")
  await rig.shows("GROUPS", "> draft")
})

it("still shows a danger over the messages", async () => {
  rig.press("alt+l")
  await rig.shows("shows the panes again")
  rig.resize(80, 20)
  await rig.shows("shows the panes again", "hi all")
  core.tell({ kind: "trouble", code: "E039", message: "not this server" })
  await rig.shows("not this server")
})
