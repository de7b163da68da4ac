/** F1 before a terminal: it begins with what works where one is, finds everything by a word, and loses nothing. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { ReaderRig } from "../fakes/reader-rig.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig

afterEach(async () => {
  await rig.close()
})

async function inOps(options: Partial<RigOptions> = {}): Promise<void> {
  rig = new ScreenRig({ core: busyHouse().core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all", "F1 help")
}

/** Titles of the rows under the heading, as far as they are on the screen. */
function rowsHere(): readonly string[] {
  const rows = rig.rows()
  const from = rows.findIndex((row) => /│ Here +│/.test(row))
  return rows.slice(from + 1).flatMap((row) => /│ [▸ ] (\S.*?) {2,}/.exec(row)?.[1] ?? [])
}

describe("the help", () => {
  it("begins with the letters of a selected message, finds what works elsewhere, and runs what is marked", async () => {
    await inOps()
    rig.press("ctrl+s")
    await rig.shows("r answer", "messages: ")
    rig.press("f1")
    await rig.shows(
      "Help: messages 1-",
      /Here/,
      /Message before +k +│/,
      /Delete the message for everybody +\/delete {2}d +│/,
    )
    expect(rowsHere().slice(0, 6)).toEqual([
      "Message before",
      "Next message",
      "First message in memory",
      "Last message",
      "Answer the message",
      "React to the message",
    ])
    rig.press("previous group")
    await rig.shows(/Groups +│/, /Previous group +alt\+up {2}ctrl\+up/)
    await rig.hides("Message before")
    rig.press("ctrl+u", "message before")
    await rig.shows("Here", "Message before")
    rig.press("enter")
    await rig.hides("Help: ")
    await rig.shows("messages: ")
  })

  it("begins with what is done with the marked member, and with the arrows", async () => {
    await inOps()
    rig.press("shift+tab")
    await rig.shows("▸MEMBERS")
    rig.press("f1")
    await rig.shows("Help: members", /Remove a member from this group +\/remove \[user\] {2}alt\+x/)
    expect(rowsHere().slice(0, 5)).toEqual([
      "Remove a member from this group",
      "Compare safety numbers with somebody",
      "Show your devices, or those of a member",
      "In panes and lists: up",
      "In panes and lists: down",
    ])
    rig.press("esc")
    await rig.hides("Help: ")
    await rig.shows("▸MEMBERS")
  })

  it("names vim's keys to whoever has chosen them", async () => {
    await inOps({ keys: { preset: "vim", keys: {} } })
    rig.press("tab")
    await rig.shows("▸GROUPS")
    rig.press("f1")
    await rig.shows("Help: groups", /In panes and lists: down +j {2}down/, /Go to the message +i +│/)
  })

  it("opens over a dialog with the keys of that, and gives it back with what was typed", async () => {
    await inOps()
    rig.press("alt+c", "pager", "down", "bob")
    await rig.shows("First members (optional): bob")
    rig.press("f1")
    await rig.shows("Help: this dialog", "In dialogs: down", "[Back: esc]")
    rig.press("quit", "enter")
    await rig.shows("Name: pager", "First members (optional): bob", "[Create: enter]")
    await rig.hides("Help: ")
    rig.press("f1")
    await rig.shows("Help: this dialog")
    rig.press("esc")
    await rig.shows("First members (optional): bob")
    rig.press("esc")
    await rig.hides("Create a group")
    rig.press("/verify bob", "enter")
    await rig.shows("Compare with bob")
    rig.press("f1")
    await rig.shows("Help: comparing", /Comparing: it matches +m/)
    rig.press("f1", "esc")
    await rig.shows("Compare with bob")
  })

  it("does not hide what is still waiting for an answer", async () => {
    const { core } = busyHouse()
    rig = new ScreenRig({ core, columns: 120, rows: 36 })
    await rig.shows("hi all")
    rig.press("alt+c", "pager", "down", "bob")
    await rig.shows("First members (optional): bob")
    let answer: () => void = () => undefined
    core.gate = new Promise((resolve) => (answer = resolve))
    rig.press("enter")
    await rig.shows("Looking for them")
    rig.press("f1")
    core.gate = undefined
    answer()
    await rig.shows("bob was invited.")
    await rig.hides("Help: ")
  })

  it("says in plain lines where the first of each section begins", async () => {
    const reader = new ReaderRig({ core: busyHouse().core })
    rig = reader
    await reader.opsAreOpen()
    rig.press("/help", "enter")
    await rig.shows("Help: writing", /^1\. Here: Send the message, enter$/m, /^2\. New line in the message, /m)
    expect(reader.lines).not.toContain("Here")
    rig.press("answer the message", "enter")
    await rig.shows(/^1\. Messages: Answer the message, \/reply \[text\], r$/m)
    rig.press("esc")
    await rig.shows("Closed: Help: writing")
    rig.press("ctrl+s")
    await rig.shows("The arrow keys go from message to message.")
    rig.press("f1")
    await rig.shows("Help: messages", /^1\. Here: Message before, k$/m)
  })
})
