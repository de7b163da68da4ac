/** What becomes of a SQLite store that was copied from a backup (PROTOCOL.md section 11). */
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { uintBytes } from "../../core/domain/bytes.ts"
import { RESTORE_STEP } from "../../core/domain/limits.ts"

/** By how much all numbers are higher than without a restore, 8 bytes; not there when there was none. */
const RESTORED = "restored"

/** In two steps, since no two rows of a mailbox may have one position even for a moment. */
const RENUMBER = [
  `UPDATE mail SET position = -position, seq = seq + ${RESTORE_STEP}`,
  `UPDATE mail SET position = ${RESTORE_STEP} - position`,
  `UPDATE devices SET head_position = head_position + ${RESTORE_STEP}`,
  `UPDATE lanes SET head_seq = head_seq + ${RESTORE_STEP}`,
  `UPDATE tombstones SET seq = seq + ${RESTORE_STEP}`,
  `UPDATE tombstones SET sender_head = sender_head + ${RESTORE_STEP} WHERE sender_head > 0`,
  `UPDATE commit_log SET author_head = author_head + ${RESTORE_STEP} WHERE author_head > 0`,
]

/** Call in a transaction; what is in memory of mailboxes is to be forgotten. @param generation 8 bytes. */
export function becomeRestored(db: SqliteDatabase, generation: Uint8Array): void {
  for (const step of RENUMBER) db.prepare(step).run()
  db.prepare("UPDATE group_tags SET restore_epoch = epoch, restore_verifier = verifier").run()
  db.prepare("DELETE FROM key_packages WHERE last_resort = 0").run()
  const before = db.prepare<[string], { value: Buffer }>("SELECT value FROM settings WHERE name = ?").get(RESTORED)
  const base = (before?.value.readBigUInt64BE() ?? 0n) + BigInt(RESTORE_STEP)
  const put = db.prepare("INSERT OR REPLACE INTO settings VALUES (?, ?)")
  put.run("generation", generation)
  put.run(RESTORED, uintBytes(base, 8))
}

export const isRestored = (db: SqliteDatabase): boolean =>
  db.prepare("SELECT 1 FROM settings WHERE name = ?").get(RESTORED) !== undefined
