/** What the server has stored for others, in memory. */
import type { MemoryTables } from "./memory-tables.ts"
import type { SentMailReads, SentMailWrites } from "./sent-mail.ts"
import { storedInteger } from "./stored-integer.ts"

export const sentMailReads = ({ sentMail }: MemoryTables): SentMailReads => ({ sentMail: () => sentMail.all() })

export const sentMailWrites = ({ sentMail }: MemoryTables): SentMailWrites => ({
  keepSent(mail) {
    storedInteger(mail.epoch)
    sentMail.drop(mail.groupId, mail.messageId)
    sentMail.put(mail)
  },
  dropSent() {
    sentMail.dropAll(() => true)
  },
  dropSentBefore(time) {
    sentMail.dropAll(({ storedAt }) => storedAt < time)
  },
})
