/** What a logged-in caller may ask of the server. The server implements it; the client's RemoteNode implements it too. */
import type { AccountKey, BlobId, ChannelId, DeviceKey, GroupTag, MessageId } from "../domain/ids.ts"
import type { Suite } from "../domain/suite.ts"
import type { UserName } from "../domain/user-name.ts"
import type { AccountRecord } from "./account-record.ts"
import type { OwnAccount } from "./own-account.ts"

export interface KeyPackageUpload {
  readonly identityKey: DeviceKey
  /** Raw TLS KeyPackages (RFC 9420 section 10); suite and last-resort are read from each. May be empty. */
  readonly packages: readonly Uint8Array[]
  /** Withdraws the device's other KeyPackages first. */
  readonly replace: boolean
}

/** How many KeyPackages of a device are published, last-resort ones not counted. */
export interface KeyPackageSupply {
  readonly baselineCount: number
  readonly hybridCount: number
  readonly baselineLastResort: boolean
  readonly hybridLastResort: boolean
}

/** What stands published of a suite. Times in milliseconds since the Unix epoch, rounded down to the hour. */
export type PublishedOfSuite =
  | { readonly kind: "none" }
  /** until: when the newest ends. */
  | { readonly kind: "lastResort" | "single"; readonly until: number }

export type PublishedKeyPackages = Readonly<Record<Suite, PublishedOfSuite>>

export interface HybridKey {
  readonly deviceKey: DeviceKey
  /** version ‖ keyId(4) ‖ x25519(32) ‖ mlkem(1184) ‖ notAfter(8); empty when the device has none. */
  readonly record: Uint8Array
  /** Device key over "qpq-hybrid-key-v1" ‖ record, 64 bytes; empty with the record. */
  readonly signature: Uint8Array
}

export interface Letter {
  readonly recipientKey: DeviceKey
  readonly channelId: ChannelId
  readonly messageId: MessageId
  readonly payload: Uint8Array
  /** Seconds; 0 is the server's retention. */
  readonly ttlSecs: number
}

export interface Receipt {
  readonly seq: bigint
  /** The same message id was stored before; `seq` is that row's. */
  readonly duplicate: boolean
  readonly head: Head
}

/**
 * Position of the newest row in the caller's own mailbox when the call's mail was stored; of a repetition, when it was
 * stored first. 0 when that is not known, or nothing was stored.
 */
export type Head = bigint

export interface Cursor {
  readonly recipientKey: DeviceKey
  readonly channelId: ChannelId
  /** Cursor fields are positions over all channels, else seqs of `channelId`. */
  readonly allChannels: boolean
  /** The server incarnation the numbers belong to; 0 when not known yet. Under another one `after` and `ack` are ignored. */
  readonly generation: bigint
}

export interface FetchRequest extends Cursor {
  /** 0 means 64; at most 256. */
  readonly limit: number
  readonly after: bigint
  /** Everything up to and including this number is acknowledged and forgotten. */
  readonly ack: bigint
  readonly ackMode: "implicit" | "explicit"
}

/** One row of a mailbox. The server never looks inside `payload`. */
export interface Envelope {
  /** Gap-free per (device, channel), from 1. */
  readonly seq: bigint
  /** Gap-free per device over all channels, from 1. */
  readonly position: bigint
  readonly id: MessageId
  /** Server clock, milliseconds since the Unix epoch. */
  readonly receivedAt: number
  /** Empty when the row expired before older ones; the single byte 4 is a `lost` mark. */
  readonly payload: Uint8Array
  readonly channelId: ChannelId
  /** Only on rows of an accepted commit: commit and Welcomes. */
  readonly commit?: RowCommit
}

export interface RowCommit {
  readonly groupTag: GroupTag
  /** The epoch that the commit ends: its baseEpoch. */
  readonly epoch: bigint
  /** Author's device key(32) ‖ nextVerifier(32) ‖ authorSig(64). */
  readonly commitInfo: Uint8Array
}

export interface FetchAnswer {
  readonly envelopes: readonly Envelope[]
  /** Highest number ever allotted. */
  readonly head: bigint
  /** Highest number removed without acknowledgement; 0 when none was. */
  readonly expired: bigint
  readonly generation: bigint
  /** More rows wait behind the last one of this answer. */
  readonly more: boolean
}

export interface AckRequest extends Cursor {
  readonly upTo: bigint
}

export interface FanOutItem {
  readonly recipientKey: DeviceKey
  readonly channelId: ChannelId
  /** The row's payload is prefix ‖ body. Of a commit's recipient 0x04 alone: the `lost` mark, for a device without a hybrid key. */
  readonly prefix: Uint8Array
}

export interface FanOut {
  readonly items: readonly FanOutItem[]
  readonly payload: Uint8Array
  readonly messageId: MessageId
  /** Absent for mail outside a group. */
  readonly group?: { readonly tag: GroupTag; readonly epoch: bigint }
  readonly ttlSecs: number
}

/** `code` 0 is stored; else the number of an error of the table, e.g. 41 for E041. */
export interface FanOutResult {
  readonly code: number
  readonly seq: bigint
  readonly duplicate: boolean
}

export interface FanOutAnswer {
  readonly results: readonly FanOutResult[]
  /** The tag's current epoch; 0 without a group or for an unknown tag. */
  readonly epoch: bigint
  readonly head: Head
}

