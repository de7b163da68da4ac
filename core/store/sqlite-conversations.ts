/** What the person has chosen for conversations, in the client's SQLite file. */
import { groupId } from "../domain/ids.ts"
import type { GroupId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { ClientReads, ClientTx } from "./client-store.ts"
import type { Conversation } from "./conversations.ts"
import { plain } from "./sqlite-rows.ts"

interface ConversationSql {
  group_id: Buffer
  notify: Conversation["notify"]
  draft: string
  receipts: Conversation["receipts"]
  typing: Conversation["typing"]
}

export function conversationReads(db: SqliteDatabase): Pick<ClientReads, "conversation"> {
  const one = db.prepare<[Uint8Array], ConversationSql>("SELECT * FROM conversations WHERE group_id = ?")
  return {
    conversation: (id) => {
      const row = one.get(id)
      if (!row) return undefined
      const { notify, draft, receipts, typing } = row
      return { groupId: groupId(plain(row.group_id)), notify, draft, receipts, typing }
    },
  }
}

export function conversationWrites(db: SqliteDatabase): Pick<ClientTx, "saveConversation"> {
  const save = db.prepare("INSERT OR REPLACE INTO conversations VALUES (@groupId, @notify, @draft, @receipts, @typing)")
  return { saveConversation: (row) => void save.run({ ...row }) }
}

/** It goes on in another group, unless something was chosen there. */
export function conversationMover(db: SqliteDatabase): (from: GroupId, to: GroupId) => void {
  const steps = [
    `INSERT OR IGNORE INTO conversations SELECT id, notify, draft, receipts, typing FROM conversations, groups
     WHERE group_id = @from AND id = @to`,
    "DELETE FROM conversations WHERE group_id = @from AND EXISTS (SELECT 1 FROM groups WHERE id = @to)",
  ].map((sql) => db.prepare(sql))
  return (from, to) => {
    for (const step of steps) step.run({ from, to })
  }
}
