/** What is heard of the changes of the state: each thing once, nothing forged, nothing swallowed. */
import { beforeEach, describe, expect, it } from "vitest"
import type { GroupView, LinkView, TimelineView } from "../../../core/client/client-api.ts"
import { Narrator } from "../../../tui/screen/reader/narrator.ts"
import { READER } from "../../../tui/screen/reader/reader-state.ts"
import { startState } from "../../../tui/screen/start-state.ts"
import { reduce } from "../../../tui/screen/state.ts"
import type { Change, ScreenState } from "../../../tui/screen/screen-state.ts"

const NOW = new Date(2026, 10, 20, 12).getTime()

const group = (groupId: string, more: Partial<GroupView> = {}): GroupView => ({
  ...{ groupId, name: groupId, peer: undefined, peerTrust: undefined, status: "active", suite: "hybrid", epoch: 3 },
  ...{ members: ["alice", "bob"], unread: 0, mentions: 0, notify: "all", draft: "", lastAt: NOW, inviter: undefined },
  ...{ timer: 0, receipts: false, typing: false, rekeyedAt: NOW },
  ...more,
})

const row = (place: number, more: Partial<TimelineView> = {}): TimelineView => ({
  ...{ place, groupId: "ops", group: "ops", id: String(place), kind: "text", sender: "bob", senderKey: "" },
  ...{ own: false, text: `text ${place}`, attachment: undefined, replyTo: undefined, edited: false, deleted: false },
  ...{ reactions: [], change: undefined, epoch: 3, sentAt: NOW, receivedAt: NOW, delivery: "received" },
  ...{ mention: false, verified: false, seen: [], expiresAfter: undefined, expiresAt: undefined },
  ...more,
})

const link = (more: Partial<LinkView> = {}): LinkView => ({
  ...{ state: "online", since: 1, tries: 0, retryAt: 0, lastSync: 2, roundTripMs: 0, code: undefined },
  ...more,
})

const account = { name: "alice", accountKey: "", deviceKey: "", server: "", fingerprint: "" }
const tells = (more: TimelineView): Change => ({ kind: "timeline", row: more })

let state: ScreenState
let narrator: Narrator

/** All in one step, as the core's events come. */
function after(...changes: readonly Change[]): readonly string[] {
  state = changes.reduce(reduce, state)
  return narrator.take(state)
}

beforeEach(() => {
  state = { ...startState({ columns: 80, rows: 24 }, NOW), reader: READER }
  narrator = new Narrator({ context: { home: "/home" }, saysSent: false })
  narrator.take(state)
  after(
    { kind: "entered", account },
    { kind: "loaded", link: link(), groups: [group("ops"), group("design")], queued: 0 },
  )
  after({ kind: "opened", groupId: "ops", rows: [row(1)], members: [], complete: true })
})

