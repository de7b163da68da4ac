/** Plain lines for a screen reader: everything the screen can do, by what is printed alone. */
import { afterEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { BusyHouse } from "../fakes/busy-house.ts"
import { FakeCore } from "../fakes/fake-core.ts"
import { START } from "../fakes/fake-group.ts"
import { ReaderRig } from "../fakes/reader-rig.ts"
import type { RigOptions } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"

let rig: ReaderRig

const start = (options: RigOptions): ReaderRig => (rig = new ReaderRig(options))

afterEach(async () => {
  await rig.close()
})

async function inOps(more: Partial<RigOptions> = {}): Promise<BusyHouse> {
  const house = busyHouse()
  start({ core: house.core, ...more })
  await rig.opsAreOpen()
  return house
}

describe("the beginning", () => {
  it("goes from the first question to a group by numbers and words", async () => {
    const core = new FakeCore({ profile: "new" })
    start({ core })
    await rig.shows(
      "qpq: Where is your server?",
      "1. Start one on this computer",
      "Number? Enter alone takes the first.",
    )
    rig.press("3", "backspace", "1", "enter")
    await rig.shows("1. Register a new account", "2. Log in to an account I have")
    rig.press("7", "enter")
    await rig.shows("There is no 7: type a number from 1 to 3.")
    rig.press("enter")
    await rig.shows("Name?", "Nobody can reset it")
    rig.press("frank", "enter")
    await rig.shows("Password?")
    rig.press("secret words")
    await rig.writes("************")
    rig.press("enter", "secret", "enter")
    await rig.shows("Again?", "The two passwords differ.")
    rig.press(" words", "enter")
    await rig.shows("You are frank. Your fingerprint:", "enter: Start, ctrl+q: Quit")
    rig.press("enter")
    await rig.shows("You are frank. 0 groups.", "No groups yet. /create makes one")
    expect(rig.written).not.toContain("secret")
    rig.press("/create ops", "enter")
    await rig.shows("# ops: 1 member, epoch 0, post-quantum. Only you here. /invite invites someone.")
    expect(rig.lines.filter((line) => line.includes("Only you here"))).toHaveLength(1)
  })

  it("is chosen in the first question of the screen, left again there, and remembered", async () => {
    const core = new FakeCore({ profile: "new" })
    rig = new ReaderRig({ core, isRead: false, rows: 40, columns: 100 })
    await rig.shows("Where is your server?", "First switch to plain lines, for a screen reader")
    rig.press("down", "down", "enter")
    await until("plain lines", () => rig.terminal.buffer.active.type === "normal")
    await rig.shows("qpq in plain lines", "1. Start one on this computer", "3. First switch to the full screen")
    expect(rig.remembered).toBe(true)
    rig.press("3", "enter")
    await until("the screen", () => rig.terminal.buffer.active.type === "alternate")
    await rig.shows("Where is your server?")
    expect(rig.remembered).toBe(false)
    rig.press("down", "down", "enter")
    await until("plain lines again", () => rig.terminal.buffer.active.type === "normal")
    // What stands before belongs to the screen.
    rig.written = ""
  })

  it("says who is here and what is unread, and reads nothing of it before it is asked to", async () => {
    const { core } = await inOps()
    await rig.shows("You are alice. 3 groups. /help lists all commands", "5 unread messages: /unread says where.")
    await rig.shows("3 new messages: /unread reads them.")
    expect(rig.text()).not.toContain("hi all")
    rig.press("/unread", "enter")
    await rig.shows("5 unread messages in 2 groups.", "# release-train: 2", "# ops-oncall, which is open: 3")
    await rig.shows("dave, ", ": hi all 👋")
    expect(core.calls).toEqual([])
  })
})

describe("a conversation", () => {
  it("has each message as one line, one's own too", async () => {
    const { core, ops } = await inOps()
    core.says(ops, "bob", "looks right to me")
    await rig.shows(/^bob, \d+:\d\d: looks right to me$/m)
    rig.press("confirmed", "enter")
    await rig.shows(/^you, \d+:\d\d: confirmed$/m)
    await rig.writes("")
    expect(rig.text()).not.toMatch(/^sent/m)
  })

  it("says that a message was sent where that is wished, and that it waits where there is no connection", async () => {
    const { core } = await inOps({ saysSent: true })
    core.delivers = false
    rig.press("one", "enter")
    await rig.shows(/: one$/m)
    const [first] = (await core.timeline({ limit: 1 })).map(({ id }) => id)
    core.deliver(first ?? "")
    await rig.shows(/^sent$/m)
    core.setLink({ state: "offline", since: START })
    await until("offline", () => true)
    rig.press("two", "enter")
    await rig.shows(/^you, \d+:\d\d, waiting to be sent: two$/m)
    const [second] = (await core.timeline({ limit: 1 })).map(({ id }) => id)
    core.deliver(second ?? "")
    await rig.shows('sent: "two"')
  })

  it("loses nothing of what is being typed when a line comes, nor the place of the cursor", async () => {
    const { core, ops } = await inOps()
    rig.press("half a thought", "left", "left", "left")
    await rig.writes("half a thought")
    for (let at = 0; at < 5; at += 1) core.says(ops, "bob", `in between ${at}`)
    await rig.shows("in between 4")
    await rig.writes("half a thought")
    expect(rig.cursor().column).toBe("half a thou".length)
    rig.press("XX")
    await rig.writes("half a thouXXght")
  })

  it("says what was begun in a conversation when it is gone to again", async () => {
    await inOps()
    rig.press("not finished")
    await rig.writes("not finished")
    rig.press("alt+2")
    await rig.shows("# release-train: 2 members")
    await rig.writes("")
    rig.press("alt+s")
    await rig.shows("Begun here and not sent: not finished")
    await rig.writes("not finished")
  })

  it("says of other groups how much is new, and nothing of those that are muted", async () => {
    const { core, train } = await inOps()
    core.says(train, "bob", "not read out")
    await rig.shows("# release-train: 1 new message, 3 unread")
    await core.setNotify(train, "nothing")
    core.says(train, "bob", "not told")
    await core.setNotify(train, "nothing")
    rig.press("x")
    await rig.writes("x")
    expect(rig.text()).not.toMatch(/not read out|not told|4 unread/)
  })

  it("says who joined and left, what was edited, deleted and reacted to", async () => {
    const { core, ops } = await inOps()
    core.change(ops, "bob", { added: ["erin"] })
    const row = core.says(ops, "bob", "a typo hre")
    await rig.shows("bob added erin, epoch 13", "a typo hre")
    core.reacts("carol", row.id, "👍")
    await rig.shows('carol reacts 👍 to bob: "a typo hre"')
    await core.edit({ groupId: ops, sender: "bob", id: row.id }, "a typo here")
    await rig.shows('bob changed "a typo hre" to: a typo here')
    await core.delete({ groupId: ops, sender: "bob", id: row.id })
    await rig.shows('bob deleted "a typo here"')
  })

  it("sums up what came while one was away, and reads it when asked", async () => {
    const { core, ops, train } = await inOps()
    core.setLink({ state: "online", since: START + 10, lastSync: START })
    for (let at = 0; at < 9; at += 1) core.says(ops, "bob", `missed ${at}`)
    for (let at = 0; at < 3; at += 1) core.says(train, "bob", `elsewhere ${at}`)
    core.setLink({ lastSync: START + 20 })
    await rig.shows("12 new messages in 2 groups while you were away. /unread says more.")
    expect(rig.text()).not.toMatch(/missed|elsewhere/)
    rig.press("/unread", "enter")
    await rig.shows("missed 0", "missed 8", "# release-train: 5")
    core.setLink({ state: "online", since: START + 30 })
    core.says(ops, "bob", "only this")
    core.setLink({ lastSync: START + 40 })
    await rig.shows(/^bob, .*: only this$/m)
  })

  it("completes names and commands, and says what was taken", async () => {
    await inOps()
    rig.press("@", "tab")
    await rig.shows("@bob, 1 of 3")
    await rig.writes("@bob")
    rig.press("tab")
    await rig.shows("@carol, 2 of 3")
  })

  it("is written in lines, of which the one with the cursor is seen", async () => {
    const { core } = await inOps()
    rig.press("one", "alt+enter", "two")
    await rig.writes("2/2: two")
    rig.press("up")
    await rig.writes("1/2: one")
    rig.press("enter")
    await until("sent", () => core.calls.some((call) => call === "send ops-oncall one\ntwo"))
    await rig.shows(/^you, .*: one\nyou: two$/m)
  })
})

describe("looking back", () => {
  it("reads message after message, and answers, edits and reacts from there", async () => {
    const { core } = await inOps()
    rig.press("up")
    await rig.shows(/^dave, .*: hi all 👋$/m, "The arrow keys go from message to message. r answers")
    rig.press("up", "up")
    await rig.shows(/^carol, .*can someone review/m, /^you, .*ack, I hold the pager/m)
    rig.press("down", "r")
    await rig.shows("Answering carol: can someone review !118?. esc: no answer.")
    await rig.writes("answer:")
    rig.press("I can", "enter")
    await rig.shows(/^you, \d+:\d\d, answering carol on "can someone review !118\?": I can$/m)
    rig.press("up", "G", "e")
    await rig.shows("Editing your message. esc: leave it as it was.")
    await rig.writes("edit: I can")
    rig.press(" and will", "enter")
    await rig.shows('you changed "I can" to: I can and will')
    rig.press("up", "G", "+")
    await rig.shows("React", "1. 👍, yes, good")
    rig.press("5", "enter")
    await until("the reaction", () => rig.has("alice reacts 🎉"))
    expect(core.calls.some((call) => call.startsWith("send"))).toBe(true)
  })

  it("reads pages of the past, and comes back", async () => {
    const core = new FakeCore()
    const ops = core.group("ops", ["alice", "bob"])
    for (let at = 1; at <= 45; at += 1) core.says(ops, "bob", `text ${at}`)
    start({ core })
    await rig.shows("# ops: 2 members")
    rig.press("pageup")
    await rig.shows("10 lines of Fri 20 Nov 2026:", /: text 36$/m, /: text 45$/m)
    rig.press("pageup")
    await rig.shows(/: text 26$/m, /: text 35$/m)
    expect(rig.text()).not.toMatch(/: text 25$/m)
    rig.press("alt+home")
    await rig.shows(/: text 1$/m, /: text 10$/m)
    rig.press("esc")
    await rig.shows("Back at the newest message.")
    rig.press("/read 2", "enter")
    await until("again", () => rig.lines.filter((line) => line.endsWith(": text 45")).length === 2)
  })

  it("finds words, everywhere if wished, and goes to what is chosen by its number", async () => {
    await inOps()
    rig.press("/search review", "enter")
    await rig.shows(
      "Search in # ops-oncall",
      /^1\. .*carol.*can someone review/m,
      "Number? Or other words to look for.",
    )
    rig.press("nothing of it", "enter")
    await rig.shows(/Nothing found\./)
    rig.press("ctrl+f")
    await rig.shows("Search in all groups")
    rig.press("tagged", "enter")
    await rig.shows(/^1\. .*release-train.*1\.4\.0 is tagged/m)
    rig.press("1", "enter")
    await rig.shows("# release-train: 2 members", /^bob, .*: 1\.4\.0 is tagged$/m)
  })
})
