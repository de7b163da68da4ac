/** The whole screen with a scripted core, before a terminal emulator: what a person sees and presses. */
import { afterEach, describe, expect, it } from "vitest"
import { COMMANDS } from "../../tui/screen/commands.ts"
import { busyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { fingerprintOf } from "../fakes/fake-gate.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ScreenRig

const start = (options: RigOptions): ScreenRig => (rig = new ScreenRig(options))

afterEach(async () => {
  await rig.close()
})

describe("the chat", () => {
  it("opens the first group with its history, its new messages marked, and counts what is unread elsewhere", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("# ops-oncall", "09:13 bob", "runbook: https://wiki.example/rb/42", "3 new messages")
    await rig.shows("epoch 11 → 12: alice added dave", /# release-train +2/, "Fri 20 Nov 2026", "● online 12 ms")
  })

  it("shows a message from somebody else without a key being pressed", async () => {
    const { core, ops, train } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    core.says(ops, "carol", "this came by itself")
    await rig.shows("this came by itself")
    core.says(train, "bob", "and one there")
    await rig.shows(/# release-train +3/)
  })

  it("sends what was typed, and shows how far it came", async () => {
    const { core, ops } = busyHouse()
    core.delivers = false
    start({ core, columns: 120, rows: 36 })
    await rig.shows("hi all")
    rig.press("on my way")
    await rig.shows("> on my way")
    expect(rig.cursor().column).toBe("> on my way".length)
    rig.press("enter")
    await rig.shows(/you +on my way +… queued/, "1 queued")
    expect(core.calls).toContain("send ops-oncall on my way")
    const [sent] = (await core.timeline({ groupId: ops, limit: 1 })).slice(-1)
    core.deliver(sent?.id ?? "")
    await rig.shows(/you +on my way +✓/, "0 queued")
  })

  it("takes text and enter from one chunk", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("one chunk\r")
    await until("the message", () => core.calls.includes("send ops-oncall one chunk"))
  })

  it("gives a text back that was refused", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    core.failures.set("send", "E036")
    rig.press("not lost", "enter")
    await rig.shows("> not lost", "not a member of the group")
  })

  it("writes several lines and pastes text that begins with a slash", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("one", "alt+enter", "two", "enter")
    await until("two lines", () => core.calls.includes("send ops-oncall one\ntwo"))
    rig.press("\u001b[200~/quit\u001b[201~")
    await rig.shows("> /quit")
    rig.press("enter")
    await until("a text", () => core.calls.includes("send ops-oncall /quit"))
    rig.press("//etc", "enter")
    await until("a slash", () => core.calls.includes("send ops-oncall /etc"))
  })

  it("moves between groups by keys, and reading marks as read", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("draft here", "alt+a")
    await rig.shows("1.4.0 is tagged", "2 new messages", "▸ # release-train")
    await rig.hides(/# release-train +2 │/, "draft here")
    expect((await core.groups()).find(({ name }) => name === "release-train")?.unread).toBe(0)
    rig.press("alt+s")
    await rig.shows("> draft here", "▸ # ops-oncall")
    rig.press("\u001b3")
    await rig.shows("▸ # design")
    rig.press("ctrl+k")
    await rig.shows("Go to group", "[Open: enter]")
    rig.press("train", "enter")
    await rig.shows("▸ # release-train")
  })

  it("creates a group by the keys the empty screen names", async () => {
    const core = new FakeCore()
    start({ core })
    await rig.shows("No groups yet.", "c  create a group", "your name: alice")
    rig.press("c")
    await rig.shows("Create a group", "[Create: enter]")
    rig.press("enter")
    await rig.shows("A group needs a name.")
    rig.press("book club", "enter")
    await rig.shows("# book club", "Only you here. alt+i invites someone.")
    expect(core.calls).toContain("create book club hybrid")
  })

  it("invites by the keys that stand on the screen", async () => {
    const { core } = busyHouse()
    core.users.add("frank")
    start({ core, columns: 120, rows: 36 })
    await rig.shows("hi all", "alt+i")
    rig.press("alt+i")
    await rig.shows("Invite to # ops-oncall", "User:", "[Look up: enter]", "[Cancel: esc]")
    rig.press("frnak", "enter")
    await rig.shows("No such user")
    rig.press("backspace", "backspace", "backspace", "ank", "enter")
    await rig.shows("Safety check", fingerprintOf("frank"), "first contact", "[Invite: enter]")
    await rig.shows("5 members, epoch 12 → 13, PQ. frank cannot read older")
    expect(core.calls).toEqual([])
    rig.press("enter")
    await rig.shows("epoch 12 → 13: alice added frank", "frank was invited.", /frank +\?/)
    expect(core.calls).toContain("invite ops-oncall frank")
  })

  it("closes a dialog with escape, and nothing happened", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("alt+i")
    await rig.shows("[Cancel: esc]")
    rig.press("esc")
    await rig.hides("[Cancel: esc]")
    expect(core.calls).toEqual([])
  })

  it("shows an invitation as it comes and accepts it", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    core.invited("book-club", "erin")
    await rig.shows("INVITES (1)", "1 invite (alt+j)")
    rig.press("alt+j")
    await rig.shows("# book-club", "from erin", "[Accept: enter]")
    rig.press("enter")
    await rig.shows("▸ # book-club")
    expect(core.calls).toContain("accept book-club")
    await rig.hides("INVITES")
  })

  it("lists every command in the help, and finds one by a word", async () => {
    const { core } = busyHouse()
    start({ core, columns: 120, rows: 160 })
    await rig.shows("hi all")
    rig.press("f1")
    await rig.shows("Help", ...COMMANDS.map(({ title }) => title))
    rig.press("palette")
    await rig.hides("Previous group")
    rig.press("esc")
    await rig.hides("Search:")
    rig.press("tab", "?")
    await rig.shows("Search:")
  })

  it("offers the nearest command, and runs one from the palette", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("/invi")
    await rig.shows("/invite  /invites")
    rig.press("tes", "ctrl+c", "/hepl", "enter")
    await rig.shows("There is no command /hepl: did you mean /help?")
    rig.press("ctrl+c", "ctrl+p")
    await rig.shows("Commands", "[Run: enter]")
    rig.press("connection", "enter")
    await rig.shows("Status", fingerprintOf("alice"))
  })

  it("reads older messages while scrolling up, and returns to the newest", async () => {
    const core = new FakeCore()
    const group = core.group("long", ["alice", "bob"])
    for (let at = 1; at <= 450; at += 1) core.says(group, "bob", `line ${at}.`, 0)
    start({ core })
    await rig.shows("line 450.")
    for (let page = 0; page < 40; page += 1) {
      rig.press("pageup")
      await rig.shows("alt+end returns")
    }
    await until("older rows", () => {
      rig.press("pageup")
      return rig.has("line 1.")
    })
    core.says(group, "bob", "line 451.")
    rig.press("alt+end")
    await rig.shows("line 451.")
    await rig.hides("alt+end returns")
  })

  it("says how the link is", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("● online")
    core.setLink({ state: "reconnecting", tries: 3, retryAt: Date.now() + 60_000, code: "E054" })
    await rig.shows(/○ reconnecting in (60|59) s \(try 3\)/)
    core.setLink({ state: "refused", code: "E056" })
    await rig.shows("✕ server certificate changed")
    core.setLink({ state: "expired", code: "E002" })
    await rig.shows("✕ login expired: /status")
    rig.press("/status", "enter")
    await rig.shows("Log in again with `qpq login alice`.", "Then start this program anew.")
  })

  it("clears the line with ctrl+c, and quits with the second one", async () => {
    const { core } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    rig.press("some text")
    await rig.shows("> some text")
    rig.press("ctrl+c")
    await rig.hides("some text")
    rig.press("x", "backspace", "ctrl+c")
    await rig.shows("Press ctrl+c again to quit.")
    rig.press("ctrl+c")
    await rig.screen.ended
    expect(core.calls).toContain("close")
  })

  it("reads everything anew when it was too slow for the events", async () => {
    const { core, ops } = busyHouse()
    start({ core })
    await rig.shows("hi all")
    const missed = core.says(ops, "bob", "one of very many")
    core.tell({ kind: "lagged" })
    await rig.shows(missed.text)
  })
})
