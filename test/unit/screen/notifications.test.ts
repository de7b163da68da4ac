/** When the person is told that something came, and how; and what the window is called. */
import { beforeEach, describe, expect, it, test } from "vitest"
import type { ClientEvent } from "../../../core/client/client-api.ts"
import { absence } from "../../../tui/screen/absence.ts"
import type { Absence } from "../../../tui/screen/absence.ts"
import { notifier } from "../../../tui/screen/notifier.ts"
import type { Notifier } from "../../../tui/screen/notifier.ts"
import { channelOf, notificationSequence, titleSequence } from "../../../tui/screen/notifications.ts"
import { screenStore } from "../../../tui/screen/screen-store.ts"
import type { ScreenStore } from "../../../tui/screen/screen-store.ts"
import { startState } from "../../../tui/screen/start-state.ts"
import { windowTitle } from "../../../tui/screen/window-title.ts"
import { busyHouse } from "../../fakes/busy-house.ts"
import type { FakeCore } from "../../fakes/fake-core.ts"
import { START } from "../../fakes/fake-group.ts"
import { fakeWorld } from "../../fakes/world.ts"

let world: ReturnType<typeof fakeWorld>
let core: FakeCore
let ops: string
let train: string
let store: ScreenStore
let told: string[]
let news: Notifier
let absent: Absence

const tell = (...events: readonly ClientEvent[]): void => {
  store.apply(...events)
  news.take(events, store.getSnapshot())
}

const says = (groupId: string, sender: string, text: string): void => {
  tell({ kind: "timeline", row: core.says(groupId, sender, text) })
}

/** The window has the focus, or another one. */
function focused(isIn: boolean): void {
  absent.focused(isIn)
  if (isIn) news.touched()
}

async function refresh(): Promise<void> {
  const groups = await core.groups()
  tell(...groups.map((group): ClientEvent => ({ kind: "group", group })))
}

/** The scripted house is open at ops-oncall, and a person sits before it. */
beforeEach(async () => {
  world = fakeWorld()
  ;({ core, ops, train } = busyHouse())
  store = screenStore(startState({ columns: 120, rows: 36 }, START))
  told = []
  news = notifier(world.clock, (text) => told.push(text))
  absent = absence(world.clock, (away) => {
    store.apply({ kind: "lookedAway", away })
  })
  const rows = await core.timeline({ groupId: ops, limit: 100 })
  const [newest] = await core.timeline({ limit: 1 })
  const link = { ...(await core.link()), lastSync: START + 1 }
  store.apply(
    { kind: "entered", account: await core.whoami() },
    { kind: "loaded", link, groups: await core.groups(), queued: 0, newest: newest?.place ?? 0 },
    { kind: "opened", groupId: ops, rows, members: [], complete: true },
  )
  news.take([], store.getSnapshot())
})

