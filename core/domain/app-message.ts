/** What members of a conversation say to each other (PROTOCOL.md section 8). The server never sees one. */
import type { AttachedFile } from "./attached-file.ts"
import type { AccountKey, MessageId } from "./ids.ts"

export interface AppMessage {
  /** Receivers drop a second of the same authenticated sender and id. */
  readonly id: MessageId
  /** The sender's clock, milliseconds since the Unix epoch. For people only; the order is the mailbox's. */
  readonly sentAt: number
  /** Seconds until a text, answer or file disappears everywhere; without it never. */
  readonly expiresAfter?: number
  readonly content: AppContent
}

/** Which message is meant: an id is unique only among those of one author. */
export interface MessageRef {
  readonly author: AccountKey
  readonly id: MessageId
}

export type AppContent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reply"; readonly to: MessageRef; readonly text: string }
  /** The sender's one reaction to a message from now on; empty: none any more. */
  | { readonly kind: "reaction"; readonly to: MessageRef; readonly emoji: string }
  /** Another text for a message of the sender's own. */
  | { readonly kind: "edit"; readonly of: MessageId; readonly text: string }
  /** A message of the sender's own is taken back. */
  | { readonly kind: "delete"; readonly of: MessageId }
  /** A file that lies encrypted on the server. */
  | ({ readonly kind: "attachment" } & AttachedFile)
  /** These messages have arrived at the sender, or were read there. */
  | { readonly kind: "receipt"; readonly of: readonly MessageRef[]; readonly state: ReceiptState }
  /** The sender is writing, or not any more. */
  | { readonly kind: "typing"; readonly active: boolean }
  /** From now on messages of this conversation disappear after so many seconds; 0: they stay. */
  | { readonly kind: "timer"; readonly seconds: number }
  /** Says the group's name to those who were just added. */
  | { readonly kind: "groupDetails"; readonly name: string }
  /** The newest device list of the sender's account, and its signature (PROTOCOL.md section 3). */
  | { readonly kind: "deviceList"; readonly list: Uint8Array; readonly signature: Uint8Array }
  /** The sender wants to be removed. */
  | { readonly kind: "leave" }
  /** The invitation to this group was accepted: said to the person's other devices alone. */
  | { readonly kind: "accepted" }
  /** Of a newer version: kept as it came, shown as "needs a newer version". */
  | { readonly kind: "unknown"; readonly raw: Uint8Array }

/** What is said in passing: no message, nor about what one says. */
export type Remark = Extract<AppContent, { readonly kind: "receipt" | "typing" | "timer" | "accepted" }>

const REMARKS: readonly AppContent["kind"][] = ["receipt", "typing", "timer", "accepted"]

export const isRemark = (content: AppContent): content is Remark => REMARKS.includes(content.kind)

export type ReceiptState = "delivered" | "read"

/** A whole encoded message. */
export const APP_MESSAGE_BYTES_MAX = 1_048_576
/** UTF-8. */
export const TEXT_BYTES_MAX = 65_536
export const GROUP_NAME_BYTES_MAX = 256
/** The longest emoji of Unicode 16 has 35. */
export const EMOJI_BYTES_MAX = 64
/** Messages that one receipt names. */
export const RECEIPT_REFS_MAX = 256
/** A year; who asks for more gets so much. */
export const TIMER_SECONDS_MAX = 365 * 86_400
