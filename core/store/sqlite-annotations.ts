/** What was said about lines, in the client's SQLite file. */
import type { GroupId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { ClientReads, ClientTx, TimelineName, TimelineRow } from "./client-store.ts"
import { annotationFrom } from "./sqlite-annotation-rows.ts"
import type { AnnotationSql } from "./sqlite-annotation-rows.ts"
import { groupArrivals, lineArrivals } from "./sqlite-arrivals.ts"
import { timelineFrom } from "./sqlite-rows.ts"
import type { TimelineSql } from "./sqlite-rows.ts"

type AnnotationReads = Pick<ClientReads, "annotations" | "annotationsBy" | "strayAnnotations" | "linesBetween">

export function annotationReads(db: SqliteDatabase): AnnotationReads {
  const ofLine = db.prepare<[Uint8Array, Uint8Array, Uint8Array], AnnotationSql>(
    `SELECT * FROM annotations WHERE group_id = ? AND author_key = ? AND message_id = ?
     ORDER BY sent_at, own_id, kind, sender_key`,
  )
  const by = db.prepare<[Uint8Array, Uint8Array], AnnotationSql>(
    `SELECT * FROM annotations WHERE group_id = ? AND sender_key = ?
     ORDER BY sent_at, own_id, kind, author_key, message_id`,
  )
  const stray = db.prepare<[Uint8Array, Uint8Array], { count: number }>(
    `SELECT count(*) AS count FROM annotations AS about WHERE group_id = ? AND sender_key = ? AND NOT EXISTS (
       SELECT 1 FROM timeline WHERE group_id = about.group_id AND sender_key = about.author_key
         AND message_id = about.message_id)`,
  )
  const between = db
    .prepare<[Uint8Array, Uint8Array, Uint8Array, number], TimelineSql>(
      "SELECT * FROM timeline WHERE group_id = ? AND message_id BETWEEN ? AND ? ORDER BY place LIMIT ?",
    )
    .safeIntegers(true)
  return {
    annotations: ({ groupId: id, senderKey, messageId: line }) => ofLine.all(id, senderKey, line).map(annotationFrom),
    annotationsBy: (id, sender) => by.all(id, sender).map(annotationFrom),
    strayAnnotations: (id, sender) => stray.get(id, sender)?.count ?? 0,
    linesBetween: (id, low, high, limit): readonly TimelineRow[] =>
      between.all(id, low, high, Math.max(0, limit)).map(timelineFrom),
  }
}

/** Of a line that stands there, as its author wants it now; nothing is left of one that was taken back. */
const SETTLE = [
  `UPDATE annotations SET body = '' WHERE group_id = @groupId AND author_key = @senderKey AND message_id = @messageId
     AND kind = 'edit' AND EXISTS (SELECT 1 FROM annotations WHERE group_id = @groupId AND author_key = @senderKey
       AND message_id = @messageId AND kind = 'delete')`,
  `DELETE FROM attachments WHERE group_id = @groupId AND sender_key = @senderKey AND message_id = @messageId
     AND EXISTS (SELECT 1 FROM annotations WHERE group_id = @groupId AND author_key = @senderKey
       AND message_id = @messageId AND kind = 'delete')`,
  `UPDATE timeline SET body = said.body
     FROM (SELECT body FROM annotations WHERE group_id = @groupId AND author_key = @senderKey
       AND message_id = @messageId AND (kind = 'delete' OR kind = 'edit' AND NOT EXISTS (SELECT 1 FROM attachments
         WHERE group_id = @groupId AND sender_key = @senderKey AND message_id = @messageId))
       ORDER BY kind LIMIT 1) AS said
     WHERE group_id = @groupId AND sender_key = @senderKey AND message_id = @messageId AND kind = 'text'`,
]

/**
 * @returns what makes the text of a line that of its newest edit, or empty when it was deleted; a file has no other text.
 * What was said about the line has arrived.
 */
export function settler(db: SqliteDatabase): (line: TimelineName) => void {
  const steps = SETTLE.map((sql) => db.prepare(sql))
  const arrive = lineArrivals(db)
  return ({ groupId: id, senderKey, messageId: line }) => {
    for (const step of steps) step.run({ groupId: id, senderKey, messageId: line })
    arrive({ groupId: id, senderKey, messageId: line })
  }
}

const REPLACED =
  "ON CONFLICT DO UPDATE SET own_id = excluded.own_id, sent_at = excluded.sent_at, body = excluded.body, arrival = excluded.arrival"
const NEWER = "excluded.sent_at > sent_at OR (excluded.sent_at = sent_at AND excluded.own_id > own_id)"

export function annotationWrites(db: SqliteDatabase): Pick<ClientTx, "annotate" | "dropLine"> {
  const drops = [
    "DELETE FROM timeline WHERE group_id = ? AND sender_key = ? AND message_id = ?",
    "DELETE FROM annotations WHERE group_id = ? AND author_key = ? AND message_id = ?",
    "DELETE FROM attachments WHERE group_id = ? AND sender_key = ? AND message_id = ?",
    "DELETE FROM receipts WHERE group_id = ? AND author_key = ? AND message_id = ?",
  ].map((sql) => db.prepare(sql))
  const save = db.prepare(
    `INSERT INTO annotations VALUES (@groupId, @senderKey, @messageId, @kind, @by, @id, @sentAt, @body, 0)
       ${REPLACED} WHERE ${NEWER}`,
  )
  const settle = settler(db)
  return {
    dropLine({ groupId: id, senderKey, messageId: line }) {
      for (const drop of drops) drop.run(id, senderKey, line)
    },
    annotate(row) {
      if (save.run({ ...row }).changes !== 1) return false
      settle(row)
      return true
    },
  }
}

/** What was said about the lines of a group goes with them. */
export function annotationMover(db: SqliteDatabase): (from: GroupId, to: GroupId) => void {
  const move = db.prepare(
    `INSERT INTO annotations SELECT @to, author_key, message_id, kind, sender_key, own_id, sent_at, body, arrival
       FROM annotations WHERE group_id = @from ${REPLACED} WHERE ${NEWER}`,
  )
  const lines = db.prepare<[Uint8Array], AnnotationSql>(
    "SELECT * FROM annotations WHERE group_id = ? AND kind IN ('edit', 'delete')",
  )
  const drop = db.prepare("DELETE FROM annotations WHERE group_id = ?")
  const settle = settler(db)
  const arrive = groupArrivals(db)
  return (from, to) => {
    move.run({ from, to })
    for (const row of arrive(to)) settle(row)
    for (const row of lines.all(from)) settle({ ...annotationFrom(row), groupId: to })
    drop.run(from)
  }
}
