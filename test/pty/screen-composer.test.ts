/** Writing with help: names, emoji and commands are completed; an editor of the person's own. With a scripted core. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"
import type { Written } from "../../tui/external-editor.ts"
import type { ScreenPorts } from "../../tui/screen/run.tsx"
import { ENTER_SCREEN } from "../../tui/screen/terminal-modes.ts"

let rig: ScreenRig
let core: FakeCore
let ops: string

async function start(options: Partial<RigOptions> = {}): Promise<void> {
  ;({ core, ops } = busyHouse())
  rig = new ScreenRig({ core, columns: 120, rows: 36, ...options })
  await rig.shows("hi all", "enter send")
}

const sent = (text: string): Promise<void> => until(text, () => core.calls.includes(`send ops-oncall ${text}`))

afterEach(async () => {
  await rig.close()
})

describe("what is not completed", () => {
  it("is oneself, a stranger, and an address: tab goes to the next pane", async () => {
    await start()
    for (const text of ["@al", "@mallory", "bob@ca"]) {
      rig.press(text)
      await rig.shows(`> ${text}`)
      expect(rig.has("tab completes")).toBe(false)
      rig.press("tab")
      await rig.shows("groups: up, down")
      rig.press("esc")
      await rig.shows("enter send")
      rig.press("ctrl+u")
      await rig.hides(`> ${text}`)
    }
  })

  it("is a word that is offered when enter is pressed: the text goes as it was written", async () => {
    await start()
    rig.press("hello @ca")
    await rig.shows("@carol", "tab completes")
    rig.press("enter")
    await sent("hello @ca")
  })

  it("is what was dropped with escape, until another word is written", async () => {
    await start()
    rig.press("hey @ca")
    await rig.shows("tab completes")
    rig.press("esc")
    await rig.hides("tab completes")
    rig.press("r", "tab")
    await rig.shows("groups: up, down")
    rig.press("esc")
    await rig.shows("enter send")
    rig.press(" @b")
    await rig.shows("> hey @car @b", "@bob", "tab completes")
  })
})

describe("a name", () => {
  it("is taken with tab, the next with another, the one before with shift+tab, and is followed by a space", async () => {
    await start()
    rig.press("@")
    await rig.shows("@bob  @carol  @dave", "tab completes")
    rig.press("tab")
    await rig.shows("> @bob", "tab next")
    rig.press("tab")
    await rig.shows("> @carol")
    rig.press("tab", "tab")
    await rig.shows("> @bob")
    rig.press("shift+tab")
    await rig.shows("> @dave")
    rig.press("look", "enter")
    await sent("@dave look")
  })

  it("that is the only one is taken at once, and tab goes on to the panes", async () => {
    await start()
    rig.press("@DA", "tab")
    await rig.shows("> @dave", "enter send")
    rig.press("tab")
    await rig.shows("groups: up, down")
  })

  it("is offered on a screen that has no row for hints", async () => {
    rig = new ScreenRig({ core: busyHouse().core, columns: 40, rows: 10 })
    await rig.shows("hi all")
    rig.press("@c")
    await rig.shows("@carol", "tab completes")
  })
})

describe("by name", () => {
  it("an emoji is offered from two letters on", async () => {
    await start()
    rig.press(":t")
    await rig.shows("> :t")
    expect(rig.has("tab completes")).toBe(false)
    rig.press("hu")
    await rig.shows(/👍 +:thumbsup:/, "tab completes")
    rig.press("tab", "enter")
    await sent("👍 ")
  })

  it("a command is completed, and written on", async () => {
    await start()
    rig.press("/sor", "tab")
    await rig.shows("> /sort")
    rig.press("name", "enter")
    await rig.shows("Groups: by name.")
  })
})

describe("the person's own editor", () => {
  it("that fails leaves the text as it was, and says why", async () => {
    await start({ editText: async () => ({ kind: "refused", problem: "The editor failed." }) })
    rig.press("begun", "ctrl+o")
    await rig.shows("The editor failed.", "> begun")
    rig.press("ctrl+u", "/editor other words", "enter")
    await rig.shows("> other words")
  })

  it("does not bring the screen back once the program was left meanwhile", async () => {
    const editor = heldEditor()
    await start({ editText: editor.editText })
    rig.press("begun", "ctrl+o")
    await until("the editor", () => editor.given() === "begun")
    rig.screen.leave()
    editor.end({ kind: "text", text: "too late" })
    await rig.screen.ended
    expect(rig.screen.holdsTerminal()).toBe(false)
  })

  it("has the terminal to itself, and what it wrote is text, a slash at its beginning too", async () => {
    const editor = heldEditor()
    await start({ editText: editor.editText })
    rig.press("begun", "ctrl+o")
    await until("the editor", () => editor.given() === "begun")
    expect(rig.screen.holdsTerminal()).toBe(false)
    const before = rig.written.length
    core.says(ops, "bob", "meanwhile")
    rig.resize(100, 30)
    editor.end({ kind: "text", text: "/leave it\nto me" })
    await rig.shows("meanwhile", "> /leave it", "to me")
    expect(rig.written.slice(before).startsWith(ENTER_SCREEN)).toBe(true)
    rig.press("enter")
    await sent("/leave it\nto me")
  })

  it("brings the text to the group where the conversation goes on by then", async () => {
    const editor = heldEditor()
    await start({ editText: editor.editText })
    rig.press("ctrl+o")
    await until("the editor", () => editor.given() === "")
    const successor = core.group("ops-oncall", ["alice", "bob"], { epoch: 2 })
    core.says(successor, "bob", "we are here now")
    core.tell({ kind: "groupGone", groupId: ops, successor })
    core.tell({ kind: "lagged" })
    editor.end({ kind: "text", text: "coming along" })
    await rig.shows("we are here now", "> coming along")
  })

  it("is undone in one step, and changes nothing when it changed nothing", async () => {
    await start({ editText: async (text) => ({ kind: "text", text: text === "begun" ? "ended" : text }) })
    rig.press("begun", "ctrl+o")
    await rig.shows("> ended")
    rig.press("\u001f")
    await rig.shows("> begun")
    rig.press("ctrl+u", "/sort name", "ctrl+o", "enter")
    await rig.shows("Groups: by name.")
  })
})

interface HeldEditor {
  readonly editText: ScreenPorts["editText"]
  /** The text it has. */
  readonly given: () => string | undefined
  readonly end: (written: Written) => void
}

/** Runs until it is ended. */
function heldEditor(): HeldEditor {
  let given: string | undefined
  let finish: (written: Written) => void = () => undefined
  const ended = new Promise<Written>((resolve) => (finish = resolve))
  return {
    editText: (text) => {
      given = text
      return ended
    },
    given: () => given,
    end: finish,
  }
}
