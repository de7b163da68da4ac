/** What the server has stored for others, in memory. */
import { nextPlace } from "./memory-tables.ts"
import type { MemoryTables } from "./memory-tables.ts"
import type { SentMailReads, SentMailWrites } from "./sent-mail.ts"
import { storedInteger } from "./stored-integer.ts"

export const sentMailReads = ({ sentMail }: MemoryTables): SentMailReads => ({
  sentMail: (after, limit) => sentMail.all(({ place }) => place > after).slice(0, Math.max(0, limit)),
})

export function sentMailWrites(tables: MemoryTables): SentMailWrites {
  const { sentMail } = tables
  return {
    keepSent(mail) {
      storedInteger(mail.epoch)
      sentMail.drop(mail.groupId, mail.messageId)
      sentMail.put({ ...mail, place: nextPlace(tables, "sent-mail") })
    },
    dropSentBefore(time) {
      sentMail.dropAll(({ storedAt }) => storedAt < time)
    },
  }
}
