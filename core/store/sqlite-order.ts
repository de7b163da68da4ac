/** Where lines of one's own stand among those of others, in the client's SQLite file. */
import { accountKey, groupId, messageId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { TimelineName } from "./client-store.ts"
import { ROOMS_MAX, TRAILING_LINES_MAX } from "./order.ts"
import type { OrderWrites } from "./order.ts"
import { plain } from "./sqlite-rows.ts"
import { storedInteger } from "./stored-integer.ts"

interface TrailingSql {
  place: number
  group_id: Buffer
  sender_key: Buffer
  message_id: Buffer
}

/** The last place that was ever given. */
const LAST = `max(coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'timeline'), 0),
  coalesce((SELECT max(place) FROM timeline), 0))`

/** Says that no line comes before this place any more, so that none is given twice. */
function placeGiver(db: SqliteDatabase): { last: () => number; give: (place: number) => void } {
  const last = db.prepare<[], number>(`SELECT ${LAST}`).pluck()
  const raise = db.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'timeline'")
  const begin = db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('timeline', ?)")
  return {
    last: () => last.get() ?? 0,
    give(place) {
      if (raise.run(place).changes === 0) begin.run(place)
    },
  }
}

/** There are hardly any; by the index of groups SQLite would look at all lines that were ever said. */
const TRAILING = "timeline INDEXED BY timeline_by_head WHERE head IS NOT NULL"

/** Lines of a group between two places, other than those that wait to be sent. */
const STANDS_BETWEEN = `SELECT 1 FROM timeline WHERE group_id = ? AND place > ? AND place <= ? AND delivery <> 'queued'
  LIMIT 1`

export function orderWrites(db: SqliteDatabase): OrderWrites {
  return { ...roomWrites(db), ...settling(db), ...trailing(db) }
}

function roomWrites(db: SqliteDatabase): Pick<OrderWrites, "keepRoom" | "noteReached" | "forgetHeads"> {
  const { last, give } = placeGiver(db)
  const underWay = db
    .prepare<[], number>(
      "SELECT (SELECT count(*) FROM outbox WHERE sealed IS NOT NULL) + (SELECT count(*) FROM staged_commits)",
    )
    .pluck()
  const keep = db.prepare("INSERT INTO rooms VALUES (?, ?)")
  const bound = db.prepare(
    `DELETE FROM rooms WHERE place <= (SELECT place FROM rooms ORDER BY place DESC LIMIT 1 OFFSET ${ROOMS_MAX})`,
  )
  const drop = db.prepare("DELETE FROM rooms")
  const settle = db.prepare("UPDATE timeline SET head = NULL WHERE head <= ?")
  const settleAll = db.prepare("UPDATE timeline SET head = NULL WHERE head IS NOT NULL")
  return {
    keepRoom(position) {
      const room = underWay.get() ?? 0
      if (room === 0) {
        drop.run()
        return
      }
      const place = last() + room
      keep.run(place, storedInteger(position))
      give(place)
      bound.run()
    },
    noteReached: (position) => void settle.run(storedInteger(position)),
    forgetHeads() {
      settleAll.run()
      drop.run()
    },
  }
}

function settling(db: SqliteDatabase): Pick<OrderWrites, "settleLine"> {
  const { last, give } = placeGiver(db)
  const own = db
    .prepare<[Uint8Array, Uint8Array, Uint8Array], number>(
      "SELECT place FROM timeline WHERE group_id = ? AND sender_key = ? AND message_id = ? AND own = 1",
    )
    .pluck()
  const room = db.prepare<[bigint], number | null>("SELECT min(place) FROM rooms WHERE position > ?").pluck()
  const before = db.prepare<[number], number>("SELECT coalesce(max(place), 0) FROM timeline WHERE place <= ?").pluck()
  const between = db.prepare(STANDS_BETWEEN)
  const move = db.prepare("UPDATE timeline SET place = ? WHERE place = ?")
  const inherited = db
    .prepare<[Uint8Array], bigint>(`SELECT coalesce(max(head), 0) FROM ${TRAILING} AND group_id = ?`)
    .pluck()
    .safeIntegers(true)
  const trail = db.prepare(
    `UPDATE timeline SET head = ? WHERE place = ?
       AND (SELECT count(*) FROM timeline WHERE head IS NOT NULL) < ${TRAILING_LINES_MAX}`,
  )

  const intoRoom = (line: TimelineName, place: number, end: number): void => {
    const free = (before.get(end) ?? 0) + 1
    const isThere = place <= end && !between.get(line.groupId, place, end)
    if (free <= end && !isThere) move.run(free, place)
  }

  /** @returns where it stands now. */
  const behindAll = (line: TimelineName, place: number): number => {
    const end = last()
    if (!between.get(line.groupId, place, end)) return place
    move.run(end + 1, place)
    give(end + 1)
    return end + 1
  }

  return {
    settleLine(line, { head, reached }) {
      const place = own.get(line.groupId, line.senderKey, line.messageId)
      const end = head === undefined ? null : room.get(storedInteger(head))
      if (place === undefined) return
      if (typeof end === "number") {
        intoRoom(line, place, end)
        return
      }
      const now = behindAll(line, place)
      const follows = head ?? inherited.get(line.groupId) ?? 0n
      if (follows > reached) trail.run(follows, now)
    },
  }
}

function trailing(db: SqliteDatabase): Pick<OrderWrites, "trail"> {
  const { last, give } = placeGiver(db)
  const groups = db.prepare<[], { group_id: Buffer; place: number }>(
    `SELECT group_id, min(place) AS place FROM ${TRAILING} GROUP BY group_id ORDER BY group_id`,
  )
  const isBehind = db.prepare("SELECT 1 FROM timeline WHERE group_id = ? AND place > ? AND own = 0 LIMIT 1")
  const lines = db.prepare<[Uint8Array], TrailingSql>(
    `SELECT place, group_id, sender_key, message_id FROM ${TRAILING} AND group_id = ? ORDER BY place`,
  )
  const move = db.prepare("UPDATE timeline SET place = ? WHERE place = ?")
  return {
    trail() {
      const moved: TimelineName[] = []
      for (const { group_id: id, place } of groups.all()) {
        if (!isBehind.get(id, place)) continue
        for (const row of lines.all(id)) {
          const free = last() + 1
          move.run(free, row.place)
          give(free)
          moved.push(nameFrom(row))
        }
      }
      return moved
    },
  }
}

const nameFrom = (row: TrailingSql): TimelineName => ({
  groupId: groupId(plain(row.group_id)),
  senderKey: accountKey(plain(row.sender_key)),
  messageId: messageId(plain(row.message_id)),
})
