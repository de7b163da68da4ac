/** What passes, as a person sees it: who has read, who is writing, what disappears, and what is known of one message. */
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeCore } from "../fakes/fake-core.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"

let core: FakeCore
let rig: ScreenRig
let groupId: string

beforeEach(() => {
  core = new FakeCore()
  groupId = core.group("ops", ["alice", "bob", "carol"])
})
afterEach(async () => {
  await rig.close()
})

async function open(options: { columns?: number; rows?: number; ascii?: boolean } = {}): Promise<void> {
  rig = new ScreenRig({ core, columns: 100, rows: 24, ...options })
  await rig.shows("# ops")
}

const slash = (text: string): void => {
  rig.press(text, "enter")
}

describe("receipts", () => {
  it("stand at the end of one's own lines: how many have got it, then how many have read it", async () => {
    const id = await core.send(groupId, "confirmed")
    await open()
    await rig.shows(/confirmed\s+✓/)
    core.sees("bob", id, "delivered")
    await rig.shows("✓✓ got 1")
    core.sees("bob", id)
    core.sees("carol", id)
    await rig.shows("✓✓ read 2")
  })

  it("are a mark alone where there is little room, and words in ASCII", async () => {
    const id = await core.send(groupId, "confirmed")
    core.sees("bob", id, "delivered")
    await open({ columns: 56 })
    await rig.shows(/confirmed\s+✓\s/)
    core.sees("bob", id)
    await rig.shows(/confirmed\s+✓✓/)
    await rig.close()
    await open({ ascii: true })
    await rig.shows("ok read 1")
  })

  it("are switched on and off for a group and for all, and what holds is told", async () => {
    await open()
    slash("/receipts")
    await rig.shows("others are not told what has come", "/receipts on, off or default")
    slash("/receipts on")
    await rig.shows("ops: others are told what has come")
    slash("/typing on all")
    await rig.shows("Everywhere else: others are told that you are writing.")
    slash("/typing maybe")
    await rig.shows("/typing on, off or default")
    expect(core.calls).toEqual(expect.arrayContaining(["receipts true ops", "typing true all"]))
  })
})

describe("who is writing", () => {
  it("stands in the rule over the message, and moves nothing", async () => {
    core.says(groupId, "bob", "hello")
    await open()
    await rig.shows("hello")
    const rowOf = (text: string): number => rig.rows().findIndex((row) => row.includes(text))
    const before = [rowOf("hello"), rowOf("> ")]
    core.tell({ kind: "typing", groupId, names: ["carol"] })
    await rig.shows(" carol is typing… ─")
    expect([rowOf("hello"), rowOf("> ")]).toEqual(before)
    core.tell({ kind: "typing", groupId, names: ["carol", "dave\u001b[2J"] })
    await rig.shows(/carol and dave\S* are typing…/)
    core.tell({ kind: "typing", groupId, names: ["a", "b", "c"] })
    await rig.shows("3 people are typing…")
    core.tell({ kind: "typing", groupId, names: [] })
    await rig.hides("typing…")
    expect([rowOf("hello"), rowOf("> ")]).toEqual(before)
  })

  it("is told of oneself while a text grows, where that was chosen: not of commands, and once of its end", async () => {
    await open()
    rig.press("h")
    slash("ello")
    await rig.shows("hello")
    expect(core.calls.filter((call) => call.startsWith("typing"))).toEqual([])
    await core.setSignal("typing", true, groupId)
    slash("/status")
    await rig.shows("Fingerprint")
    rig.press("esc")
    await rig.hides("Fingerprint")
    rig.press("h", "i", " ", "a", "l")
    await rig.shows("> hi al")
    rig.press("enter")
    await rig.shows(/you\s+hi al/)
    const told = core.calls.filter((call) => call.startsWith("typing ops"))
    expect(told).toEqual(["typing ops true", "typing ops false"])
  })
})

describe("messages that disappear", () => {
  it("are announced by a line, and the time stands in the header", async () => {
    await open()
    slash("/disappear")
    await rig.shows("Messages stay. /disappear 30s")
    slash("/disappear 1d")
    await rig.shows("alice set messages to disappear after 1 day", "expire 1d")
    slash("/disappear soon")
    await rig.shows("For how long?")
    core.timerSet(groupId, "bob", 0)
    await rig.shows("bob set messages to stay")
    await rig.hides("expire 1d")
  })

  it("show their time in ASCII, too", async () => {
    core.timerSet(groupId, "bob", 5400)
    await open({ ascii: true })
    await rig.shows("expire 90m  ")
  })

  it("leave the screen, and what answers them stays without them", async () => {
    const secret = core.says(groupId, "bob", "hunter2")
    const line = { groupId, sender: secret.senderKey, id: secret.id }
    await core.send(groupId, "got it", line)
    await open()
    await rig.shows("bob: hunter2", "got it")
    rig.press("ctrl+s")
    core.vanish(secret.id)
    await rig.hides("hunter2")
    await rig.shows("bob: (not here)", "got it")
  })

  it("take along an edit that was begun, and the panel about them", async () => {
    const id = await core.send(groupId, "oops")
    await open()
    await rig.shows("oops")
    slash("/edit")
    await rig.shows("editing your message")
    core.vanish(id)
    await rig.hides("editing your message", "oops")
    const other = core.says(groupId, "bob", "other one")
    await rig.shows("other one")
    slash("/info")
    await rig.shows("About this message")
    core.vanish(other.id)
    await rig.hides("About this message", "other one")
  })
})

describe("what is known of a message", () => {
  it("opens by i on a selected one, and follows what becomes of it", async () => {
    const id = await core.send(groupId, "rotating keys now")
    core.sees("bob", id)
    core.sees("carol", id, "delivered")
    core.reacts("carol", id, "+1")
    await open()
    await rig.shows("rotating keys now")
    rig.press("ctrl+s", "i")
    await rig.shows("About this message", /From\s+you/, /Read by\s+bob/, /Got by\s+carol/, /Reactions\s+\+1 carol/, id)
    await rig.shows(/Epoch\s+1/, /State\s+the server has it/, /Sent\s+Fri 20 Nov 2026/)
    core.sees("carol", id)
    await rig.shows(/Read by\s+bob, carol/)
    rig.press("esc")
    await rig.hides("About this message")
  })

  it("of another's says whether it is verified and when it came; i elsewhere shows the invitations", async () => {
    core.says(groupId, "bob", "hi")
    await open()
    slash("/info")
    await rig.shows(/From\s+bob, not verified/, /Received\s+Fri 20 Nov 2026/)
    rig.press("esc")
    await rig.hides("About this message")
    rig.press("tab", "i")
    await rig.shows("Invitations")
  })
})