export interface WelcomeItem extends FanOutItem {
  readonly messageId: MessageId
}

export interface CommitRequest {
  readonly groupTag: GroupTag
  readonly baseEpoch: bigint
  /** MLS-Exporter("qpq commit", "", 32) of the base epoch; not looked at when the tag is registered at epoch 0. */
  readonly proof: Uint8Array
  /** SHA-256 of the same export of the staged epoch, 32 bytes. */
  readonly nextVerifier: Uint8Array
  /** Device key over "qpq-commit-v1" ‖ groupTag ‖ baseEpoch(8) ‖ nextVerifier ‖ SHA-256(payload), 64 bytes. */
  readonly authorSig: Uint8Array
  /** Empty, or 32 bytes after a restore (PROTOCOL.md section 11). */
  readonly restoreProof: Uint8Array
  readonly messageId: MessageId
  readonly payload: Uint8Array
  readonly recipients: readonly FanOutItem[]
  readonly welcomeBody: Uint8Array
  readonly welcomes: readonly WelcomeItem[]
}

export interface CommitAnswer {
  readonly accepted: boolean
  /** The tag's epoch after the call. */
  readonly epoch: bigint
  /** messageId(16) ‖ author's device key(32) of the commit that ended baseEpoch; empty when none did. */
  readonly winner: Uint8Array
  /** 0 unless it was accepted. */
  readonly head: Head
  /** Of a refused one: the epoch whose proof is the restore proof of a later one; 0 when the server was never restored. */
  readonly restoreEpoch: bigint
}

export interface OpenedChannel {
  readonly channelId: ChannelId
  /** The call made it. A hint only. */
  readonly wasNew: boolean
}

export interface BlobUpload {
  readonly blobId: BlobId
  /** How much of it the server has already. */
  readonly offset: number
  /** 64 KiB to 1 MiB, less only at the end; empty: how much is there? */
  readonly chunk: Uint8Array
  /** Of the whole ciphertext. */
  readonly size: number
  /** SHA-256 of the whole ciphertext, 32 bytes. */
  readonly hash: Uint8Array
}

export interface BlobRequest {
  readonly blobId: BlobId
  readonly offset: number
  /** 0 and above 1 MiB mean 1 MiB. */
  readonly limit: number
}

export interface BlobPiece {
  /** At least one byte, unless `offset` is the end. */
  readonly chunk: Uint8Array
  /** Of the whole blob. */
  readonly size: number
}

export interface NodeService extends OwnAccount {
  /** @throws E012 another's key, E011 bad KeyPackage, E021 suite, E027 too many. */
  uploadKeyPackage(upload: KeyPackageUpload): Promise<KeyPackageSupply>
  /** Consumes one, or hands out the last-resort one. @throws E010 when there is none. */
  fetchKeyPackage(identityKey: DeviceKey, suite: Suite): Promise<{ keyPackage: Uint8Array; lastResort: boolean }>
  /** Consumes none. Of a device that is not known: nothing. @throws E050 asked too often */
  keyPackageSupply(identityKey: DeviceKey): Promise<PublishedKeyPackages>
  /** @throws E012, E013 */
  uploadHybridKey(key: HybridKey): Promise<void>
  /** In the order asked. */
  fetchHybridKeys(devices: readonly DeviceKey[]): Promise<readonly HybridKey[]>
  /** Idempotent on (recipient, channel, messageId). @throws E025, E040, E041, and of a 1:1 channel E022, E023 */
  enqueue(letter: Letter): Promise<Receipt>
  /** @throws E012 another's mailbox; of a 1:1 channel E022, E023. */
  fetch(request: FetchRequest): Promise<FetchAnswer>
  /** Waits up to `timeoutMs` (the server caps it at 30 000) for a row above `after`; empty when none came. */
  fetchWait(request: FetchRequest, timeoutMs: number, signal: AbortSignal): Promise<FetchAnswer>
  /** @returns how many rows were removed. */
  ack(request: AckRequest): Promise<bigint>
  /** @throws E025, E027; what concerns one item is in its result. */
  enqueueMany(fanOut: FanOut): Promise<FanOutAnswer>
  /** @throws E041 when a Welcome finds no room, E043, E044, E022, E023; a lost race is `accepted: false`. */
  commit(request: CommitRequest): Promise<CommitAnswer>
  /** The 1:1 channel with another account; the same one for both. @throws E015 unknown, E070 with oneself. */
  createChannel(peerKey: AccountKey): Promise<OpenedChannel>
  /**
   * @returns how much the server has; `size` says that it is complete and its hash was checked.
   * @throws E028 too large, E029 for another account's, a size, order or hash that does not fit, E085 no room
   */
  uploadBlob(upload: BlobUpload): Promise<number>
  /** Of a complete one, for whoever knows its id. @throws E029 beyond its end, E083 unknown or expired. */
  downloadBlob(request: BlobRequest): Promise<BlobPiece>
  /** @throws E015 */
  resolveUser(name: UserName): Promise<AccountRecord>
  /** In the order asked; undefined for an unknown name. */
  resolveUsers(names: readonly UserName[]): Promise<readonly (AccountRecord | undefined)[]>
  /** The account that a device belongs to. @throws E015 */
  resolveIdentity(identityKey: DeviceKey): Promise<AccountRecord>
  /** Revokes the caller's session. */
  logout(): Promise<void>
}
