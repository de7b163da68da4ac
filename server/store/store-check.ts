/** What must hold between the rows of a server's store, beside what SQLite itself promises. */
import { faultsOf } from "../../core/sqlite/copy.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"

/** Each counts rows that contradict it. */
const RULES: readonly (readonly [string, string])[] = [
  [
    "bodies whose count of rows is wrong",
    "SELECT count(*) FROM bodies WHERE refs <> (SELECT count(*) FROM mail WHERE body_id = bodies.id)",
  ],
  [
    "rows of mail without their body",
    "SELECT count(*) FROM mail WHERE body_id IS NOT NULL AND body_id NOT IN (SELECT id FROM bodies)",
  ],
  ["rows of mail for no device", "SELECT count(*) FROM mail WHERE device_id NOT IN (SELECT id FROM devices)"],
  [
    "mailboxes with a row beyond their end",
    `SELECT count(*) FROM devices WHERE head_position <
       (SELECT coalesce(max(position), 0) FROM mail WHERE device_id = devices.id)`,
  ],
  [
    "channels with a row beyond their end",
    `SELECT count(*) FROM (SELECT device_id, channel, max(seq) AS last FROM mail GROUP BY device_id, channel) AS held
     LEFT JOIN lanes ON lanes.device_id = held.device_id AND lanes.channel = held.channel
     WHERE held.last > coalesce(lanes.head_seq, 0)`,
  ],
  [
    "files whose chunks are not what was received",
    `SELECT count(*) FROM blobs WHERE received <>
       (SELECT coalesce(sum(length(bytes)), 0) FROM blob_chunks WHERE blob = blobs.id)`,
  ],
  [
    "group epochs behind their own commits",
    `SELECT count(*) FROM group_tags WHERE epoch <=
       (SELECT coalesce(max(base_epoch), -1) FROM commit_log WHERE tag = group_tags.tag)`,
  ],
]

/** One line for each fault; none for a sound store. */
export function storeFaults(db: SqliteDatabase): readonly string[] {
  const faults = faultsOf(db)
  if (faults.length > 0) return faults
  return RULES.flatMap(([what, sql]) => {
    const count = db.prepare<[], number>(sql).pluck().get() ?? 0
    return count === 0 ? [] : [`${what}: ${count}`]
  })
}
