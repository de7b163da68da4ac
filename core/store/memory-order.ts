/** Where lines of one's own stand among those of others, in memory. */
import { equal, hex } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { TimelineName, TimelineRow } from "./client-store.ts"
import { givePlace, lastPlace, nextPlace } from "./memory-tables.ts"
import type { MemoryTables } from "./memory-tables.ts"
import { ROOMS_MAX, TRAILING_LINES_MAX } from "./order.ts"
import type { OrderWrites } from "./order.ts"
import { storedInteger } from "./stored-integer.ts"

export function orderWrites(tables: MemoryTables): OrderWrites {
  const { outbox, rooms, staged, timeline } = tables
  const forget = (isOver: (head: bigint) => boolean): void => {
    for (const row of timeline.all(({ head }) => head !== undefined && isOver(head)))
      timeline.put({ ...row, head: undefined })
  }
  return {
    keepRoom(position) {
      const room = outbox.count(({ sealed }) => sealed !== undefined) + staged.count()
      if (room === 0) {
        rooms.dropAll(() => true)
        return
      }
      const place = lastPlace(tables) + room
      rooms.put({ place, position: storedInteger(position) })
      givePlace(tables, place)
      // They come in the order of their places.
      if (rooms.count() > ROOMS_MAX) rooms.drop(rooms.all()[0]?.place ?? 0)
    },
    settleLine(line, { head, reached }) {
      if (head !== undefined) storedInteger(head)
      const row = timeline.get(line.groupId, line.senderKey, line.messageId)
      if (row?.own === true) settle(tables, row, { head, reached })
    },
    noteReached(position) {
      storedInteger(position)
      forget((head) => head <= position)
    },
    trail: () => trailingGroups(tables).flatMap((id) => trailIn(tables, id)),
    forgetHeads() {
      forget(() => true)
      rooms.dropAll(() => true)
    },
  }
}

function settle(
  tables: MemoryTables,
  row: TimelineRow,
  { head, reached }: { readonly head: bigint | undefined; readonly reached: bigint },
): void {
  const { rooms, timeline } = tables
  const behind = rooms.all(({ position }) => head !== undefined && position > head).map(({ place }) => place)
  const end = behind.length > 0 ? Math.min(...behind) : undefined
  const to = end ?? lastPlace(tables)
  const isBefore = timeline.count((other) => isBetween(other, row, to)) > 0
  const free = end === undefined ? to + 1 : lastUpTo(tables, end) + 1
  if (end !== undefined) {
    if ((isBefore || row.place > end) && free <= end) timeline.put({ ...row, place: free })
    return
  }
  const place = isBefore ? nextPlace(tables, "timeline") : row.place
  const follows = head ?? heads(tables, row.groupId).reduce((most, one) => (one > most ? one : most), 0n)
  const isTrailing = follows > reached && timeline.count((one) => one.head !== undefined) < TRAILING_LINES_MAX
  timeline.put({ ...row, place, head: isTrailing ? follows : row.head })
}

/** Of the same group, other than those that wait to be sent. */
const isBetween = (other: TimelineRow, { groupId, place }: TimelineRow, to: number): boolean =>
  equal(other.groupId, groupId) && other.place > place && other.place <= to && other.delivery !== "queued"

const lastUpTo = ({ timeline }: MemoryTables, end: number): number =>
  timeline.all(({ place }) => place <= end).reduce((last, { place }) => Math.max(last, place), 0)

const trailingIn = ({ timeline }: MemoryTables, id: GroupId): readonly TimelineRow[] =>
  timeline.all(({ groupId, head }) => head !== undefined && equal(groupId, id)).toSorted((a, b) => a.place - b.place)

const heads = (tables: MemoryTables, id: GroupId): readonly bigint[] =>
  trailingIn(tables, id).flatMap(({ head }) => head ?? [])

function trailingGroups({ timeline }: MemoryTables): readonly GroupId[] {
  const groups = new Map(timeline.all(({ head }) => head !== undefined).map(({ groupId }) => [hex(groupId), groupId]))
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, id]) => id)
}

function trailIn(tables: MemoryTables, id: GroupId): readonly TimelineName[] {
  const { timeline } = tables
  const lines = trailingIn(tables, id)
  const first = lines[0]?.place ?? Infinity
  if (timeline.count(({ groupId, own, place }) => !own && place > first && equal(groupId, id)) === 0) return []
  return lines.map((row) => {
    timeline.put({ ...row, place: nextPlace(tables, "timeline") })
    const { groupId, senderKey, messageId } = row
    return { groupId, senderKey, messageId }
  })
}
