/** In which order what is said about lines came, in the client's SQLite file. */
import type { GroupId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import { TIMELINE_LIMIT_MAX } from "./client-store.ts"
import type { Annotation, ClientReads, TimelineName } from "./client-store.ts"
import { annotationFrom } from "./sqlite-annotation-rows.ts"
import type { AnnotationSql } from "./sqlite-annotation-rows.ts"

export function arrivalReads(db: SqliteDatabase): Pick<ClientReads, "arrivals"> {
  const page = db.prepare<[Uint8Array, number, number], AnnotationSql>(
    "SELECT * FROM annotations WHERE group_id = ? AND arrival > 0 AND arrival > ? ORDER BY arrival LIMIT ?",
  )
  return {
    arrivals: ({ groupId, after, limit }) =>
      page
        .all(groupId, after, Math.max(0, Math.min(limit, TIMELINE_LIMIT_MAX)))
        .map((row) => ({ ...annotationFrom(row), arrival: row.arrival })),
  }
}

const WAITING = `SELECT * FROM annotations AS about WHERE group_id = @groupId AND arrival = 0
  AND EXISTS (SELECT 1 FROM timeline WHERE group_id = about.group_id AND sender_key = about.author_key
    AND message_id = about.message_id)`
const ORDER = "ORDER BY sent_at, own_id, kind, sender_key, author_key, message_id"

/** @returns what gives a number to all that was said about a line and has none, once the line is there. */
export function lineArrivals(db: SqliteDatabase): (line: TimelineName) => void {
  const waiting = db.prepare<[TimelineName], AnnotationSql>(
    `${WAITING} AND author_key = @senderKey AND message_id = @messageId ${ORDER}`,
  )
  const number = numberer(db)
  return ({ groupId, senderKey, messageId }) => {
    number(waiting.all({ groupId, senderKey, messageId }))
  }
}

/** @returns the same for all lines of a group, and what got a number. */
export function groupArrivals(db: SqliteDatabase): (id: GroupId) => readonly Annotation[] {
  const waiting = db.prepare<[{ readonly groupId: GroupId }], AnnotationSql>(`${WAITING} ${ORDER}`)
  const number = numberer(db)
  return (groupId) => {
    const rows = waiting.all({ groupId })
    number(rows)
    return rows.map(annotationFrom)
  }
}

function numberer(db: SqliteDatabase): (rows: readonly AnnotationSql[]) => void {
  const next = db.prepare<[], number>("UPDATE arrivals SET last = last + 1 RETURNING last").pluck()
  const give = db.prepare(
    `UPDATE annotations SET arrival = ? WHERE group_id = ? AND author_key = ? AND message_id = ? AND kind = ?
       AND sender_key = ?`,
  )
  return (rows) => {
    for (const row of rows) {
      give.run(next.get(), row.group_id, row.author_key, row.message_id, row.kind, row.sender_key)
    }
  }
}
