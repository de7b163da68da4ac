/** Turns what was stored into events for the faces. */
import { equal, hex } from "../domain/bytes.ts"
import type { TimelineRow } from "../store/client-store.ts"
import { takeDown } from "./group-shelf.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { groupView, timelineView } from "./views.ts"

/** A line is among the newest of its group when it is told. */
const RECENT_LINES = 300

export function tellOutcome(rooms: Rooms, outcome: Partial<Outcome>): void {
  const { store, engine, events } = rooms
  const { line, group, trouble, expired } = outcome
  if (line) {
    const row = store.timeline({ groupId: line.group, limit: RECENT_LINES }).findLast((found) => isLine(found, line))
    if (row) events.emit({ kind: "timeline", row: timelineView(rooms, row) })
  }
  if (group && store.group(group)) {
    const held = takeDown(store, engine, group)
    events.emit({ kind: "group", group: groupView(rooms, held.row, held.group) })
  }
  if (trouble) events.emit({ kind: "trouble", code: trouble.code, message: trouble.message })
  if (expired !== undefined) {
    events.emit({ kind: "trouble", code: "E034", message: "a message expired on the server before it was fetched" })
  }
}

const isLine = (row: TimelineRow, line: NonNullable<Outcome["line"]>): boolean =>
  equal(row.messageId, line.id) && equal(row.senderKey, line.sender) && hex(row.groupId) === hex(line.group)
