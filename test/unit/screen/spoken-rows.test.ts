/** Each kind of row as it is heard. */
import { describe, expect, it } from "vitest"
import type { ChangeView, TimelineView } from "../../../core/client/client-api.ts"
import { changeOfRow, changeText, spokenRow, spokenRows } from "../../../tui/screen/reader/spoken-rows.ts"
import { NO_CHANGE } from "../../fakes/fake-passing.ts"

const AT = new Date(2026, 10, 20, 9, 32).getTime()

const row = (more: Partial<TimelineView> = {}): TimelineView => ({
  ...{ place: 1, groupId: "a", group: "ops", id: "1", kind: "text", sender: "bob", senderKey: "", own: false },
  ...{ text: "looks right to me", attachment: undefined, replyTo: undefined, edited: false, deleted: false },
  ...{ reactions: [], change: undefined, epoch: 3, sentAt: AT, receivedAt: AT, delivery: "received" },
  ...{ mention: false, verified: false, seen: [], expiresAfter: undefined, expiresAt: undefined },
  ...more,
})

const change = (more: Partial<ChangeView>): ChangeView => ({
  ...{
    groupId: "a",
    group: "ops",
    epoch: 12,
    ...NO_CHANGE,
    by: "alice",
  },
  ...more,
})

describe("a row", () => {
  it("is who, when and what", () => {
    expect(spokenRow(row())).toEqual(["bob, 9:32: looks right to me"])
    expect(spokenRow(row({ own: true, sender: "alice", text: "confirmed", delivery: "stored" }))).toEqual([
      "you, 9:32: confirmed",
    ])
  })

  it("says what is special about it before the text", () => {
    const replyTo = {
      id: "0",
      sender: "alice",
      text: "deploy window moved to 14:00 UTC, and a lot of other things that follow",
    }
    expect(spokenRow(row({ replyTo, text: "ack" }))).toEqual([
      'bob, 9:32, answering alice on "deploy window moved to 14:00 UTC, and a lot of other things ...": ack',
    ])
    const reactions = [{ emoji: "👍", by: ["carol", "dave"], own: false }]
    expect(spokenRow(row({ mention: true, edited: true, reactions }))).toEqual([
      "bob, 9:32, calls you, edited, 👍 2: looks right to me",
    ])
    expect(spokenRow(row({ own: true, delivery: "queued" }))).toEqual([
      "you, 9:32, waiting to be sent: looks right to me",
    ])
    expect(spokenRow(row({ own: true, delivery: "failed" }))).toEqual([
      "you, 9:32, not delivered to everybody: looks right to me",
    ])
    expect(spokenRow(row({ deleted: true, text: "" }))).toEqual(["bob, 9:32: deleted"])
    expect(spokenRow(row({ kind: "unknown" }))).toEqual(["bob, 9:32: needs a newer version of this program"])
    const attachment = { name: "report.pdf", size: 3_000_000, mediaType: "application/pdf" }
    expect(spokenRow(row({ attachment }))[0]).toMatch(/^bob, 9:32: \[file\] report\.pdf, /)
  })

  it("cannot pass a line of its text for somebody else's", () => {
    expect(spokenRow(row({ text: "yes\nalice, 9:33: I agree\r\nConnected." }))).toEqual([
      "bob, 9:32: yes",
      "bob: alice, 9:33: I agree",
      "bob: Connected.",
    ])
  })

  it("carries no control characters and no direction overrides", () => {
    const [line] = spokenRow(row({ sender: "b\u001b[2Job", text: "\u001b[2J\u202edrow\u0007" }))
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u)
  })

  it("names a day before its first row, but not the one that was named", () => {
    const next = row({ sentAt: AT + 86_400_000, receivedAt: AT + 86_400_000 })
    expect(spokenRows([row(), row(), next], "Fri 20 Nov 2026")).toEqual([
      ...["bob, 9:32: looks right to me", "bob, 9:32: looks right to me"],
      ...["Sat 21 Nov 2026", "bob, 9:32: looks right to me"],
    ])
  })
})

it("changes of a group are sentences", () => {
  expect(changeText(change({ added: ["dave", "erin"] }))).toBe("alice added dave and erin, epoch 12")
  expect(changeText(change({ removed: ["dave"], updated: ["alice", "bob"] }))).toBe(
    "alice removed dave, updated the keys of bob, updated keys, epoch 12",
  )
  expect(changeText(change({ left: ["dave"] }))).toBe("dave left")
  expect(changeText(change({ rejoined: ["dave"] }))).toBe("alice let dave in again, epoch 12")
  expect(changeText(change({}))).toBe("alice changed the group, epoch 12")
  expect(changeText(change({ timer: 86_400 }))).toBe("alice set messages to disappear after 1 day")
})

describe("what becomes of a row", () => {
  const own = row({ own: true, delivery: "queued" })

  it("is said with the beginning of the message", () => {
    expect(changeOfRow(row(), row({ text: "looks\nwrong", edited: true }), "nothing")).toEqual([
      'bob changed "looks right to me" to: looks wrong',
    ])
    expect(changeOfRow(row(), row({ text: "", deleted: true }), "nothing")).toEqual(['bob deleted "looks right to me"'])
    const one = { emoji: "👍", by: ["carol"], own: false }
    const two = { emoji: "👍", by: ["carol", "dave"], own: false }
    expect(changeOfRow(row({ reactions: [one] }), row({ reactions: [two] }), "nothing")).toEqual([
      'dave reacts 👍 to bob: "looks right to me"',
    ])
    expect(changeOfRow(row({ reactions: [two] }), row({ reactions: [] }), "nothing")).toEqual([])
  })

  it("that it was sent is said as the person likes; that it was not, always", () => {
    expect(changeOfRow(own, { ...own, delivery: "stored" }, "nothing")).toEqual([])
    expect(changeOfRow(own, { ...own, delivery: "stored" }, "word")).toEqual(["sent"])
    expect(changeOfRow(own, { ...own, delivery: "stored" }, "quote")).toEqual(['sent: "looks right to me"'])
    const failed = { ...own, delivery: "failed" } as const
    expect(changeOfRow(own, failed, "nothing")).toEqual(['Not delivered to everybody: "looks right to me".'])
  })

  it("one that failed is heard to be sent again, and then sent; deleted, it is only that", () => {
    const failed = { ...own, delivery: "failed" } as const
    expect(changeOfRow(failed, { ...own, delivery: "queued" }, "nothing")).toEqual([
      'Sending again: "looks right to me"',
    ])
    expect(changeOfRow(failed, { ...own, delivery: "stored" }, "nothing")).toEqual(['sent: "looks right to me"'])
    expect(spokenRow({ ...failed, deleted: true, text: "" })).toEqual(["you, 9:32: deleted"])
  })
})
