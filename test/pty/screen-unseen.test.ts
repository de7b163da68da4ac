/** What comes while nobody looks stays new, and what is typed while a conversation opens belongs to that one. */
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { busyHouse } from "../fakes/busy-house.ts"
import type { FakeCore } from "../fakes/fake-core.ts"
import { START } from "../fakes/fake-group.ts"
import { ScreenRig } from "../fakes/screen-rig.ts"
import { until } from "../fakes/until.ts"
import { turn } from "../fakes/world.ts"

const FOCUS_IN = "\u001b[I"
const FOCUS_OUT = "\u001b[O"

let rig: ScreenRig
let core: FakeCore
let ops: string
/** Places up to which ops-oncall was marked as read. */
let read: number[]

beforeEach(() => {
  ;({ core, ops } = busyHouse())
  read = []
  const markRead = core.markRead.bind(core)
  core.markRead = async (groupId, place) => {
    if (groupId === ops) read.push(place)
    await markRead(groupId, place)
  }
})
afterEach(async () => {
  await rig.close()
})

const newest = async (): Promise<number> => (await core.timeline({ limit: 1 }))[0]?.place ?? 0

/** Open at ops-oncall, where everything was read. */
async function start(): Promise<void> {
  await core.markRead(ops, await newest())
  rig = new ScreenRig({ core, columns: 120, rows: 30 })
  await rig.shows("hi all", "● online")
  expect(rig.text()).not.toContain("new message")
}

/** The rows of the messages, with the line where the new ones begin. */
const said = (): string => rig.rows().join("\n").replaceAll(/ {2,}/g, " ")

describe("what nobody has seen", () => {
  it("stands under a line when it came while the program was away, and is read once all of it is there", async () => {
    await start()
    core.setLink({ state: "online", since: START + 1000, lastSync: START })
    core.says(ops, "bob", "first of the night")
    const { place } = core.says(ops, "carol", "second of the night")
    await rig.shows(/─ 2 new messages ─/)
    expect(said()).toMatch(/2 new messages [^\n]*\n[^\n]*first of the night/)
    expect(read).not.toContain(place)
    core.setLink({ lastSync: START + 2000 })
    await until("it is read", () => read.includes(place))
    core.says(ops, "bob", "good morning")
    await rig.shows("good morning", "2 new messages")
    rig.press("back again", "enter")
    await rig.hides("new messages")
  })

  it("is not read, and is counted, until the window has the focus again", async () => {
    await start()
    rig.press(FOCUS_OUT)
    core.says(ops, "bob", "are you there?")
    await rig.shows(/─ 1 new message ─/, /▸ # ops-oncall +1/)
    const { place } = core.says(ops, "bob", "hello?")
    await rig.shows(/─ 2 new messages ─/, /▸ # ops-oncall +2/)
    expect(read).not.toContain(place)
    rig.press(FOCUS_IN)
    await until("it is read", () => read.includes(place))
    await rig.shows(/▸ # ops-oncall +│/, "2 new messages")
    core.says(ops, "bob", "there you are")
    await rig.shows("there you are", "2 new messages")
    rig.press(FOCUS_OUT)
    core.says(ops, "bob", "gone again?")
    await rig.shows("1 new message ─")
    expect(said()).toMatch(/1 new message [^\n]*\n[^\n]*gone again/)
  })

  it("counts what was unread before, and what comes behind it, under one line", async () => {
    core.says(ops, "carol", "unread since yesterday")
    await core.markRead(ops, (await newest()) - 1)
    core.setLink({ state: "online", since: START + 1000, lastSync: START })
    rig = new ScreenRig({ core, columns: 120, rows: 30 })
    await rig.shows("1 new message ─", "unread since yesterday")
    core.says(ops, "bob", "and this")
    await rig.shows("2 new messages ─", "and this")
    expect(said()).toMatch(/2 new messages [^\n]*\n[^\n]*unread since yesterday/)
  })
})

describe("while another conversation opens", () => {
  /** Members are read only once the returned function was called. */
  function slowly(): () => void {
    const members = core.members.bind(core)
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    core.members = async (groupId) => {
      await gate
      return members(groupId)
    }
    return () => {
      go()
    }
  }

  it("text and enter wait for it, and nothing is sent to the one before", async () => {
    await start()
    const go = slowly()
    rig.press("alt+2", "only for the train\r")
    await rig.shows("# ops-oncall")
    expect(rig.text()).not.toContain("only for")
    expect(core.calls.filter((call) => call.startsWith("send"))).toEqual([])
    go()
    await until("it is sent", () => core.calls.some((call) => call.startsWith("send")))
    expect(core.calls).toContain("send release-train only for the train")
  })

  it("a dialog that is asked for meanwhile opens for the new one, and what is typed goes into it", async () => {
    await start()
    const go = slowly()
    rig.press("alt+2", "alt+i", "erin")
    go()
    await rig.shows("Invite to # release-train", "User: erin")
    rig.press("esc")
    await rig.hides("Invite to")
    expect(rig.text()).toMatch(/^>\s*$/m)
  })

  it("what is read anew meanwhile takes nobody back, and closes no list", async () => {
    await start()
    const go = slowly()
    rig.press("alt+2", "for the train\r")
    core.tell({ kind: "lagged" })
    await turn()
    go()
    await rig.shows(/qpq +# release-train/, /you +for the train/)
    expect(core.calls).toContain("send release-train for the train")
    rig.press("ctrl+p")
    await rig.shows("Commands")
    let isReadAnew = false
    const remembered = core.remembered
    Object.assign(core, { remembered: () => remembered().finally(() => (isReadAnew = true)) })
    core.tell({ kind: "lagged" })
    await until("it is read anew", () => isReadAnew)
    for (let turns = 0; turns < 10; turns++) await turn()
    rig.press("mute")
    await rig.shows("Search: mute")
  })

  it("one can quit, and goes on writing where one is when it cannot be read", async () => {
    await start()
    Object.assign(core, { firstUnread: () => Promise.reject(new Error("unreadable")) })
    rig.press("alt+2", "still here")
    await rig.shows("> still here", /qpq +# ops-oncall/)
    Object.assign(core, { firstUnread: () => new Promise(() => undefined) })
    rig.press("alt+2", "lost", "ctrl+q")
    await rig.screen.left
  })
})
