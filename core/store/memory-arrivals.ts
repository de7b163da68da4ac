/** In which order what is said about lines came, in memory. */
import { equal } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import { TIMELINE_LIMIT_MAX } from "./client-store.ts"
import type { Arrival, ClientReads, TimelineName } from "./client-store.ts"
import { inTime, isSameLine, nextPlace } from "./memory-tables.ts"
import type { MemoryTables } from "./memory-tables.ts"

export const arrivalReads = ({ annotations }: MemoryTables): Pick<ClientReads, "arrivals"> => ({
  arrivals: ({ groupId, after, limit }) =>
    annotations
      .all((row) => equal(row.groupId, groupId) && row.arrival > Math.max(0, after))
      .toSorted((a, b) => a.arrival - b.arrival)
      .slice(0, Math.max(0, Math.min(limit, TIMELINE_LIMIT_MAX))),
})

/** Gives a number to all that was said about a line and has none, once the line is there. */
export function lineArrived(tables: MemoryTables, line: TimelineName): void {
  number(tables, (row) => isSameLine(row, line))
}

/** The same for all lines of a group. @returns what got a number. */
export const linesArrived = (tables: MemoryTables, id: GroupId): readonly Arrival[] =>
  number(tables, ({ groupId }) => equal(groupId, id))

function number(tables: MemoryTables, isMeant: (row: TimelineName) => boolean): readonly Arrival[] {
  const { annotations, timeline } = tables
  const isThere = (row: TimelineName): boolean => timeline.get(row.groupId, row.senderKey, row.messageId) !== undefined
  const waiting = annotations.all((row) => row.arrival === 0 && isMeant(row) && isThere(row)).toSorted(inTime)
  for (const row of waiting) annotations.put({ ...row, arrival: nextPlace(tables, "arrivals") })
  return waiting
}
