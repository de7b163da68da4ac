/** Keys as configured, before a terminal: what the screen names is what works. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"

let rig: ScreenRig

const start = (options: RigOptions): ScreenRig => (rig = new ScreenRig({ columns: 120, rows: 36, ...options }))

afterEach(async () => {
  await rig.close()
})

describe("emacs' keys", () => {
  it("delete to the end of the line with ctrl+k, move by lines, and name the keys that other commands have now", async () => {
    start({ core: busyHouse().core, keys: { preset: "emacs", keys: {} } })
    await rig.shows("hi all", "alt+g switch", "alt+x commands", /alt\+r +remove/)
    await rig.hides("ctrl+k", "alt+x  remove")
    rig.press("one", "alt+enter", "two", "ctrl+p", "\u0001", "ctrl+k")
    await rig.shows(/> $/m, "two")
    await rig.hides("Commands")
    rig.press("\u001bx")
    await rig.shows("Commands", /Switch to a group +\/go \[group\] {2}alt\+g/)
    rig.press("\u0007")
    await rig.hides("Switch to a group")
    rig.press("\u001bg")
    await rig.shows("Go to group")
  })
})

describe("vim's keys", () => {
  it("move in panes and lists without writing, however many the terminal sends at once", async () => {
    start({ core: busyHouse().core, keys: { preset: "vim", keys: {} } })
    await rig.shows("hi all", "enter send")
    rig.press("tab")
    await rig.shows("▸GROUPS", "groups: k, j, enter open")
    rig.press("jj", "enter")
    await rig.shows("▸ # design")
    rig.press("tab", "g", "enter")
    await rig.shows("▸ # ops-oncall", "> ")
    await rig.hides("> jj", "> g")
    rig.press("tab", "i", "jk is text here")
    await rig.shows("> jk is text here", "enter send")
  })

  it("open all commands with a colon where nothing is written, and invitations with I", async () => {
    const { core } = busyHouse()
    core.invited("book-club", "erin")
    core.invited("chess", "dave")
    start({ core, keys: { preset: "vim", keys: {} } })
    await rig.shows("hi all", "book-club")
    rig.press("tab", "I")
    await rig.shows("▸ # book-club", "[Decline: d]")
    rig.press("j")
    await rig.shows("▸ # chess")
    rig.press("esc")
    await rig.hides("# chess")
    rig.press(":")
    await rig.shows("Commands", "Search: ")
  })

  it("name in the empty screen what works in it", async () => {
    start({ core: new FakeCore(), keys: { preset: "vim", keys: {} } })
    await rig.shows("c  create a group", "I  see invites")
    rig.press("I")
    await rig.shows("No invitations wait.")
  })
})

describe("keys of one's own", () => {
  it("stand on the screen, and work", async () => {
    const keys = { "group.switch": ["f6"], "help.open": ["f7"], "group.invite": ["f8"], "edit.wordLeft": ["f10"] }
    start({ core: busyHouse().core, keys: { preset: "default", keys } })
    await rig.shows("hi all", "F6 switch", "F7 help", /F8 +invite/, /GROUPS +F6/)
    await rig.hides("F1", "ctrl+k", "alt+i")
    rig.press("one two", "\u001b[21~", "x")
    await rig.shows("> one xtwo")
    rig.press("\u001b[19~")
    await rig.shows("Invite to # ops-oncall")
    rig.press("esc", "\u001b[17~")
    await rig.shows("Go to group")
  })

  it("are not named where there are none; the command's name stands there instead", async () => {
    const none = ["group.invite", "group.switch", "help.open", "palette.open", "message.send", "quit", "invites.open"]
    const core = new FakeCore()
    core.group("alone", ["alice"])
    start({ core, keys: { preset: "default", keys: Object.fromEntries(none.map((id) => [id, []])) } })
    await rig.shows("Only you here. /invite invites someone.", "alt+enter newline")
    await rig.hides("undefined", "enter send", " help")
    rig.press("ctrl+c")
    await rig.shows("Press ctrl+c again to quit.")
    rig.press("ctrl+q")
    expect(rig.has("Only you here")).toBe(true)
  })
})
