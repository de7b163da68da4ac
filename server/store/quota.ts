/** How much a mailbox holds, and how much of it one sending account may use (PROTOCOL.md section 9). */
import { COMMIT_RESERVE_ROWS, LOST_MARKS_MAX, MAILBOX_BYTES_MAX, MAILBOX_ROWS_MAX } from "../../core/domain/limits.ts"

const SENDER_SHARE = 4
/** Commit rows may take as many bytes again as the quota. */
const COMMIT_BYTES_FACTOR = 2

export interface Usage {
  readonly rows: number
  readonly bytes: number
}

export interface MailboxUsage {
  readonly all: Usage
  /** Of the account that sends. */
  readonly own: Usage
}

export const NO_USAGE: Usage = { rows: 0, bytes: 0 }

/** What a mailbox holds unless the operator says otherwise. */
export const MAILBOX_QUOTA: Usage = { rows: MAILBOX_ROWS_MAX, bytes: MAILBOX_BYTES_MAX }

/** Whether more rows fit the quota. */
export const hasRoom = ({ all, own }: MailboxUsage, more: Usage, quota: Usage): boolean =>
  all.rows + more.rows <= quota.rows &&
  all.bytes + more.bytes <= quota.bytes &&
  own.rows + more.rows <= quota.rows / SENDER_SHARE &&
  own.bytes + more.bytes <= quota.bytes / SENDER_SHARE

/** @returns the rows of one commit's Welcomes to each mailbox up to and with this one, by the name of the mailbox. */
export function withRow(usage: Map<string, Usage>, name: string, bytes: number): Usage {
  const before = usage.get(name) ?? NO_USAGE
  const after = { rows: before.rows + 1, bytes: before.bytes + bytes }
  usage.set(name, after)
  return after
}

/** Whether a commit row of `bytes` fits the quota and its reserve. */
export const hasRoomForCommit = ({ all, own }: MailboxUsage, bytes: number, quota: Usage): boolean =>
  all.rows < quota.rows + COMMIT_RESERVE_ROWS &&
  all.bytes + bytes <= quota.bytes * COMMIT_BYTES_FACTOR &&
  own.rows < (quota.rows + COMMIT_RESERVE_ROWS) / SENDER_SHARE

/** Whether one more lost mark fits. @param marks how many there are, and how many of them are the sender's. */
export const hasRoomForMark = (marks: { readonly all: number; readonly own: number }): boolean =>
  marks.all < LOST_MARKS_MAX && marks.own < LOST_MARKS_MAX / SENDER_SHARE
