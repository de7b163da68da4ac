/** What the person has chosen for conversations, in memory. */
import { QpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "./client-store.ts"
import type { MemoryTables } from "./memory-tables.ts"

export const conversationReads = ({ conversations }: MemoryTables): Pick<ClientReads, "conversation"> => ({
  conversation: (id) => conversations.get(id),
})

export const conversationWrites = ({ conversations, groups }: MemoryTables): Pick<ClientTx, "saveConversation"> => ({
  saveConversation(row) {
    if (!groups.get(row.groupId)) throw new QpqError("E063", "no such group")
    conversations.put(row)
  },
})

/** It goes on in another group, unless something was chosen there. */
export function moveConversation({ conversations, groups }: MemoryTables, from: GroupId, to: GroupId): void {
  const row = conversations.get(from)
  if (!row || !groups.get(to)) return
  conversations.drop(from)
  if (!conversations.get(to)) conversations.put({ ...row, groupId: to })
}
