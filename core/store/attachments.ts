/** What a client keeps of files: how to get what a message carries, and what waits to be uploaded. */
import type { AttachedFile } from "../domain/attached-file.ts"
import type { AccountKey, BlobId, GroupId, MessageId } from "../domain/ids.ts"

/** A file of one's own that lies encrypted in the profile's folder; its message is queued when the server has it. */
export interface UploadRow {
  readonly blobId: BlobId
  readonly groupId: GroupId
  /** Of the line that shows it. */
  readonly messageId: MessageId
  readonly since: number
}

/** What a timeline row is unique by. */
interface LineOfFile {
  readonly groupId: GroupId
  readonly senderKey: AccountKey
  readonly messageId: MessageId
}

export interface AttachmentReads {
  /** Undefined for a line without a file, and for one that was deleted. */
  attachment(line: LineOfFile): AttachedFile | undefined
  /** Oldest first. */
  uploads(): readonly UploadRow[]
}

export interface AttachmentWrites {
  /** What the line of this name carries; call before the line is added. It goes with the line, and when that is deleted. */
  attach(line: LineOfFile, file: AttachedFile): void
  awaitUpload(row: UploadRow): void
  /** False when it was not there. */
  dropUpload(blobId: BlobId): boolean
}
