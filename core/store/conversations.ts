/** What a client keeps of conversations for its person alone. */
import type { GroupId } from "../domain/ids.ts"

export type SignalChoice = "default" | "on" | "off"

/** What the person has chosen for a conversation. It goes with its group. */
export interface Conversation {
  readonly groupId: GroupId
  /** Of what the person is to be told. */
  readonly notify: "all" | "mentions" | "nothing"
  /** Begun and not sent; empty for none. */
  readonly draft: string
  /** Whether the others are told what has come and was read; default: as in the profile. */
  readonly receipts: SignalChoice
  /** Whether they are told that the person is writing. */
  readonly typing: SignalChoice
}

export interface ConversationReads {
  conversation(id: GroupId): Conversation | undefined
}

export interface ConversationWrites {
  /** Adds it or replaces the one of the same group. */
  saveConversation(row: Conversation): void
}
