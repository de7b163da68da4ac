/** What passes, in the client's SQLite file: receipts, timers, lines that disappear. */
import type { ReceiptState } from "../domain/app-message.ts"
import { accountKey, groupId, messageId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { ClientReads } from "./client-store.ts"
import { annotationWrites } from "./sqlite-annotations.ts"
import type { GroupTimer, PassingReads, PassingWrites, Receipt } from "./passing.ts"
import { plain, timelineFrom } from "./sqlite-rows.ts"
import type { TimelineSql } from "./sqlite-rows.ts"

interface TimerSql {
  group_id: Buffer
  seconds: number
  sender_key: Buffer
  own_id: Buffer
  sent_at: number
}

interface ReceiptSql {
  sender_key: Buffer
  state: ReceiptState
  at: number
}

const timerFrom = (row: TimerSql): GroupTimer => ({
  groupId: groupId(plain(row.group_id)),
  seconds: row.seconds,
  by: accountKey(plain(row.sender_key)),
  id: messageId(plain(row.own_id)),
  sentAt: row.sent_at,
})

const receiptFrom = ({ sender_key, state, at }: ReceiptSql): Receipt => ({
  by: accountKey(plain(sender_key)),
  state,
  at,
})

export function passingReads(db: SqliteDatabase): PassingReads & Pick<ClientReads, "due"> {
  const timer = db.prepare<[Uint8Array], TimerSql>("SELECT * FROM timers WHERE group_id = ?")
  const receipts = db.prepare<[Uint8Array, Uint8Array, Uint8Array], ReceiptSql>(
    `SELECT sender_key, state, at FROM receipts WHERE group_id = ? AND author_key = ? AND message_id = ?
     ORDER BY at, sender_key`,
  )
  const due = db
    .prepare<[number, number], TimelineSql>(
      "SELECT * FROM timeline WHERE expires_at <= ? ORDER BY expires_at, place LIMIT ?",
    )
    .safeIntegers(true)
  const next = db
    .prepare<[], number | null>("SELECT min(expires_at) FROM timeline WHERE expires_at IS NOT NULL")
    .pluck()
  const gone = db.prepare("SELECT 1 FROM vanished WHERE sender_key = ? AND message_id = ?")
  return {
    timer: (id) => {
      const row = timer.get(id)
      return row && timerFrom(row)
    },
    receipts: ({ groupId: id, senderKey, messageId: line }) => receipts.all(id, senderKey, line).map(receiptFrom),
    due: (now, limit) => due.all(now, Math.max(0, limit)).map(timelineFrom),
    nextExpiry: () => next.get() ?? undefined,
    hasVanished: ({ senderKey, messageId: line }) => gone.get(senderKey, line) !== undefined,
  }
}

const NEWER = "excluded.sent_at > sent_at OR (excluded.sent_at = sent_at AND excluded.own_id > own_id)"
const REPLACED = `ON CONFLICT DO UPDATE SET seconds = excluded.seconds, sender_key = excluded.sender_key,
  own_id = excluded.own_id, sent_at = excluded.sent_at WHERE ${NEWER}`
const READ =
  "ON CONFLICT DO UPDATE SET state = 'read', at = excluded.at WHERE excluded.state = 'read' AND state <> 'read'"

export function passingWrites(db: SqliteDatabase): PassingWrites {
  const { dropLine } = annotationWrites(db)
  const save = db.prepare(`INSERT INTO timers VALUES (@groupId, @seconds, @by, @id, @sentAt) ${REPLACED}`)
  const note = db.prepare(
    `INSERT INTO receipts SELECT @groupId, @senderKey, @messageId, @by, @state, @at
     WHERE EXISTS (SELECT 1 FROM timeline WHERE group_id = @groupId AND sender_key = @senderKey
       AND message_id = @messageId AND kind = 'text') ${READ}`,
  )
  const gone = db.prepare("INSERT OR IGNORE INTO vanished VALUES (?, ?, ?)")
  const forget = db.prepare("DELETE FROM vanished WHERE since < ?")
  return {
    saveTimer: (row) => save.run({ ...row }).changes === 1,
    noteReceipt: ({ groupId: id, senderKey, messageId: line }, receipt) =>
      note.run({ groupId: id, senderKey, messageId: line, ...receipt }).changes === 1,
    vanish(line, now) {
      dropLine(line)
      gone.run(line.senderKey, line.messageId, now)
    },
    forgetVanished: (before) => void forget.run(before),
  }
}

/** Receipts go with their lines; the newer of two timers stays. */
export function passingMover(db: SqliteDatabase): (from: GroupId, to: GroupId) => void {
  const steps = [
    `INSERT INTO receipts SELECT @to, author_key, message_id, sender_key, state, at FROM receipts
     WHERE group_id = @from ${READ}`,
    "DELETE FROM receipts WHERE group_id = @from",
    `INSERT INTO timers SELECT @to, seconds, sender_key, own_id, sent_at FROM timers
     WHERE group_id = @from AND EXISTS (SELECT 1 FROM groups WHERE id = @to) ${REPLACED}`,
    "DELETE FROM timers WHERE group_id = @from AND EXISTS (SELECT 1 FROM groups WHERE id = @to)",
  ].map((sql) => db.prepare(sql))
  return (from, to) => {
    for (const step of steps) step.run({ from, to })
  }
}
