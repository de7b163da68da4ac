/** Facts and wishes change the screen's state as they should; the view keeps its place; memory stays bounded. */
import { describe, expect, it } from "vitest"
import type { GroupView, TimelineView } from "../../../core/client/client-api.ts"
import { looksOf } from "../../../tui/screen/look.ts"
import { painter } from "../../../tui/screen/picture.ts"
import { ROWS_MAX } from "../../../tui/screen/window.ts"
import { nextUnread, unreadOf } from "../../../tui/screen/selectors.ts"
import { startState } from "../../../tui/screen/start-state.ts"
import type { Change, ScreenState } from "../../../tui/screen/screen-state.ts"
import { reduce } from "../../../tui/screen/state.ts"

const AT = Date.UTC(2026, 10, 20, 9)

const group = (groupId: string, more: Partial<GroupView> = {}): GroupView => ({
  groupId,
  name: `group ${groupId}`,
  peer: undefined,
  peerTrust: undefined,
  status: "active",
  suite: "hybrid",
  epoch: 3,
  members: ["alice", "bob"],
  unread: 0,
  mentions: 0,
  notify: "all",
  draft: "",
  ...{ timer: 0, receipts: false, typing: false },
  lastAt: AT,
  inviter: undefined,
  rekeyedAt: AT,
  ...more,
})

const row = (place: number, more: Partial<TimelineView> = {}): TimelineView => ({
  place,
  groupId: "a",
  group: "group a",
  id: String(place),
  kind: "text",
  sender: "bob",
  senderKey: "",
  own: false,
  text: `text ${place}`,
  attachment: undefined,
  ...{ replyTo: undefined, edited: false, deleted: false, reactions: [], seen: [] },
  change: undefined,
  epoch: 3,
  sentAt: AT + place,
  receivedAt: AT + place,
  delivery: "received",
  mention: false,
  verified: false,
  ...more,
})

const rows = (count: number): readonly TimelineView[] => Array.from({ length: count }, (_, at) => row(at + 1))

const account = { name: "alice", accountKey: "", deviceKey: "", server: "", fingerprint: "" }

const begun: readonly Change[] = [
  { kind: "entered", account },
  {
    kind: "loaded",
    link: startState({ columns: 80, rows: 24 }, AT).link,
    groups: [group("a", { unread: 2 }), group("b", { unread: 1 })],
    queued: 0,
  },
]

const opened = (count: number): Change => ({
  kind: "opened",
  groupId: "a",
  rows: rows(count),
  members: [],
  complete: false,
})

const after = (...changes: readonly Change[]): ScreenState =>
  [...begun, ...changes].reduce(reduce, startState({ columns: 80, rows: 24 }, AT))

const screen = (state: ScreenState): string =>
  painter({ looks: looksOf({ ascii: false, depth: "none" }), home: "" })(state).rows.join("\n")