describe("the narrator", () => {
  it("says nothing when nothing has changed, and nothing twice", () => {
    expect(narrator.take(state)).toEqual([])
    expect(after(tells(row(2)))).toEqual(["bob, 12:00: text 2"])
    expect(after(tells(row(2)), { kind: "ticked", now: NOW + 1 })).toEqual([])
    expect(after({ kind: "resized", size: { columns: 20, rows: 5 } })).toEqual([])
  })

  it("keeps the order of several things of one moment", () => {
    expect(after(tells(row(2)), tells(row(3)), { kind: "toasted", text: "Saved.", tone: "good" })).toEqual([
      "Saved.",
      "bob, 12:00: text 2",
      "bob, 12:00: text 3",
    ])
  })

  it("never leaves a warning unsaid because somebody has written the same words", () => {
    const warning: Change = { kind: "trouble", code: "E053", message: "server not reachable" }
    const lines = after(tells(row(2, { text: "server not reachable (E053). Only you here." })), warning)
    expect(lines.filter((line) => line.startsWith("server not reachable (E053)"))).toHaveLength(1)
  })

  it("counts what came elsewhere, and calls as such", () => {
    const more = (unread: number, mentions = 0): Change => ({
      kind: "group",
      group: group("design", { unread, mentions }),
    })
    expect(after(more(2))).toEqual(["# design: 2 new messages"])
    expect(after(more(3, 1))).toEqual(["# design: 1 new message, for you, 3 unread"])
    expect(after(more(0))).toEqual([])
    expect(after({ kind: "group", group: group("design", { status: "removed" }) })).toEqual([
      "You were removed from # design.",
    ])
  })

  it("tells of an invitation once, with its name made safe", () => {
    const invited: Change = { kind: "group", group: group("\u001b[2Jclub", { status: "hidden", inviter: "erin" }) }
    const [line = "", ...others] = after(invited)
    expect(line).toMatch(/^erin invites you to # .*club\. \/invites shows it\.$/)
    expect(line).not.toContain("\u001b")
    expect(others).toEqual([])
    expect(after(invited)).toEqual([])
  })
})

it("one's own words that move among those of others are said once, and what becomes of them all the same", () => {
  const own = row(2, { own: true, sender: "alice", text: "mine", delivery: "queued" })
  expect(after(tells(own))).toEqual(["you, 12:00: mine"])
  expect(after(tells(row(3)), tells({ ...own, place: 4, delivery: "stored" }))).toEqual(["bob, 12:00: text 3"])
  expect(after(tells(row(5)), tells({ ...own, place: 6, delivery: "stored" }))).toEqual(["bob, 12:00: text 5"])
  expect(after(tells({ ...own, place: 6, delivery: "failed" }))).toEqual([
    'Not delivered to everybody: "mine".',
    "/retry sends it again to those who lack it.",
  ])
  expect(after(tells(row(9)), tells({ ...own, place: 8, delivery: "failed" }))).toEqual(["bob, 12:00: text 9"])
})

describe("catching up", () => {
  const began: Change = { kind: "link", link: link({ since: 10, lastSync: 2 }) }
  const ended: Change = { kind: "link", link: link({ since: 10, lastSync: 11 }) }

  it("reads few messages out, as they are", () => {
    expect(after(began, tells(row(2)))).toEqual([])
    expect(after(tells(row(3)))).toEqual([])
    expect(after(ended)).toEqual(["bob, 12:00: text 2", "bob, 12:00: text 3"])
  })

  it("sums many up, though they came in one moment with the connection, and says who joined all the same", () => {
    const joined = { groupId: "ops", group: "ops", epoch: 4, added: ["erin"], removed: [], updated: [], left: [] }
    const change = row(9, {
      kind: "change",
      change: { ...joined, rejoined: [], newDevices: [], goneDevices: [], by: "bob" },
    })
    const lines = after(...[2, 3, 4, 5].map((place) => tells(row(place))), tells(change), ended)
    expect(lines).toEqual([
      "4 new messages in 1 group while you were away. /unread says more.",
      "bob added erin, epoch 4",
    ])
    expect(after({ kind: "readAsked", what: "unread" })).toContain("bob, 12:00: text 2")
  })

  it("says one's own words at once, and once", () => {
    const own = row(2, { own: true, sender: "alice", text: "mine", delivery: "queued" })
    expect(after(began)).toEqual([])
    expect(after(tells(own))).toEqual(["you, 12:00: mine"])
    expect(after(tells(row(3, { own: true, sender: "alice", text: "too", delivery: "queued" })), ended)).toEqual([
      "you, 12:00: too",
    ])
  })

  it("says one's own words once, though they take another place when they were sent", () => {
    const own = row(2, { own: true, sender: "alice", text: "mine", delivery: "queued" })
    expect(after(began, tells(own))).toEqual(["you, 12:00: mine"])
    expect(after(tells(row(3)))).toEqual([])
    expect(after(tells({ ...own, place: 4, delivery: "stored" }), ended)).toEqual(["bob, 12:00: text 3"])
  })

  it("ends when the connection ends", () => {
    expect(after(began, tells(row(2)))).toEqual([])
    expect(after({ kind: "link", link: link({ state: "offline", since: 12 }) })).toEqual(["bob, 12:00: text 2"])
  })
})
