/** Application messages between domain types and bytes (schemas/app-message.capnp). The bytes come from other members. */
import { ObjectSize } from "capnp-es"
import { APP_MESSAGE_BYTES_MAX, type AppMessage } from "../domain/app-message.ts"
import { concat, copyOf } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { messageId } from "../domain/ids.ts"
import { boundedSeconds, contentBytes, readContent, writeContent } from "./app-content.ts"
import { bytesFrom, put, roomFor, safeNumber } from "./field-codec.ts"
import { frameFrom } from "./frame.ts"
import { AppMessage as WireMessage } from "./generated/app-message.ts"
import { APP_MESSAGE_SHAPE } from "./generated/app-message-shapes.ts"
import { checkKinds } from "./kind-check.ts"
import { framed, sizedMessage, structAt } from "./message.ts"
import { checkStructure } from "./structure-check.ts"

const VERSION = 1
/** Struct AppMessage itself and the root pointer. */
const STRUCT_BYTES = 128
/** What does not disappear has the bytes that it had before messages could. */
class LastingMessage extends WireMessage {
  static override readonly _capnp = { ...WireMessage._capnp, size: new ObjectSize(24, 6) }
}
const ROOT = { segment: 0, word: 0 }

/** @throws E024, E039 for what is too long. A message of unknown kind comes out as it came in. */
export function encodeAppMessage(message: AppMessage): Uint8Array {
  const { content } = message
  if (content.kind === "unknown") return copyOf(content.raw)
  const written = sizedMessage(STRUCT_BYTES + roomFor(message.id) + contentBytes(content))
  const expiresAfter = boundedSeconds(message.expiresAfter ?? 0)
  const root = written.initRoot(expiresAfter > 0 ? WireMessage : LastingMessage)
  root.version = VERSION
  root.sentAt = BigInt(message.sentAt)
  put((length) => root._initId(length), message.id)
  if (expiresAfter > 0) root.expiresAfter = expiresAfter
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
      ...(root.expiresAfter > 0 && { expiresAfter: boundedSeconds(root.expiresAfter) }),
      content: readContent(root, bytes),
    }
  } catch (cause) {
    if (cause instanceof QpqError && cause.code === "E039") throw cause
    throw new QpqError("E039", undefined, { cause })
  }
}