describe("the screen's state", () => {
  it("shows a new row of the open group, and counts one of another group", () => {
    const state = after(
      opened(3),
      { kind: "timeline", row: row(4) },
      { kind: "timeline", row: row(5, { groupId: "b" }) },
      { kind: "timeline", row: row(6, { groupId: "b", own: true }) },
    )
    expect(state.open?.rows.map(({ place }) => place)).toEqual([1, 2, 3, 4])
    expect(state.groups.map((one) => unreadOf(state, one))).toEqual([0, 2])
    expect(nextUnread(state)?.groupId).toBe("b")
  })

  it("takes a row that is told twice once", () => {
    const state = after(
      opened(3),
      { kind: "timeline", row: row(4) },
      { kind: "timeline", row: row(4, { text: "again" }) },
    )
    expect(state.open?.rows).toHaveLength(4)
    expect(state.open?.rows.at(-1)?.text).toBe("again")
  })

  it("shows a row once that takes its place behind others when it was sent", () => {
    const waiting = row(4, { id: "own", own: true, delivery: "queued" })
    const sent = { ...waiting, place: 6, delivery: "stored" } as const
    const state = after(opened(3), ...[waiting, row(5), sent].map((one): Change => ({ kind: "timeline", row: one })))
    expect(state.open?.rows.map(({ place }) => place)).toEqual([1, 2, 3, 5, 6])
  })

  const told = (...rows: readonly TimelineView[]): Change[] => rows.map((one) => ({ kind: "timeline", row: one }))
  const standing = ({ open }: ScreenState): readonly string[] => open?.rows.map(({ text }) => text) ?? []

  it("shows a row once that goes on to move behind what others said, with the mark that is on it", () => {
    const own = row(4, { id: "own", own: true, text: "mine", delivery: "stored" })
    const before = after(opened(3), ...told(own), { kind: "focused", focus: "messages" })
    const state = [...told(row(5), { ...own, place: 6 }, row(7), { ...own, place: 8 })].reduce(reduce, before)
    expect(standing(state)).toEqual(["text 1", "text 2", "text 3", "text 5", "text 7", "mine"])
    expect(state.open).toMatchObject({ marked: 8, newBelow: 0 })
  })

  it("shows a row where it belongs that takes its place before others", () => {
    const own = row(4, { id: "own", own: true, text: "mine", delivery: "queued" })
    const state = after(opened(3), ...told(own, row(6), row(8), { ...own, place: 7, delivery: "stored" }))
    expect(standing(state)).toEqual(["text 1", "text 2", "text 3", "text 6", "mine", "text 8"])
    const unknown = row(7, { id: "other", own: true, text: "said elsewhere" })
    expect(standing(after(opened(3), ...told(row(6), row(8), unknown)))).toContain("said elsewhere")
    const older = told(row(0, { text: "older" }))
    expect(standing(after({ ...opened(3), complete: true } as Change, ...older))[0]).toBe("older")
    expect(standing(after({ ...opened(3), complete: false } as Change, ...older))).not.toContain("older")
  })

  it("marks where the new ones begin, until something is sent", () => {
    const state = after(opened(3))
    expect(state.open).toMatchObject({ newFrom: 2, newCount: 2 })
    expect(screen(state)).toContain("2 new messages")
    expect(reduce(state, { kind: "sent", text: "x" }).open?.newFrom).toBeUndefined()
  })

  it("keeps a draft for every group", () => {
    const typed = after(opened(1), { kind: "edited", edit: { kind: "insert", text: "half a" } })
    const away = reduce(typed, { kind: "opened", groupId: "b", rows: [], members: [], complete: true })
    expect(away.composer.text).toBe("")
    expect(reduce(away, opened(1)).composer.text).toBe("half a")
    expect(away.lastId).toBe("a")
  })

  it("gives back a text that could not be sent, unless another one is being written", () => {
    const state = after(opened(1), { kind: "sent", text: "lost" }, { kind: "unsent", groupId: "a", text: "lost" })
    expect(state.composer.text).toBe("lost")
    const busy = after(
      opened(1),
      { kind: "edited", edit: { kind: "insert", text: "next" } },
      { kind: "unsent", groupId: "a", text: "lost" },
    )
    expect(busy.composer.text).toBe("next")
  })

  it("changes a delivery mark", () => {
    const own = row(4, { own: true, delivery: "queued" })
    const state = after(
      opened(3),
      { kind: "timeline", row: own },
      { kind: "delivery", groupId: "a", id: "4", delivery: "failed" },
    )
    expect(state.open?.rows.at(-1)?.delivery).toBe("failed")
  })

  /** Without the rule over the message that is written. */
  const linesOf = (state: ScreenState): readonly string[] =>
    screen(state)
      .split("\n")
      .filter((line) => !/older messages|new message/.test(line))

  it("stays where it is scrolled to while rows come in, and returns", () => {
    const scrolled = after(opened(100), { kind: "scrolled", by: 30 })
    const before = screen(scrolled)
    expect(before).toContain("text 70")
    expect(before).not.toContain("text 100")
    const more = reduce(scrolled, { kind: "timeline", row: row(101) })
    expect(before).toContain("older messages")
    expect(linesOf(more)).toEqual(linesOf(scrolled))
    expect(screen(more)).toContain("1 new message below")
    expect(unreadOf(more, group("a", { unread: 1 }))).toBe(1)
    expect(screen(reduce(more, { kind: "scrolled", by: "live" }))).toContain("text 101")
  })

  it("scrolls to the top and no further, and down to live", () => {
    const top = after(opened(100), { kind: "scrolled", by: "top" })
    expect(screen(top)).toContain("text 1 ")
    expect(screen(reduce(top, { kind: "scrolled", by: 10 }))).toBe(screen(top))
    expect(reduce(top, { kind: "scrolled", by: -1000 }).open?.anchor).toBeUndefined()
    expect(after(opened(3), { kind: "scrolled", by: 5 }).open?.anchor).toBeUndefined()
  })

  it("puts older rows before the others without moving the view", () => {
    const scrolled = after({ ...opened(0), rows: rows(200).slice(100) } as Change, { kind: "scrolled", by: 20 })
    const state = reduce(scrolled, { kind: "olderRead", groupId: "a", rows: rows(120), complete: true })
    expect(state.open?.rows).toHaveLength(200)
    expect(screen(state)).toBe(screen(scrolled))
  })

  it("holds a bounded number of rows", () => {
    const state = after(opened(ROWS_MAX), { kind: "timeline", row: row(ROWS_MAX + 1) })
    expect(state.open?.rows).toHaveLength(ROWS_MAX)
    expect(state.open?.complete).toBe(false)
  })

  it("moves its rows over the past both ways, never takes a place in it for the newest, and counts what comes", () => {
    const all = rows(2 * ROWS_MAX)
    const part = (from: number, to: number) => ({ groupId: "a", rows: all.slice(from, to) })
    let state = after({ ...opened(0), ...part(0, 200), atEnd: false, at: { kind: "line", place: 100 } } as Change)
    expect(state.open).toMatchObject({ marked: 100, atEnd: false })
    for (let from = 200; from < all.length; from += 200) {
      state = reduce(state, { kind: "scrolled", by: -10_000 })
      expect(state.open?.anchor).toEqual({ place: from, hidden: 0 })
      state = reduce(state, { kind: "newerRead", ...part(from, from + 200), atEnd: from + 200 === all.length })
    }
    expect(state.open?.rows).toEqual(all.slice(-ROWS_MAX))
    expect(state.open).toMatchObject({ atEnd: true, complete: false })
    state = reduce(state, { kind: "scrolled", by: "top" })
    for (let from = ROWS_MAX - 200; from >= 0; from -= 200) {
      state = reduce(state, { kind: "olderRead", ...part(from, from + 200), complete: from === 0 })
      state = reduce(state, { kind: "scrolled", by: "top" })
    }
    expect(state.open?.rows).toEqual(all.slice(0, ROWS_MAX))
    state = reduce(state, { kind: "timeline", row: row(all.length + 1) })
    expect(state.open?.rows).toEqual(all.slice(0, ROWS_MAX))
    expect(state.open).toMatchObject({ atEnd: false, complete: true, newBelow: 1 })
    expect(reduce(state, { kind: "scrolled", by: "live" }).open).toMatchObject({ wantsNewest: true, newBelow: 1 })
  })

  it("says trouble in a toast that ends and in the log that stays; what endangers stands in the way", () => {
    const state = after({ kind: "trouble", code: "E054", message: "" })
    expect(state.toast?.text).toContain("connection lost")
    const later = reduce(state, { kind: "ticked", now: AT + 7000 })
    expect(later.toast).toBeUndefined()
    expect(later.log).toHaveLength(1)
    expect(after({ kind: "trouble", code: "E056", message: "" }).overlay).toMatchObject({
      kind: "blocking",
      code: "E056",
    })
  })

  it("puts a changed key in the way for who was compared, and nothing for others", () => {
    const told = { kind: "contact", name: "bob", state: "changed" } as const
    expect(after({ ...told, verified: true }).overlay).toEqual({ kind: "keyChanged", user: "bob", verified: true })
    expect(after({ ...told, verified: false }).overlay).toBeUndefined()
    expect(after({ ...told, state: "verified", verified: true }).overlay).toBeUndefined()
  })

  it("forgets a group that is gone", () => {
    const state = after(opened(3), { kind: "groupGone", groupId: "a" })
    expect(state.open).toBeUndefined()
    expect(state.groups.map(({ groupId }) => groupId)).toEqual(["b"])
  })

  it("draws every size without a row too many or too wide", () => {
    const wide = row(1, { text: "日本語 👨‍👩‍👧 ".repeat(30) + "x".repeat(500), sender: "日本語日本語日本語" })
    const state = after({ ...opened(0), rows: [wide] } as Change)
    const paint = painter({ looks: looksOf({ ascii: false, depth: "basic" }), home: "" })
    for (let columns = 1; columns <= 130; columns += 3) {
      for (const height of [1, 3, 6, 11, 12, 24]) {
        const { rows: drawn, cursor } = paint(reduce(state, { kind: "resized", size: { columns, rows: height } }))
        expect(drawn).toHaveLength(height)
        if (cursor) expect(cursor.column < columns && cursor.row < height, `${columns}x${height}`).toBe(true)
      }
    }
  })
})
