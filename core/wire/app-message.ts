/** Application messages between domain types and bytes (schemas/app-message.capnp). The bytes come from other members. */
import {
  APP_MESSAGE_BYTES_MAX,
  type AppContent,
  type AppMessage,
  GROUP_NAME_BYTES_MAX,
  TEXT_BYTES_MAX,
} from "../domain/app-message.ts"
import { concat, copyOf, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import { bytesFrom, put, roomFor, roomForText, safeNumber } from "./field-codec.ts"
import { frameFrom } from "./frame.ts"
import { AppMessage as WireMessage } from "./generated/app-message.ts"
import { APP_MESSAGE_SHAPE } from "./generated/app-message-shapes.ts"
import { checkKinds } from "./kind-check.ts"
import { framed, sizedMessage, structAt } from "./message.ts"
import { checkStructure } from "./structure-check.ts"

const VERSION = 1
/** Struct AppMessage itself and the root pointer. */
const STRUCT_BYTES = 128
const ROOT = { segment: 0, word: 0 }

/** @throws E039 for a text or name that is too long. A message of unknown kind comes out as it came in. */
export function encodeAppMessage(message: AppMessage): Uint8Array {
  const { content } = message
  if (content.kind === "unknown") return copyOf(content.raw)
  const written = sizedMessage(STRUCT_BYTES + roomFor(message.id) + contentBytes(content))
  const root = written.initRoot(WireMessage)
  root.version = VERSION
  root.sentAt = BigInt(message.sentAt)
  put((length) => root._initId(length), message.id)
  writeContent(root, content)
  return concat(...framed(written))
}

/** @throws E039 for bytes that are no message of version 1. A kind that is not known here is `unknown`. */
export function decodeAppMessage(bytes: Uint8Array): AppMessage {
  try {
    const frame = frameFrom(bytes, APP_MESSAGE_BYTES_MAX)
    checkStructure(frame)
    checkKinds(frame, ROOT, APP_MESSAGE_SHAPE)
    const root = structAt(frame, ROOT, WireMessage)
    if (root.version !== VERSION) throw new QpqError("E039", `version ${root.version}`)
    return {
      id: messageId(bytesFrom(root.id)),
      sentAt: safeNumber(root.sentAt, "time"),
      content: readContent(root, bytes),
    }
  } catch (cause) {
    if (cause instanceof QpqError && cause.code === "E039") throw cause
    throw new QpqError("E039", undefined, { cause })
  }
}

type KnownContent = Exclude<AppContent, { readonly kind: "unknown" }>

function contentBytes(content: KnownContent): number {
  if (content.kind === "text") return roomForText(content.text)
  return content.kind === "groupDetails" ? roomForText(content.name) : 0
}

function writeContent(root: WireMessage, content: KnownContent): void {
  switch (content.kind) {
    case "text":
      root.text = bounded(content.text, TEXT_BYTES_MAX, "text")
      return
    case "groupDetails":
      root._initGroupDetails().name = bounded(content.name, GROUP_NAME_BYTES_MAX, "group name")
      return
    case "leave":
      root.leave = true
  }
}

function readContent(root: WireMessage, bytes: Uint8Array): AppContent {
  switch (root.which() as number) {
    case WireMessage.TEXT:
      return { kind: "text", text: bounded(root.text, TEXT_BYTES_MAX, "text") }
    case WireMessage.GROUP_DETAILS:
      return { kind: "groupDetails", name: bounded(root.groupDetails.name, GROUP_NAME_BYTES_MAX, "group name") }
    case WireMessage.LEAVE:
      return { kind: "leave" }
    default:
      return { kind: "unknown", raw: copyOf(bytes) }
  }
}

function bounded(text: string, bytesMax: number, what: string): string {
  const { length } = utf8(text)
  if (length > bytesMax) throw new QpqError("E039", `${what} of ${length} bytes, at most ${bytesMax}`)
  return text
}
