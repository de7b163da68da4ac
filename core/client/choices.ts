/** What the person chooses for a conversation, and begins to write there. Nobody else hears of it. */
import { TEXT_BYTES_MAX } from "../domain/app-message.ts"
import { utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientStore } from "../store/client-store.ts"
import type { Conversation } from "../store/conversations.ts"
import { groupOf } from "./group-shelf.ts"

export type Choices = Omit<Conversation, "groupId">

/** Of a conversation for which nothing was chosen. */
const UNCHOSEN: Choices = { notify: "all", draft: "", receipts: "default", typing: "default" }

export function choicesFor(store: ClientReads, id: GroupId): Choices {
  const { notify, draft, receipts, typing } = store.conversation(id) ?? UNCHOSEN
  return { notify, draft, receipts, typing }
}

/** @returns the group that the conversation is in. @throws E025 a draft that is too long to be sent, E033 */
export function choose(store: ClientStore, id: string, choices: Partial<Choices>): GroupId {
  const { length } = utf8(choices.draft ?? "")
  if (length > TEXT_BYTES_MAX) throw new QpqError("E025", `draft of ${length} bytes, at most ${TEXT_BYTES_MAX}`)
  const group = groupOf(store, id)
  store.write((tx) => {
    tx.saveConversation({ groupId: group.id, ...choicesFor(tx, group.id), ...choices })
  }, "relaxed")
  return group.id
}
