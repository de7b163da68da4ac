/** Turns what was stored into events for the faces. */
import { hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import { takeDown } from "./group-shelf.ts"
import { isBehindTheScenes } from "./heirs.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { groupView, timelineView } from "./views.ts"

export function tellOutcome(rooms: Rooms, outcome: Partial<Outcome>): void {
  const { store, events } = rooms
  const { line, group, trouble, replaces } = outcome
  if (line) {
    const row = store.timelineRow({ groupId: line.group, senderKey: line.sender, messageId: line.id })
    if (row) events.emit({ kind: "timeline", row: timelineView(rooms, row) })
  }
  if (trouble) events.emit({ kind: "trouble", code: trouble.code, message: trouble.message })
  if (replaces && group) {
    // Its lines are the other's now.
    events.emit({ kind: "groupGone", groupId: hex(replaces), successor: hex(group) })
    events.emit({ kind: "lagged" })
  }
  if (group) tellGroup(rooms, group)
}

/** Many lines of one group change its view once, and what expired is told as one number. */
export function tellOutcomes(rooms: Rooms, outcomes: readonly Outcome[]): void {
  const groups = new Map<string, GroupId>()
  const expired = outcomes.reduce((sum, outcome) => sum + (outcome.expired ?? 0), 0)
  if (expired > 0) tellOutcome(rooms, { trouble: new QpqError("E046", expired.toString()) })
  for (const { group, ...rest } of outcomes) {
    tellOutcome(rooms, rest)
    if (group) groups.set(Buffer.from(group).toString("hex"), group)
  }
  for (const group of groups.values()) tellGroup(rooms, group)
}

function tellGroup(rooms: Rooms, group: GroupId): void {
  if (rooms.store.groupVersion(group) === undefined) return
  const held = takeDown(rooms, group)
  if (held.row.leftAt !== undefined || isBehindTheScenes(rooms, held.row)) return
  rooms.events.emit({ kind: "group", group: groupView(rooms, held.row, held.group) })
}
