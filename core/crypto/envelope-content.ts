/** What an envelope holds: its first byte says which of five things (PROTOCOL.md section 6). */
import { concat, uintBytes } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"

const TYPE_MESSAGES = 1
const TYPE_WELCOME = 2
const TYPE_REJOIN = 3
const TYPE_EPOCH = 4
const TYPE_DEVICES = 5
const LENGTH_BYTES = 4
export const MESSAGES_PER_ENVELOPE_MAX = 64

export type EnvelopeContent =
  | { readonly kind: "messages"; /** 1 to 64 MLSMessages. */ readonly messages: readonly Uint8Array[] }
  | {
      readonly kind: "welcome"
      /** suite(2) ‖ encrypted GroupInfo. */
      readonly shared: Uint8Array
      /** Group name and inviter's name, unconfirmed; the reader's to parse. */
      readonly note: Uint8Array
    }
  | { readonly kind: "rejoin"; readonly request: Uint8Array }
  | { readonly kind: "epoch"; readonly statement: Uint8Array }
  /** signature(64) ‖ device list v1. */
  | { readonly kind: "devices"; readonly signed: Uint8Array }

/** type(1) ‖ for messages and a Welcome's `shared`: uint32 length ‖ bytes; ‖ note, request or statement to the end. @throws E027 */
export function encodeContent(content: EnvelopeContent): Uint8Array {
  switch (content.kind) {
    case "messages": {
      const { messages } = content
      if (messages.length === 0 || messages.length > MESSAGES_PER_ENVELOPE_MAX) throw new QpqError("E027", "messages")
      return concat(Uint8Array.of(TYPE_MESSAGES), ...messages.flatMap((message) => [lengthOf(message), message]))
    }
    case "welcome":
      return concat(Uint8Array.of(TYPE_WELCOME), lengthOf(content.shared), content.shared, content.note)
    case "rejoin":
      return concat(Uint8Array.of(TYPE_REJOIN), content.request)
    case "epoch":
      return concat(Uint8Array.of(TYPE_EPOCH), content.statement)
    case "devices":
      return concat(Uint8Array.of(TYPE_DEVICES), content.signed)
  }
}

/** Views into `plaintext`. @throws E031 for another type, or lengths that do not fit. */
export function decodeContent(plaintext: Uint8Array): EnvelopeContent {
  const [type] = plaintext
  const rest = plaintext.subarray(1)
  if (type === TYPE_MESSAGES) return { kind: "messages", messages: decodeMessages(rest) }
  if (type === TYPE_REJOIN) return { kind: "rejoin", request: rest }
  if (type === TYPE_EPOCH) return { kind: "epoch", statement: rest }
  if (type === TYPE_DEVICES) return { kind: "devices", signed: rest }
  if (type !== TYPE_WELCOME) throw new QpqError("E031", "content type")
  const shared = lengthPrefixed(rest)
  return { kind: "welcome", shared, note: rest.subarray(LENGTH_BYTES + shared.length) }
}

function decodeMessages(bytes: Uint8Array): readonly Uint8Array[] {
  const messages: Uint8Array[] = []
  let rest = bytes
  do {
    if (messages.length === MESSAGES_PER_ENVELOPE_MAX) throw new QpqError("E031", "too many messages")
    const message = lengthPrefixed(rest)
    messages.push(message)
    rest = rest.subarray(LENGTH_BYTES + message.length)
  } while (rest.length > 0)
  return messages
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < LENGTH_BYTES) throw new QpqError("E031", "ends too early")
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
  if (length > bytes.length - LENGTH_BYTES) throw new QpqError("E031", "ends too early")
  return bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
}

const lengthOf = (bytes: Uint8Array): Uint8Array => uintBytes(bytes.length, LENGTH_BYTES)
