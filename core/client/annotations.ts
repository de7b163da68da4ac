/** What people say about messages: reactions, edits, deletions. Whatever comes first, everybody ends with the same. */
import { isRemark } from "../domain/app-message.ts"
import type { AppContent, AppMessage } from "../domain/app-message.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { Annotation, ClientTx } from "../store/client-store.ts"

/** About messages that are not there (yet); of each member and conversation. What comes above is dropped. */
export const STRAY_ANNOTATIONS_MAX = 1000

/** What a message says about another; undefined when it stands for itself. An author is believed only about own messages. */
export function annotationOf(groupId: GroupId, by: AccountKey, message: AppMessage): Annotation | undefined {
  const { id, sentAt, content } = message
  const said = { groupId, by, id, sentAt }
  if (isRemark(content)) return undefined
  switch (content.kind) {
    case "reaction":
      return { ...said, kind: "reaction", senderKey: content.to.author, messageId: content.to.id, body: content.emoji }
    case "edit":
      return { ...said, kind: "edit", senderKey: by, messageId: content.of, body: content.text }
    case "delete":
      return { ...said, kind: "delete", senderKey: by, messageId: content.of, body: "" }
    case "text":
    case "reply":
    case "attachment":
    case "groupDetails":
    case "deviceList":
    case "leave":
    case "unknown":
      return undefined
  }
}

/** What says it to others. */
export function contentOf({ kind, senderKey: author, messageId: id, body }: Annotation): AppContent {
  if (kind === "reaction") return { kind, to: { author, id }, emoji: body }
  return kind === "edit" ? { kind, of: id, text: body } : { kind, of: id }
}

/** @returns whether it changed anything. */
export function noteAnnotation(tx: ClientTx, annotation: Annotation): boolean {
  if (tx.hasVanished(annotation)) return false
  const isStray = tx.timelineRow(annotation) === undefined
  if (isStray && tx.strayAnnotations(annotation.groupId, annotation.by) >= STRAY_ANNOTATIONS_MAX) return false
  return tx.annotate(annotation)
}
