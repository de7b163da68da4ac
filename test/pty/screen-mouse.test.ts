/** The mouse, only while the person wants it, with a scripted core. */
import { afterEach, beforeEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig
let core: FakeCore
let ops: string

const ON = "\u001b[?1000h\u001b[?1006h"
const OFF = "\u001b[?1006l\u001b[?1000l"

beforeEach(() => {
  ;({ core, ops } = busyHouse())
})
afterEach(async () => {
  await rig.close()
})

async function start(options: Partial<RigOptions> = {}): Promise<void> {
  rig = new ScreenRig({ core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all")
}

/** As xterm reports it with ?1006. */
const report = (button: number, column: number, row: number, end = "M"): string =>
  `\u001b[<${button};${column + 1};${row + 1}${end}`

/** Where the text stands on the screen. */
function cellOf(text: string): readonly [column: number, row: number] {
  const row = rig.rows().findIndex((line) => line.includes(text))
  return [rig.rows()[row]?.indexOf(text) ?? -1, row]
}

const click = (text: string): void => {
  rig.press(report(0, ...cellOf(text)), report(0, ...cellOf(text), "m"))
}

/** A key that is typed afterwards is all that has changed. */
async function isStill(before: string): Promise<void> {
  rig.press("x")
  await rig.shows("> x")
  expect(rig.text().replace("> x", ">")).toBe(before.replace("> ", ">"))
  rig.press("backspace")
  await rig.hides("> x")
}

it("is the terminal's own until it is asked for, and a report that comes all the same does nothing", async () => {
  await start()
  const before = rig.text()
  click("hi all")
  click("# release-train")
  rig.press(report(64, 40, 5))
  await isStill(before)
  expect(rig.written).not.toContain("?1000h")
})

it("is taken by a key, with a hint how to release it, and released by the same key and at the end", async () => {
  await start()
  rig.press("f9")
  await rig.shows("F9 releases the mouse")
  expect(rig.written).toContain(ON)
  const taken = rig.written.length
  rig.press("f9")
  await rig.shows("The mouse is the terminal's again.")
  expect(rig.written.slice(taken)).toContain(OFF)
  const before = rig.text()
  click("# release-train")
  await isStill(before)
  rig.press("/mouse", "enter")
  await rig.shows("releases the mouse")
  const again = rig.written.length
  rig.press("ctrl+q")
  await rig.screen.ended
  expect(rig.written.slice(again)).toContain(OFF)
})

it("is off while the program is suspended, and taken again afterwards", async () => {
  await start()
  rig.press("f9")
  await rig.shows("F9 releases the mouse")
  const taken = rig.written.length
  rig.press("ctrl+z")
  expect(rig.written.slice(taken)).toContain(OFF)
  const stopped = rig.written.length
  rig.screen.resume()
  await rig.shows("hi all")
  expect(rig.written.slice(stopped)).toContain(ON)
})

it("opens the group that is clicked, and selects the message", async () => {
  await start()
  rig.press("f9")
  await rig.shows("F9 releases the mouse")
  click("# release-train")
  await rig.shows("1.4.0 is tagged")
  click("1.4.0 is tagged")
  await rig.shows("r answer")
  rig.press("r")
  await rig.shows("answering bob: 1.4.0 is tagged")
})

it("selects by any row of a message, and nothing by a day, a change, a border, the header or the composer", async () => {
  await start()
  rig.press("f9")
  await rig.shows("F9 releases the mouse")
  const before = rig.text()
  click("added dave")
  click("2026")
  click("GROUPS")
  click("MEMBERS")
  click("│")
  rig.press(report(0, 40, 0), report(0, 40, 34), report(0, 40, 35), report(0, 999, 999), report(1, 40, 3))
  rig.press(report(0, ...cellOf("hi all"), "m"), report(32, ...cellOf("hi all")), report(4, ...cellOf("hi all")))
  await isStill(before)
  click("runbook")
  await rig.shows("r answer")
  rig.press("r")
  await rig.shows("answering bob: deploy window moved")
})

it("scrolls the messages with the wheel, and does nothing behind a dialog", async () => {
  for (let at = 0; at < 60; at += 1) core.says(ops, "bob", `line ${at}.`)
  rig = new ScreenRig({ core, columns: 120, rows: 36 })
  await rig.shows("line 59.")
  rig.press("f9")
  await rig.shows("F9 releases the mouse")
  rig.press(report(64, 40, 5))
  await rig.hides("line 59.")
  rig.press("f1")
  await rig.shows("Help")
  rig.press(report(64, 40, 5), report(0, 40, 5), "esc")
  await rig.hides("Help")
  rig.press(report(65, 40, 5))
  await rig.shows("line 59.")
})