describe("the person is told", () => {
  it("of what comes elsewhere, and not of what stands before their eyes", async () => {
    says(ops, "bob", "seen")
    says(train, "bob", "not seen")
    await world.advance(0)
    expect(told).toEqual(["bob has written in # release-train"])
  })

  it("of everything while the window has no focus, or nobody has pressed a key for a minute", async () => {
    focused(false)
    says(ops, "bob", "@alice hello")
    await world.advance(0)
    expect(told).toEqual(["bob calls you in # ops-oncall"])
    focused(true)
    await world.advance(120_000)
    says(ops, "bob", "it is known that the window has the focus")
    await world.advance(0)
    expect(told).toHaveLength(1)
  })

  it("takes nobody at the keys for somebody elsewhere, where the terminal tells nothing of the focus", async () => {
    await world.advance(61_000)
    says(ops, "carol", "anybody here?")
    await world.advance(0)
    expect(told).toEqual(["carol has written in # ops-oncall"])
  })

  it("in one word of what comes close together, and of nothing that was looked at meanwhile", async () => {
    focused(false)
    says(train, "bob", "one")
    await world.advance(0)
    says(train, "bob", "two")
    says(train, "carol", "@alice three")
    says(ops, "dave", "four")
    await world.advance(2_999)
    expect(told).toHaveLength(1)
    await world.advance(1)
    expect(told.slice(1)).toEqual(["3 messages in 2 conversations, 1 for you"])
    says(ops, "dave", "five")
    focused(true)
    await world.advance(10_000)
    expect(told).toHaveLength(2)
  })

  it("once after a catch-up", async () => {
    focused(false)
    tell({ kind: "link", link: { ...(await core.link()), since: START + 10, lastSync: START } })
    for (let at = 0; at < 20; at++) says(train, "bob", `while you were away ${at}`)
    await world.advance(60_000)
    expect(told).toEqual([])
    tell(
      { kind: "link", link: { ...(await core.link()), since: START + 10, lastSync: START + 20 } },
      { kind: "caughtUp" },
    )
    await world.advance(0)
    expect(told).toEqual(["20 messages in # release-train"])
  })

  it("of what the conversation is to tell of: not when it is muted, not of one's own, not of what only changed", async () => {
    await core.setNotify(train, "mentions")
    await refresh()
    says(train, "bob", "no call")
    const called = core.says(train, "bob", "@alice a call")
    tell({ kind: "timeline", row: called })
    await world.advance(3_000)
    expect(told).toEqual(["bob calls you in # release-train"])
    tell({ kind: "timeline", row: { ...called, edited: true } })
    says(train, "alice", "@alice myself, from another window")
    await core.setNotify(train, "nothing")
    await refresh()
    says(train, "bob", "@alice muted")
    await world.advance(60_000)
    expect(told).toHaveLength(1)
  })

  it("of an invitation once, and of none that waited before", async () => {
    core.invited("book-club", "erin")
    await refresh()
    await refresh()
    expect(told).toEqual(["erin invites you to # book-club"])
  })
})

test("what is sent to the terminal names nobody's words, parts at no semicolon and carries no control character", () => {
  const evil = "\u001b]0;owned\u0007bob;\u202enotify;\u009b31m"
  expect(notificationSequence("off", evil)).toBe("")
  expect(notificationSequence("bell", evil)).toBe("\u0007")
  for (const channel of ["osc9", "osc777"] as const) {
    const sequence = notificationSequence(channel, evil)
    const inside = sequence.slice(2, -2)
    expect(sequence.startsWith("\u0007\u001b]")).toBe(true)
    expect(inside.slice(1)).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(inside.split(";")).toHaveLength(channel === "osc9" ? 2 : 4)
  }
  expect(titleSequence(evil).slice(1, -2)).not.toMatch(/[\p{Cc}\u202e]/u)
})

test("the way is the terminal's own where it is known, and a bell inside of a multiplexer", () => {
  expect(channelOf("auto", {})).toBe("bell")
  expect(channelOf("auto", { TERM_PROGRAM: "WezTerm" })).toBe("osc9")
  expect(channelOf("auto", { WT_SESSION: "x" })).toBe("osc9")
  expect(channelOf("auto", { TERM: "foot" })).toBe("osc777")
  expect(channelOf("auto", { TERM_PROGRAM: "iTerm.app", TMUX: "/tmp/tmux" })).toBe("bell")
  expect(channelOf("auto", { TERM: "screen-256color", WT_SESSION: "x" })).toBe("bell")
  expect(channelOf("osc777", { TMUX: "x" })).toBe("osc777")
  expect(channelOf("off", { TERM: "foot" })).toBe("off")
})

test("the window is called by the open conversation and by what is new elsewhere", async () => {
  expect(windowTitle(store.getSnapshot())).toBe("(2) # ops-oncall - qpq")
  await core.setNotify(train, "nothing")
  await refresh()
  expect(windowTitle(store.getSnapshot())).toBe("# ops-oncall - qpq")
  expect(windowTitle(startState({ columns: 80, rows: 24 }, START))).toBe("qpq")
})
