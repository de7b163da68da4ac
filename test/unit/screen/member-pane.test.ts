/** What the pane of members says besides names: who is new here, and how old the keys are. */
import { describe, expect, it } from "vitest"
import type { GroupView, MemberView } from "../../../core/client/client-api.ts"
import { DAY_MS, HOUR_MS } from "../../../core/domain/limits.ts"
import { BASIC_LOOK } from "../../../tui/screen/look.ts"
import { onePerAccount } from "../../../tui/screen/member-people.ts"
import { memberPane } from "../../../tui/screen/views/member-pane.ts"

const NOW = Date.UTC(2026, 10, 20, 12)
const GROUP: GroupView = {
  ...{ groupId: "a", name: "ops", peer: undefined, peerTrust: undefined, status: "active", suite: "hybrid", epoch: 3 },
  ...{ members: ["alice", "bob"], unread: 0, mentions: 0, notify: "all", draft: "", lastAt: NOW, inviter: undefined },
  ...{ timer: 0, receipts: false, typing: false, rekeyedAt: NOW },
}
const bob = (more: Partial<MemberView> = {}): MemberView => ({
  ...{ name: "bob", accountKey: "b", deviceKey: "b", leafFingerprint: "", self: false, firstSeen: NOW - HOUR_MS },
  ...{ verified: false, changed: false, mismatched: false, blocked: false },
  ...more,
})

function shown(members: readonly MemberView[], group: Partial<GroupView> = {}): readonly string[] {
  const place = { markedAt: undefined, keys: {}, now: NOW, width: 26, height: 20, look: BASIC_LOOK }
  const lines = memberPane({ ...place, members: onePerAccount(members), group: { ...GROUP, ...group } })
  return lines.map((line) =>
    line
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  )
}

describe("the pane of members", () => {
  it("has one row for each account, with how many devices it has; of one's own the device at hand counts", () => {
    const own = { name: "alice", accountKey: "a", self: true }
    const members = [
      bob(),
      bob({ ...own, deviceKey: "a1" }),
      bob({ deviceKey: "b2" }),
      bob({ ...own, deviceKey: "a2", current: true }),
    ]
    expect(shown(members).slice(0, 3)).toEqual([
      expect.stringMatching(/^ MEMBERS +2$/),
      "  bob (2 devices)   new ?",
      "  you (2 devices)",
    ])
    expect(onePerAccount(members).map(({ deviceKey }) => deviceKey)).toEqual(["b", "a2"])
  })

  it.each([
    ["somebody first seen an hour ago", bob(), /^ {2}bob +new \?$/],
    ["somebody first seen a day ago", bob({ firstSeen: NOW - DAY_MS }), /^ {2}bob +\?$/],
    ["somebody whose number was compared since", bob({ verified: true }), /^ {2}bob +v$/],
    ["somebody who is in no book of contacts", bob({ firstSeen: undefined }), /^ {2}bob +\?$/],
    ["oneself", bob({ self: true }), /^ {2}you$/],
    ["a name longer than the pane", bob({ name: "b".repeat(32) }), /^ {2}b+… *new \?$/],
  ])("marks who is new: %s", (_, member, row) => {
    expect(shown([member])[1]).toMatch(row)
  })

  it.each([
    [0, "< 1 h ago"],
    [-DAY_MS, "< 1 h ago"],
    [HOUR_MS, "1 h ago"],
    [2 * DAY_MS - 1, "47 h ago"],
    [2 * DAY_MS, "2 d ago"],
  ])("says the age of the keys: %i ms", (ms, text) => {
    expect(shown([], { rekeyedAt: NOW - ms }).find((line) => line.includes("last rekey"))).toMatch(
      new RegExp(`${text}$`),
    )
  })
})
