/** The nouns of the system as distinct types: a GroupId cannot be passed where a DeviceKey is meant. */
import { QpqError } from "./errors.ts"

declare const brand: unique symbol
type Branded<Name extends string> = Uint8Array & { readonly [brand]: Name }

/** Ed25519 public key of an account, 32 bytes. */
export type AccountKey = Branded<"AccountKey">
/** Ed25519 public key of a device, 32 bytes. Signs in MLS and names the mailbox ("recipientKey"). */
export type DeviceKey = Branded<"DeviceKey">
/** MLS group_id, 32 random bytes; never shown to the server. */
export type GroupId = Branded<"GroupId">
/** What the server knows a group by: 16 bytes of SHA-256("qpq-group-tag" ‖ groupId). */
export type GroupTag = Branded<"GroupTag">
/** 1:1 channel, 16 bytes. A group mailbox has the empty channel, `NO_CHANNEL`. */
export type ChannelId = Branded<"ChannelId">
/** Chosen by the sender, 16 random bytes; the server drops a repeat. */
export type MessageId = Branded<"MessageId">

/** Names an encrypted file on the server: 16 random bytes, told to members alone. */
export type BlobId = Branded<"BlobId">

export const KEY_BYTES = 32
export const GROUP_ID_BYTES = 32
export const GROUP_TAG_BYTES = 16
export const CHANNEL_ID_BYTES = 16
export const MESSAGE_ID_BYTES = 16
export const BLOB_ID_BYTES = 16

export const accountKey = (bytes: Uint8Array): AccountKey => sized<"AccountKey">(bytes, KEY_BYTES, "account key")
export const deviceKey = (bytes: Uint8Array): DeviceKey => sized<"DeviceKey">(bytes, KEY_BYTES, "device key")
export const groupId = (bytes: Uint8Array): GroupId => sized<"GroupId">(bytes, GROUP_ID_BYTES, "group id")
export const groupTag = (bytes: Uint8Array): GroupTag => sized<"GroupTag">(bytes, GROUP_TAG_BYTES, "group tag")
export const messageId = (bytes: Uint8Array): MessageId => sized<"MessageId">(bytes, MESSAGE_ID_BYTES, "message id")

export const blobId = (bytes: Uint8Array): BlobId => sized<"BlobId">(bytes, BLOB_ID_BYTES, "blob id")

/** A channel id of 16 bytes, or the empty one. @throws E024 */
export const channelId = (bytes: Uint8Array): ChannelId =>
  sized<"ChannelId">(bytes, bytes.length === 0 ? 0 : CHANNEL_ID_BYTES, "channel id")

/** The mailbox that groups use. */
export const NO_CHANNEL: ChannelId = channelId(new Uint8Array(0))

/** @throws E024 unless `bytes` has exactly `length` bytes. */
export function exactly(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) throw new QpqError("E024", `${what}: ${bytes.length} bytes, expected ${length}`)
  return bytes
}

function sized<Name extends string>(bytes: Uint8Array, length: number, what: string): Branded<Name> {
  return exactly(bytes, length, what) as Branded<Name>
}
