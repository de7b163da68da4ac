/** What the server has stored for others, in the client's SQLite file. */
import { groupId, messageId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { SentMail, SentMailReads, SentMailWrites } from "./sent-mail.ts"
import { plain } from "./sqlite-rows.ts"
import { storedInteger } from "./stored-integer.ts"

interface SentMailSql {
  group_id: Buffer
  message_id: Buffer
  epoch: string
  sealed: Buffer
  recipients: Buffer
  stored_at: number
}

const sentMailFrom = (row: SentMailSql): SentMail => ({
  groupId: groupId(plain(row.group_id)),
  messageId: messageId(plain(row.message_id)),
  epoch: BigInt(row.epoch),
  sealed: plain(row.sealed),
  recipients: plain(row.recipients),
  storedAt: row.stored_at,
})

export function sentMailReads(db: SqliteDatabase): SentMailReads {
  const all = db.prepare<[], SentMailSql>(
    `SELECT group_id, message_id, CAST(epoch AS TEXT) AS epoch, sealed, recipients, stored_at
       FROM sent_mail ORDER BY place`,
  )
  return { sentMail: () => all.all().map(sentMailFrom) }
}

export function sentMailWrites(db: SqliteDatabase): SentMailWrites {
  const keep = db.prepare(
    `INSERT OR REPLACE INTO sent_mail (group_id, message_id, epoch, sealed, recipients, stored_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const drop = db.prepare("DELETE FROM sent_mail")
  const dropBefore = db.prepare("DELETE FROM sent_mail WHERE stored_at < ?")
  return {
    keepSent({ groupId: group, messageId: id, epoch, sealed, recipients, storedAt }) {
      keep.run(group, id, storedInteger(epoch), sealed, recipients, storedAt)
    },
    dropSent: () => void drop.run(),
    dropSentBefore: (time) => void dropBefore.run(time),
  }
}
