/** What was said about lines as its table has it. */
import { accountKey, groupId, messageId } from "../domain/ids.ts"
import type { Annotation } from "./client-store.ts"
import { plain } from "./sqlite-rows.ts"

export interface AnnotationSql {
  group_id: Buffer
  author_key: Buffer
  message_id: Buffer
  kind: Annotation["kind"]
  sender_key: Buffer
  own_id: Buffer
  sent_at: number
  body: string
  arrival: number
}

export const annotationFrom = (row: AnnotationSql): Annotation => ({
  groupId: groupId(plain(row.group_id)),
  senderKey: accountKey(plain(row.author_key)),
  messageId: messageId(plain(row.message_id)),
  kind: row.kind,
  by: accountKey(plain(row.sender_key)),
  id: messageId(plain(row.own_id)),
  sentAt: row.sent_at,
  body: row.body,
})
