/** Frames of every kind of application message. */
import type { AppContent, AppMessage } from "../../core/domain/app-message.ts"
import { decodeAppMessage, encodeAppMessage } from "../../core/wire/app-message.ts"
import { BLOB, filled, MESSAGE, OTHER_DEVICE, RECORD } from "../fakes/fake-services.ts"
import { messageId } from "../../core/domain/ids.ts"
import type { Format } from "./format.ts"

type Known = Exclude<AppContent, { readonly kind: "unknown" }>

const REF = { author: RECORD.accountKey, id: MESSAGE }
const OTHER = { author: RECORD.accountKey, id: messageId(filled(16, 90)) }

/** One of each kind: a new one does not compile without its frame. */
const CONTENTS: { readonly [Kind in Known["kind"]]: Extract<Known, { readonly kind: Kind }> } = {
  text: { kind: "text", text: "Grüße\nan alle 🎉" },
  reply: { kind: "reply", to: REF, text: "ja" },
  reaction: { kind: "reaction", to: REF, emoji: "👍" },
  edit: { kind: "edit", of: MESSAGE, text: "nein" },
  delete: { kind: "delete", of: MESSAGE },
  attachment: {
    kind: "attachment",
    blobId: BLOB,
    key: filled(32, 91),
    hash: filled(32, 92),
    size: 4_000_000_000,
    name: "Plan – neu.txt",
    mediaType: "text/plain",
  },
  receipt: { kind: "receipt", of: [REF, OTHER], state: "read" },
  typing: { kind: "typing", active: true },
  timer: { kind: "timer", seconds: 604_800 },
  groupDetails: { kind: "groupDetails", name: "das Team" },
  deviceList: { kind: "deviceList", list: filled(113, 93), signature: filled(64, 94) },
  leave: { kind: "leave" },
  accepted: { kind: "accepted" },
}

const message = (name: string, content: AppContent, more: Partial<AppMessage> = {}): Format => ({
  name: `message: ${name}`,
  make: () => encodeAppMessage({ id: MESSAGE, sentAt: 1_700_000_000_123, content, ...more }),
  read: decodeAppMessage,
  again: (frame) => encodeAppMessage(decodeAppMessage(frame)),
})

export const MESSAGE_FORMATS: readonly Format[] = [
  ...Object.entries(CONTENTS).map(([kind, content]) => message(kind, content)),
  message("text that disappears", { kind: "text", text: String(OTHER_DEVICE.length) }, { expiresAfter: 86_400 }),
  message("receipt of arrival", { kind: "receipt", of: [REF], state: "delivered" }),
]
