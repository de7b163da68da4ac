/** Turns what was stored into events for the faces. */
import { hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import { isUnwanted } from "./blocks.ts"
import { faceIdOf, takeDown } from "./group-shelf.ts"
import { isBehindTheScenes } from "./heirs.ts"
import type { Outcome } from "./outcome.ts"
import type { Rooms } from "./session-parts.ts"
import { groupView, timelineView } from "./views.ts"

export function tellOutcome(rooms: Rooms, outcome: Partial<Outcome>): void {
  const { store, events } = rooms
  const { line, lines = [], group, trouble, replaces, heard, gone } = outcome
  if (heard) rooms.ears.heard(heard)
  const named = line ? [{ groupId: line.group, senderKey: line.sender, messageId: line.id }, ...lines] : lines
  for (const name of named) {
    const row = store.timelineRow(name)
    if (!row) continue
    if (line?.isNew === true) rooms.ears.arrived(row)
    events.emit({ kind: "timeline", row: timelineView(rooms, row) })
  }
  if (trouble) tellTrouble(rooms, trouble)
  tellGone(rooms, gone)
  if (replaces && group) tellMove(rooms, replaces, group)
  if (group) tellGroup(rooms, group)
}

function tellGone({ store, events }: Rooms, gone: GroupId | undefined): void {
  if (gone) events.emit({ kind: "groupGone", groupId: faceIdOf(store, gone) })
}

function tellMove({ events }: Rooms, from: GroupId, to: GroupId): void {
  events.emit({ kind: "groupGone", groupId: hex(from), successor: hex(to) })
  // Its lines are the other's now.
  events.emit({ kind: "lagged" })
}

/** Many lines of one group change its view once; what expired, or cannot be read for one reason, is told as one number. */
export function tellOutcomes(rooms: Rooms, outcomes: readonly Outcome[]): void {
  const groups = new Map<string, GroupId>()
  const expired = outcomes.reduce((sum, outcome) => sum + (outcome.expired ?? 0), 0)
  if (expired > 0) tellOutcome(rooms, { trouble: new QpqError("E046", expired.toString()) })
  const troubles = new Map<string, QpqError[]>()
  for (const { group, trouble, replaces, ...rest } of outcomes) {
    tellOutcome(rooms, rest)
    if (replaces && group) tellMove(rooms, replaces, group)
    if (trouble) troubles.set(trouble.message, [...(troubles.get(trouble.message) ?? []), trouble])
    if (group) groups.set(hex(group), group)
  }
  for (const alike of troubles.values()) if (alike[0]) tellTrouble(rooms, alike[0], alike.length)
  for (const group of groups.values()) tellGroup(rooms, group)
}

function tellTrouble({ events }: Rooms, { code, message }: QpqError, times = 1): void {
  events.emit({ kind: "trouble", code, message: times === 1 ? message : `${message} (${times} times)` })
}

function tellGroup(rooms: Rooms, group: GroupId): void {
  if (rooms.store.groupVersion(group) === undefined) return
  const held = takeDown(rooms, group)
  if (held.row.leftAt !== undefined || isBehindTheScenes(rooms, held.row)) return
  if (isUnwanted(rooms.store, held.row)) return
  rooms.events.emit({ kind: "group", group: groupView(rooms, held.row, held.group) })
}
