/** One message at a time, with a scripted core: selected, answered, reacted to, edited, deleted, copied. */
import { afterEach, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let rig: ScreenRig
let core: FakeCore
let groupId: string

async function start(columns = 120): Promise<void> {
  core = busyHouse().core
  rig = new ScreenRig({ core, columns, rows: 36 })
  await rig.shows("hi all")
  groupId = (await core.groups()).find(({ name }) => name === "ops-oncall")?.groupId ?? ""
}

afterEach(async () => {
  await rig.close()
})

it("answers the one that is selected, and says so until it is sent", async () => {
  await start()
  core.says(groupId, "bob", "who holds the pager?")
  core.says(groupId, "carol", "lunch?")
  await rig.shows("lunch?")
  rig.press("up", "up")
  await rig.shows("r answer", "+ react", "y copy", "esc back")
  // Only what is one's own can be changed.
  await rig.hides("d delete", "e edit")
  rig.press("r")
  await rig.shows("answering bob: who holds the pager?", "esc: no answer")
  rig.press("I do", "enter")
  await rig.shows("↳ bob: who holds the pager?", "I do")
  await rig.hides("answering bob")
  rig.press("k", "enter")
  await rig.shows(/you +k/)
})

it("takes each of several keys that came in one piece, as over a slow line", async () => {
  await start()
  core.says(groupId, "bob", "who holds the pager?")
  core.says(groupId, "carol", "lunch?")
  core.says(groupId, "dave", "in an hour")
  await rig.shows("in an hour")
  rig.press("ctrl+s", "kkrI do")
  await rig.shows("answering bob: who holds the pager?", "> I do")
})

it("answers nothing after escape, and keeps what was written", async () => {
  await start()
  core.says(groupId, "bob", "lunch?")
  await rig.shows("lunch?")
  rig.press("/reply", "enter")
  await rig.shows("answering bob: lunch?")
  rig.press("at noon", "esc")
  await rig.hides("answering bob")
  rig.press("enter")
  await rig.shows(/you +at noon/)
  await rig.hides("↳ bob")
})

it("shows reactions, one of each person, and takes one's own back", async () => {
  await start()
  const { id } = core.says(groupId, "bob", "deployed")
  await rig.shows("deployed")
  core.reacts("carol", id, "🎉")
  await rig.shows(/🎉 +1/)
  rig.press("ctrl+s", "+")
  await rig.shows("React", "celebrating", "[React: enter]")
  rig.press("celeb", "enter")
  await rig.shows(/🎉 +2 you/)
  rig.press("esc")
  await rig.hides("r answer")
  rig.press("/react 🦀", "enter")
  await rig.shows(/🎉 +1 +🦀 +1 you/)
  rig.press("ctrl+s", "+", "take", "enter")
  await rig.hides("🦀")
})

it("edits one's own message, and no other's", async () => {
  await start()
  rig.press("deploy at 14:00", "enter")
  await rig.shows("✓")
  core.says(groupId, "bob", "ok")
  await rig.shows(/bob +ok/)
  rig.press("up", "e")
  await rig.shows("Not with this message: edit the message.")
  rig.press("k", "e")
  await rig.shows("editing your message", "> deploy at 14:00")
  rig.press("backspace", "backspace", "30", "enter")
  await rig.shows("deploy at 14:30 (edited)")
  await rig.hides("editing your message")
})

it("asks before it deletes, and what answered it shows that it is gone", async () => {
  await start()
  rig.press("in anger", "enter")
  await rig.shows("✓")
  rig.press("/reply", "enter")
  await rig.hides("answering you")
  rig.press("esc", "up", "d")
  await rig.shows("Delete it for everybody?", "[Cancel: esc]")
  rig.press("esc")
  await rig.hides("Delete it for everybody?")
  rig.press("d")
  await rig.shows("[Delete: enter]")
  rig.press("enter")
  await rig.shows("(deleted)")
  await rig.hides("in anger")
})

it("copies a message to the terminal's clipboard, and nothing but its text", async () => {
  await start()
  core.says(groupId, "bob", "ssh host -p 22")
  await rig.shows("ssh host")
  rig.press("up", "y")
  await rig.shows("Copied")
  expect(rig.written).toContain(`\u001b]52;c;${Buffer.from("ssh host -p 22").toString("base64")}\u0007`)
})

it("finds what one has sent, to write it again", async () => {
  await start()
  for (const text of ["git push", "make test"]) rig.press(text, "enter")
  await rig.shows("make test")
  rig.press("ctrl+r", "git")
  await rig.shows("Texts you have sent", "git push", "[Write again: enter]")
  rig.press("enter")
  await rig.shows("> git push")
})

it("keeps the selected message in view, however far one goes", async () => {
  await start(80)
  for (let at = 1; at <= 60; at++) core.says(groupId, "bob", `message ${at}`)
  await rig.shows("message 60")
  rig.press("up")
  for (let at = 0; at < 45; at++) rig.press("k")
  await rig.shows("message 15")
  rig.press("y", "G")
  await rig.shows("message 60")
  expect(rig.written).toContain(Buffer.from("message 15").toString("base64"))
})

it("shows of 10,000 reactions, and of reactions that are none, only so much", async () => {
  await start()
  const { id } = core.says(groupId, "bob", "look at me")
  await rig.shows("look at me")
  for (let at = 0; at < 500; at++) core.reacts(`user${at}`, id, `${String.fromCodePoint(0x1f600 + (at % 80))}${at}`)
  core.reacts("mallory", id, "\u001b[2Jboo\u202e")
  await rig.shows("and 493 more")
  expect(rig.text()).not.toContain("boo\u202e")
  expect(rig.written.split("\u001b[2J").length).toBeLessThanOrEqual(2)
})
