/** The past on the screen, with a scripted core: searching, going to a day, to what was unread, and back. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { START } from "../fakes/fake-group.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { dayText } from "../../tui/screen/days.ts"

let rig: ScreenRig
let core: FakeCore
let groupId: string
let train: string

/** @param lines said before the screen is there. */
async function start(lines = 0, { columns = 120, rows = 30 } = {}): Promise<void> {
  const house = busyHouse()
  core = house.core
  groupId = house.ops
  train = house.train
  for (let at = 1; at <= lines; at += 1) core.says(groupId, "bob", at === 40 ? "the harbour bell" : `message ${at}`)
  await core.markRead(groupId, 10_000)
  rig = new ScreenRig({ core, columns, rows })
  await rig.shows(lines === 0 ? "hi all" : `message ${lines}`)
}

afterEach(async () => {
  await rig.close()
})

it("names the key of the search before it is pressed, and all its own keys once it is open", async () => {
  await start()
  await rig.shows("ctrl+f search")
  rig.press("ctrl+s")
  await rig.shows("/ search")
  rig.press("/")
  await rig.shows("Search in # ops-oncall", "[Close: esc]", "[All groups: ctrl+f]", "[Go there: enter]")
  rig.press("esc")
  await rig.hides("Search in")
})

it("finds while one types, marks the words, and drops answers to what no longer stands there", async () => {
  await start()
  let release: () => void = () => undefined
  rig.press("ctrl+f", "runb")
  await rig.shows("bob", /…?.*runbook: https/, "1 of 1")
  core.gate = new Promise((resolve) => (release = resolve))
  rig.press("ctrl+u", "deploy")
  await rig.shows("Search: deploy")
  rig.press("ctrl+u", "pager")
  await rig.shows("Search: pager")
  release()
  core.gate = undefined
  await rig.shows("ack, I hold the pager")
  await rig.hides(/2026 \d\d:\d\d bob/)
  const y = rig.rows().findIndex((row) => /2026 \d\d:\d\d you/.test(row))
  const line = rig.terminal.buffer.active.getLine(y)
  const isBold = (word: string): boolean => line?.getCell(rig.rows()[y]?.indexOf(word) ?? 0)?.isBold() !== 0
  expect([isBold("pager"), isBold("hold")]).toEqual([true, false])
})

it("keeps a query that finds nothing, says so, and searches all groups by the key it names", async () => {
  await start()
  rig.press("/search tagged", "enter")
  await rig.shows("Nothing found. ctrl+f searches all groups.", "Search: tagged")
  rig.press("ctrl+f")
  await rig.shows("Search in all groups", "release-train", "1.4.0 is tagged", "[Only this group: ctrl+f]")
  rig.press("enter")
  await rig.shows(/qpq +# release-train/, "esc goes back to where you were")
  rig.press("esc")
  await rig.shows(/qpq +# ops-oncall/, "hi all")
  await rig.hides("goes back")
})

it("shows no control of the terminal that a message holds", async () => {
  await start()
  core.says(groupId, "bob", "boo\u001b[2J\u202e\u0007 the trap")
  await rig.shows("the trap")
  rig.press("ctrl+f", "trap")
  await rig.shows("1 of 1")
  rig.press("ctrl+u", '"*(', "enter")
  await rig.shows("Nothing found.")
  expect(rig.text()).not.toContain("\u202e")
  expect(rig.written.split("\u001b[2J").length).toBeLessThanOrEqual(2)
})

it("jumps to a line far back, reads on at both edges, says what comes below, and end returns to the newest", async () => {
  await start(900)
  rig.press("ctrl+f", "harbour")
  await rig.shows("the harbour bell")
  rig.press("enter")
  await rig.hides("Search in")
  await rig.shows("the harbour bell", "message 39", "message 41", "older messages: alt+end returns to the newest, esc")
  core.says(groupId, "carol", "new here")
  core.says(groupId, "carol", "and another")
  await rig.shows("2 new messages below: alt+end returns, esc goes back")
  await rig.hides("new here")
  rig.press("esc")
  await rig.shows("and another")
  rig.press("/search harbour", "enter")
  await rig.shows("the harbour bell", "1 of 1")
  rig.press("enter")
  await rig.shows("message 41")
  for (const line of ["message 60", "message 80", "message 100"]) {
    rig.press("pagedown")
    await rig.shows(line)
  }
  rig.press("end")
  await rig.shows("and another")
  await rig.hides("older messages")
})

it("scrolls from an old place to the newest without a gap, and up again", async () => {
  await start(700)
  rig.press("ctrl+f", "harbour")
  await rig.shows("1 of 1")
  rig.press("enter")
  await rig.shows("message 41")
  const seen = new Set<string>()
  for (let page = 0; page < 80 && !rig.has("message 700"); page += 1) {
    for (const [text] of rig.text().matchAll(/message \d+/g)) seen.add(text)
    const before = rig.text()
    rig.press("pagedown")
    await rig.hides(before)
  }
  for (const [text] of rig.text().matchAll(/message \d+/g)) seen.add(text)
  for (let at = 60; at < 700; at += 1) expect(seen, `message ${at}`).toContain(`message ${at}`)
})

it("marks the line that it jumps to, so that it can be answered", async () => {
  await start(100)
  rig.press("ctrl+f", "harbour")
  await rig.shows("1 of 1")
  rig.press("enter")
  await rig.shows("r answer", "message 41")
  rig.press("r")
  await rig.shows("answering bob: the harbour bell")
})

it("takes enter that comes before the answer for the words that stand there, not for those before", async () => {
  await start(100)
  rig.press("ctrl+f", "message 9")
  await rig.shows(/1 of/)
  rig.press("ctrl+u", "harbour", "enter")
  await rig.hides("Search in")
  await rig.shows("message 39", "the harbour bell")
  rig.press("r")
  await rig.shows("answering bob: the harbour bell")
})

it("goes to a day, and says what is no day, what is to come, and where nothing was said", async () => {
  await start(100)
  const day = new Date(START)
  const iso = `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`
  for (const [wrong, word] of [
    ["", "A date is written 2026-11-20, 20.11., yesterday or monday"],
    ["soon", '"soon" is none'],
    ["31.02.2024", "There is no day 31.2.2024."],
    ["2999-01-01", "is still to come"],
    ["yesterday", "Nothing was said on"],
  ] as const) {
    rig.press(`/date ${wrong}`, "enter")
    await rig.shows(word)
  }
  rig.press(`/date ${iso}`, "enter")
  await rig.shows(dayText(START), "deploy window moved", "esc goes back to where you were")
  rig.press("esc")
  await rig.shows("message 100")
  rig.press("/date 2001-01-01", "enter")
  await rig.shows("Nothing was said on Mon 1 Jan 2001: these are the first lines after it.")
})

it("goes to the first unread message, however many there are", async () => {
  await start()
  for (let at = 1; at <= 500; at += 1) core.says(train, "bob", `train ${at}`)
  await rig.shows(/release-train +50\d/)
  rig.press("alt+a")
  await rig.shows("train 500")
  rig.press("/unread", "enter")
  await rig.shows("50", "new messages", "1.4.0 is tagged", "train 1 ")
  rig.press("esc")
  await rig.shows("train 500")
  rig.press("alt+s")
  await rig.shows("hi all")
  rig.press("/unread", "enter")
  await rig.shows("Nothing was unread here.")
})
