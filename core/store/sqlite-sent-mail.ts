/** What the server has stored for others, in the client's SQLite file. */
import { groupId, messageId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { KeptMail, SentMailReads, SentMailWrites } from "./sent-mail.ts"
import { plain } from "./sqlite-rows.ts"
import { storedInteger } from "./stored-integer.ts"

interface SentMailSql {
  place: number
  group_id: Buffer
  message_id: Buffer
  epoch: string
  sealed: Buffer
  recipients: Buffer
  stored_at: number
}

const sentMailFrom = (row: SentMailSql): KeptMail => ({
  place: row.place,
  groupId: groupId(plain(row.group_id)),
  messageId: messageId(plain(row.message_id)),
  epoch: BigInt(row.epoch),
  sealed: plain(row.sealed),
  recipients: plain(row.recipients),
  storedAt: row.stored_at,
})

export function sentMailReads(db: SqliteDatabase): SentMailReads {
  const page = db.prepare<[number, number], SentMailSql>(
    `SELECT place, group_id, message_id, CAST(epoch AS TEXT) AS epoch, sealed, recipients, stored_at
       FROM sent_mail WHERE place > ? ORDER BY place LIMIT ?`,
  )
  return { sentMail: (after, limit) => page.all(after, Math.max(0, limit)).map(sentMailFrom) }
}

export function sentMailWrites(db: SqliteDatabase): SentMailWrites {
  const keep = db.prepare(
    `INSERT OR REPLACE INTO sent_mail (group_id, message_id, epoch, sealed, recipients, stored_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const dropBefore = db.prepare("DELETE FROM sent_mail WHERE stored_at < ?")
  return {
    keepSent({ groupId: group, messageId: id, epoch, sealed, recipients, storedAt }) {
      keep.run(group, id, storedInteger(epoch), sealed, recipients, storedAt)
    },
    dropSentBefore: (time) => void dropBefore.run(time),
  }
}
