/** What the server has stored for others: a server that was restored from a backup may have lost it (PROTOCOL.md section 11). */
import type { GroupId, MessageId } from "../domain/ids.ts"

export interface SentMail {
  readonly groupId: GroupId
  readonly messageId: MessageId
  /** For which it was sealed. */
  readonly epoch: bigint
  /** The fan-out as it went; empty when it is too large to be kept. */
  readonly sealed: Uint8Array
  /** Device keys of those for whom the server stored it, 32 bytes each. */
  readonly recipients: Uint8Array
  /** Milliseconds since the Unix epoch. */
  readonly storedAt: number
}

export interface KeptMail extends SentMail {
  /** Ascends in the order in which it was kept. */
  readonly place: number
}

export interface SentMailReads {
  /** @param after a place; 0 for the oldest. */
  sentMail(after: number, limit: number): readonly KeptMail[]
}

export interface SentMailWrites {
  /** Of a message that is kept already the newer one counts. */
  keepSent(mail: SentMail): void
  dropSentBefore(time: number): void
}
