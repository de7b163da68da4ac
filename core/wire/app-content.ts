/** What application messages say, field by field (schemas/app-message.capnp). The bytes come from other members. */
import {
  EMOJI_BYTES_MAX,
  GROUP_NAME_BYTES_MAX,
  RECEIPT_REFS_MAX,
  TEXT_BYTES_MAX,
  TIMER_SECONDS_MAX,
} from "../domain/app-message.ts"
import type { AppContent, MessageRef, ReceiptState } from "../domain/app-message.ts"
import { FILE_NAME_BYTES_MAX, MEDIA_TYPE_BYTES_MAX, plainFileName, plainMediaType } from "../domain/attached-file.ts"
import { copyOf, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { accountKey, blobId, exactly, messageId } from "../domain/ids.ts"
import { bytesFrom, exactBytes, put, roomFor, roomForList, roomForText, safeNumber } from "./field-codec.ts"
import { DEVICE_LIST_BYTES_MAX } from "./account-record-codec.ts"
import { AppMessage as WireMessage } from "./generated/app-message.ts"

export type KnownContent = Exclude<AppContent, { readonly kind: "unknown" }>

/** Of a file's key, and of its hash. */
const SECRET_BYTES = 32

const SIGNATURE_BYTES = 64

/** Of one ref in a list: two pointers. */
const REF_BYTES = 16
/** By the number that stands for it. */
const RECEIPT_STATES: readonly ReceiptState[] = ["delivered", "read"]

type ContentOf = { readonly [Some in KnownContent as Some["kind"]]: Some }

interface Codec<Content extends KnownContent> {
  /** At least the bytes that its pointers take. */
  readonly bytes: (content: Content) => number
  /** @throws E024, E039 for what is too long. */
  readonly write: (root: WireMessage, content: Content) => void
  readonly read: (root: WireMessage) => Content
}

const CODECS: { readonly [Kind in KnownContent["kind"]]: Codec<ContentOf[Kind]> } = {
  text: {
    bytes: ({ text }) => roomForText(text),
    write: (root, { text }) => (root.text = message(text)),
    read: (root) => ({ kind: "text", text: message(root.text) }),
  },
  reply: {
    bytes: ({ to, text }) => refBytes(to) + roomForText(text),
    write(root, { to, text }) {
      const reply = root._initReply()
      put((length) => reply._initTo(length), to.id)
      reply.text = message(text)
      put((length) => reply._initAuthor(length), to.author)
    },
    read: ({ reply }) => ({ kind: "reply", to: refFrom(reply), text: message(reply.text) }),
  },
  reaction: {
    bytes: ({ to, emoji }) => refBytes(to) + roomForText(emoji),
    write(root, { to, emoji }) {
      const reaction = root._initReaction()
      put((length) => reaction._initTo(length), to.id)
      reaction.emoji = bounded(emoji, EMOJI_BYTES_MAX, "reaction")
      put((length) => reaction._initAuthor(length), to.author)
    },
    read: ({ reaction }) => ({
      kind: "reaction",
      to: refFrom(reaction),
      emoji: bounded(reaction.emoji, EMOJI_BYTES_MAX, "reaction"),
    }),
  },
  edit: {
    bytes: ({ of, text }) => roomFor(of) + roomForText(text),
    write(root, { of, text }) {
      const edit = root._initEdit()
      put((length) => edit._initOf(length), of)
      edit.text = message(text)
    },
    read: ({ edit }) => ({ kind: "edit", of: messageId(bytesFrom(edit.of)), text: message(edit.text) }),
  },
  delete: {
    bytes: ({ of }) => roomFor(of),
    write(root, { of }) {
      const deletion = root._initDelete()
      put((length) => deletion._initOf(length), of)
    },
    read: (root) => ({ kind: "delete", of: messageId(bytesFrom(root.delete.of)) }),
  },
  attachment: {
    bytes: ({ blobId: id, key, hash, name, mediaType }) =>
      roomFor(id, key, hash) + roomForText(name) + roomForText(mediaType),
    write(root, { blobId: id, key, hash, size, name, mediaType }) {
      const file = root._initAttachment()
      put((length) => file._initBlobId(length), id)
      put((length) => file._initKey(length), exactly(key, SECRET_BYTES, "file key"))
      put((length) => file._initHash(length), exactly(hash, SECRET_BYTES, "file hash"))
      file.size = BigInt(size)
      file.name = fileName(name)
      file.mediaType = mediaTypeText(mediaType)
    },
    read: ({ attachment }) => ({
      kind: "attachment",
      blobId: blobId(bytesFrom(attachment.blobId)),
      key: exactBytes(attachment.key, SECRET_BYTES, "file key"),
      hash: exactBytes(attachment.hash, SECRET_BYTES, "file hash"),
      size: safeNumber(attachment.size, "file size"),
      name: plainFileName(fileName(attachment.name)),
      mediaType: plainMediaType(mediaTypeText(attachment.mediaType)),
    }),
  },
  receipt: {
    bytes: ({ of }) => roomForList(of.length, REF_BYTES) + of.reduce((sum, ref) => sum + refBytes(ref), 0),
    write(root, { of, state }) {
      const receipt = root._initReceipt()
      const list = receipt._initOf(checkRefCount(of.length))
      for (const [at, { author, id }] of of.entries()) {
        const ref = list.get(at)
        put((length) => ref._initId(length), id)
        put((length) => ref._initAuthor(length), author)
      }
      receipt.kind = RECEIPT_STATES.indexOf(state)
    },
    read({ receipt }) {
      const count = checkRefCount(receipt.of.length)
      const state = RECEIPT_STATES[receipt.kind]
      // What a later version says of messages is nothing to this one.
      if (state === undefined) return { kind: "receipt", of: [], state: "delivered" }
      const of = Array.from({ length: count }, (_, at) => {
        const ref = receipt.of.get(at)
        return { author: accountKey(bytesFrom(ref.author)), id: messageId(bytesFrom(ref.id)) }
      })
      return { kind: "receipt", of, state }
    },
  },
  typing: {
    bytes: () => 0,
    write: (root, { active }) => (root._initTyping().active = active),
    read: ({ typing }) => ({ kind: "typing", active: typing.active }),
  },
  timer: {
    bytes: () => 0,
    write: (root, { seconds }) => (root._initTimer().seconds = boundedSeconds(seconds)),
    read: ({ timer }) => ({ kind: "timer", seconds: boundedSeconds(timer.seconds) }),
  },
  groupDetails: {
    bytes: ({ name }) => roomForText(name),
    write: (root, { name }) => (root._initGroupDetails().name = groupName(name)),
    read: ({ groupDetails }) => ({ kind: "groupDetails", name: groupName(groupDetails.name) }),
  },
  deviceList: {
    bytes: ({ list, signature }) => roomFor(list, signature),
    write(root, { list, signature }) {
      const said = root._initDeviceList()
      put((length) => said._initList(length), deviceList(list))
      put((length) => said._initSignature(length), exactly(signature, SIGNATURE_BYTES, "device list signature"))
    },
    read: ({ deviceList: said }) => ({
      kind: "deviceList",
      list: deviceList(bytesFrom(said.list)),
      signature: exactBytes(said.signature, SIGNATURE_BYTES, "device list signature"),
    }),
  },
  leave: {
    bytes: () => 0,
    write: (root) => (root.leave = true),
    read: () => ({ kind: "leave" }),
  },
  accepted: {
    bytes: () => 0,
    write: (root) => (root.accepted = true),
    read: () => ({ kind: "accepted" }),
  },
}

/** By the schema's union. */
const KINDS: ReadonlyMap<number, KnownContent["kind"]> = new Map([
  [WireMessage.TEXT, "text"],
  [WireMessage.REPLY, "reply"],
  [WireMessage.REACTION, "reaction"],
  [WireMessage.EDIT, "edit"],
  [WireMessage.DELETE, "delete"],
  [WireMessage.ATTACHMENT, "attachment"],
  [WireMessage.RECEIPT, "receipt"],
  [WireMessage.TYPING, "typing"],
  [WireMessage.TIMER, "timer"],
  [WireMessage.GROUP_DETAILS, "groupDetails"],
  [WireMessage.DEVICE_LIST, "deviceList"],
  [WireMessage.LEAVE, "leave"],
  [WireMessage.ACCEPTED, "accepted"],
])

export const contentBytes = (content: KnownContent): number => codecOf(content.kind).bytes(content)

export function writeContent(root: WireMessage, content: KnownContent): void {
  codecOf(content.kind).write(root, content)
}

/** @param bytes of the whole message, kept when its kind is not known here. @throws E024, E026, E039 */
export function readContent(root: WireMessage, bytes: Uint8Array): AppContent {
  const kind = KINDS.get(root.which())
  return kind === undefined ? { kind: "unknown", raw: copyOf(bytes) } : codecOf(kind).read(root)
}

/** The table's rows differ in what they take; a content's own kind finds the one that takes it. */
const codecOf = (kind: KnownContent["kind"]): Codec<KnownContent> => CODECS[kind] as unknown as Codec<KnownContent>

/** Never longer than a year, whoever says it. */
export const boundedSeconds = (seconds: number): number => Math.min(seconds, TIMER_SECONDS_MAX)

function checkRefCount(count: number): number {
  if (count > RECEIPT_REFS_MAX) throw new QpqError("E039", `a receipt for ${count}, at most ${RECEIPT_REFS_MAX}`)
  return count
}

type RefFields = Pick<WireMessage["reply"], "to" | "author">

const refBytes = ({ author, id }: MessageRef): number => roomFor(author, id)

const refFrom = ({ to, author }: RefFields): MessageRef => ({
  author: accountKey(bytesFrom(author)),
  id: messageId(bytesFrom(to)),
})

const message = (text: string): string => bounded(text, TEXT_BYTES_MAX, "text")
const fileName = (name: string): string => bounded(name, FILE_NAME_BYTES_MAX, "file name")
const mediaTypeText = (type: string): string => bounded(type, MEDIA_TYPE_BYTES_MAX, "media type")
function deviceList(list: Uint8Array): Uint8Array {
  if (list.length > DEVICE_LIST_BYTES_MAX) throw new QpqError("E039", `device list of ${list.length} bytes`)
  return list
}
const groupName = (name: string): string => bounded(name, GROUP_NAME_BYTES_MAX, "group name")

function bounded(text: string, bytesMax: number, what: string): string {
  const { length } = utf8(text)
  if (length > bytesMax) throw new QpqError("E039", `${what} of ${length} bytes, at most ${bytesMax}`)
  return text
}
