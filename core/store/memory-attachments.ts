/** Files that lines carry, in memory. */
import { equal } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { AttachmentReads, AttachmentWrites } from "./attachments.ts"
import { nextPlace } from "./memory-tables.ts"
import type { MemoryTables } from "./memory-tables.ts"

export function attachmentReads({ attachments, uploads }: MemoryTables): AttachmentReads {
  return {
    attachment: ({ groupId, senderKey, messageId }) => attachments.get(groupId, senderKey, messageId)?.file,
    uploads: () =>
      uploads
        .all()
        .toSorted((a, b) => a.place - b.place)
        .map(({ blobId, groupId, messageId, since }) => ({ blobId, groupId, messageId, since })),
  }
}

export function attachmentWrites(tables: MemoryTables): AttachmentWrites {
  const { attachments, uploads } = tables
  return {
    attach({ groupId, senderKey, messageId }, file) {
      const row = { groupId, senderKey, messageId, file }
      if (!attachments.has(row)) attachments.put(row)
    },
    awaitUpload(row) {
      uploads.drop(row.blobId)
      uploads.put({ ...row, place: nextPlace(tables, "uploads") })
    },
    dropUpload: (blobId) => uploads.drop(blobId),
  }
}

/** Files go with their lines, uploads with their group. Call before the lines move. */
export function moveAttachments({ attachments, uploads, timeline }: MemoryTables, from: GroupId, to: GroupId): void {
  const moving = attachments.all(({ groupId }) => equal(groupId, from))
  attachments.dropAll(({ groupId }) => equal(groupId, from))
  for (const row of moving) {
    const isLine = (id: GroupId): boolean => timeline.get(id, row.senderKey, row.messageId) !== undefined
    if (isLine(from) && !isLine(to)) attachments.put({ ...row, groupId: to })
  }
  for (const row of uploads.all(({ groupId }) => equal(groupId, from))) uploads.put({ ...row, groupId: to })
}
