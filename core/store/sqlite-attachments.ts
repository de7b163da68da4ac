/** Files that lines carry, in the client's SQLite file. */
import type { AttachedFile } from "../domain/attached-file.ts"
import { blobId, groupId, messageId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { AttachmentReads, AttachmentWrites, UploadRow } from "./attachments.ts"
import { plain } from "./sqlite-rows.ts"

interface AttachmentSql {
  blob_id: Buffer
  key: Buffer
  hash: Buffer
  size: number
  name: string
  media_type: string
}

interface UploadSql {
  blob_id: Buffer
  group_id: Buffer
  message_id: Buffer
  since: number
}

const attachmentFrom = (row: AttachmentSql): AttachedFile => ({
  blobId: blobId(plain(row.blob_id)),
  key: plain(row.key),
  hash: plain(row.hash),
  size: row.size,
  name: row.name,
  mediaType: row.media_type,
})

const uploadFrom = (row: UploadSql): UploadRow => ({
  blobId: blobId(plain(row.blob_id)),
  groupId: groupId(plain(row.group_id)),
  messageId: messageId(plain(row.message_id)),
  since: row.since,
})

export function attachmentReads(db: SqliteDatabase): AttachmentReads {
  const one = db.prepare<[Uint8Array, Uint8Array, Uint8Array], AttachmentSql>(
    "SELECT * FROM attachments WHERE group_id = ? AND sender_key = ? AND message_id = ?",
  )
  const uploads = db.prepare<[], UploadSql>("SELECT * FROM uploads ORDER BY place")
  return {
    attachment: ({ groupId: id, senderKey, messageId: line }) => {
      const row = one.get(id, senderKey, line)
      return row && attachmentFrom(row)
    },
    uploads: () => uploads.all().map(uploadFrom),
  }
}

export function attachmentWrites(db: SqliteDatabase): AttachmentWrites {
  const attach = db.prepare("INSERT OR IGNORE INTO attachments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
  const upload = db.prepare(
    "INSERT OR REPLACE INTO uploads (blob_id, group_id, message_id, since) VALUES (@blobId, @groupId, @messageId, @since)",
  )
  const done = db.prepare("DELETE FROM uploads WHERE blob_id = ?")
  return {
    attach({ groupId: id, senderKey, messageId: line }, { blobId: blob, key, hash, size, name, mediaType }) {
      attach.run(id, senderKey, line, blob, key, hash, size, name, mediaType)
    },
    awaitUpload: (row) => void upload.run({ ...row }),
    dropUpload: (blob) => done.run(blob).changes === 1,
  }
}

const SAME_LINE = `FROM timeline WHERE sender_key = attachments.sender_key AND message_id = attachments.message_id`

/** Files go with their lines, uploads with their group. Call before the lines move. */
export function attachmentMover(db: SqliteDatabase): (from: GroupId, to: GroupId) => void {
  const steps = [
    `DELETE FROM attachments WHERE group_id = @from AND (
       NOT EXISTS (SELECT 1 ${SAME_LINE} AND group_id = @from) OR EXISTS (SELECT 1 ${SAME_LINE} AND group_id = @to))`,
    "UPDATE OR REPLACE attachments SET group_id = @to WHERE group_id = @from",
    "UPDATE uploads SET group_id = @to WHERE group_id = @from",
  ].map((sql) => db.prepare(sql))
  return (from, to) => {
    for (const step of steps) step.run({ from, to })
  }
}
