/** Marks in SQLite that stand for commit rows without room: one of a group is enough (PROTOCOL.md sections 6 and 9). */
import { EMPTY, hex } from "../../core/domain/bytes.ts"
import { LOST_MARK } from "../../core/domain/lost-mark.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type { DepositItem } from "./node-store.ts"
import { hasRoomForMark } from "./quota.ts"
import { sharedBody } from "./sqlite-mail.ts"
import type { CommitOrigin, SqliteMail } from "./sqlite-mail.ts"
import type { Mailbox } from "./sqlite-mailboxes.ts"

/** The index of the same name has this condition. */
const IS_MARK = `prefix = x'${hex(LOST_MARK)}' AND body_id IS NULL AND group_tag IS NOT NULL`

interface MarkRow {
  readonly id: number
  readonly position: number
  readonly expires_at: number
}

function markStatements(db: SqliteDatabase) {
  return {
    last: db.prepare<[number, Uint8Array, Uint8Array], MarkRow>(
      `SELECT id, position, expires_at FROM mail WHERE device_id = ? AND group_tag = ? AND channel = ? AND ${IS_MARK}
       ORDER BY position DESC LIMIT 1`,
    ),
    prolong: db.prepare<[number, number]>("UPDATE mail SET expires_at = max(expires_at, ?) WHERE id = ?"),
    count: db.prepare<[number, number], { all_marks: number; own_marks: number }>(
      `SELECT count(*) AS all_marks, total(sender_id = ?) AS own_marks FROM mail WHERE device_id = ? AND ${IS_MARK}`,
    ),
  }
}

export class SqliteLostMarks {
  readonly #sql: ReturnType<typeof markStatements>
  readonly #mail: SqliteMail

  constructor(db: SqliteDatabase, mail: SqliteMail) {
    this.#sql = markStatements(db)
    this.#mail = mail
  }

  /**
   * A mark that was not read yet stands for the later losses of its group too, and lives as long as the last of them.
   * @returns whether the mailbox grew.
   */
  note(box: Mailbox, item: DepositItem, origin: CommitOrigin): boolean {
    const last = this.#sql.last.get(box.deviceId, origin.commit.tag, item.channelId)
    if (last && last.position > box.given && last.expires_at > origin.now) {
      this.#sql.prolong.run(origin.expiresAt, last.id)
      return false
    }
    const count = this.#sql.count.get(origin.sender, box.deviceId)
    if (!hasRoomForMark({ all: count?.all_marks ?? 0, own: count?.own_marks ?? 0 })) return false
    this.#mail.append(box, { ...item, prefix: LOST_MARK }, sharedBody(EMPTY), origin)
    return true
  }
}
