/** What a client keeps of what passes: who has read a line, when lines disappear, and which have. */
import type { ReceiptState } from "../domain/app-message.ts"
import type { AccountKey, GroupId, MessageId } from "../domain/ids.ts"

/** What a timeline row is unique by. */
interface Line {
  readonly groupId: GroupId
  readonly senderKey: AccountKey
  readonly messageId: MessageId
}

/** After how long what is said in a conversation disappears. */
export interface GroupTimer {
  readonly groupId: GroupId
  /** 0: never. */
  readonly seconds: number
  /** Who said so. */
  readonly by: AccountKey
  /** Of the message that said it; of two of one time the higher id counts. */
  readonly id: MessageId
  readonly sentAt: number
}

/** Of one member for one line. */
export interface Receipt {
  readonly by: AccountKey
  readonly state: ReceiptState
  /** When it was heard of. */
  readonly at: number
}

export interface PassingReads {
  timer(id: GroupId): GroupTimer | undefined
  /** The first to have it is first. */
  receipts(line: Line): readonly Receipt[]
  /** When the next line disappears, milliseconds since the Unix epoch. */
  nextExpiry(): number | undefined
  /** Whether a message by this sender with this id has disappeared. */
  hasVanished(line: Omit<Line, "groupId">): boolean
}

export interface PassingWrites {
  /** False when a newer one is there. It goes with its group. */
  saveTimer(row: GroupTimer): boolean
  /** Only of a message that is there; who has read it has got it. False when that is no news. */
  noteReceipt(line: Line, receipt: Receipt): boolean
  /** Drops a line with all that was said about it, and remembers that it did. */
  vanish(line: Line, now: number): void
  /** Forgets what disappeared before. */
  forgetVanished(before: number): void
}
