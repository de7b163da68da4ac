/** Everything the server must not lose. Each operation is one atomic step; the store may group several into one transaction. */
import type {
  BlobPiece,
  FetchAnswer,
  HybridKey,
  KeyPackageSupply,
  PublishedKeyPackages,
  OpenedChannel,
} from "../../core/contract/node-service.ts"
import type { AccountKey, BlobId, ChannelId, DeviceKey, GroupTag, MessageId } from "../../core/domain/ids.ts"
import type { Suite } from "../../core/domain/suite.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import type {
  AccountId,
  EndedLogins,
  NewCredentials,
  OpenLogin,
  StoredAccount,
  LoginRecord,
  NewAccount,
  AccountSummary,
  Addition,
  DeviceAddition,
  DeviceOutcome,
  DeviceRemoval,
  StoredDevice,
  NewInvite,
  NewSession,
  StoredSession,
  Rotation,
  RotationOutcome,
} from "./account-rows.ts"
import type { StoreCounts } from "./store-counts.ts"

/** What a row's fixed fields count in an answer. */
export const ROW_OVERHEAD_BYTES = 256
/** Of an account, revoked ones among them. */
export const DEVICES_EVER_MAX = 256
/** A row that expired behind living ones is emptied, and looked at again after this long. */
export const EMPTIED_AGAIN_MS = 3_600_000
/** KeyPackages that one caller may consume of a device in an hour, and all callers together; its own account, any number. */
export const TAKES_PER_CALLER_MAX = 10
export const TAKES_PER_TARGET_MAX = 30
export const TAKES_COUNTED_MS = 3_600_000

export const refusedDeposit = (code: number): DepositResult => ({ code, seq: 0, duplicate: false })

/** Where a sender's mailbox ended when the first rows of a deposit were stored. */
export class FirstHead {
  #least: number | undefined

  /** One of its rows was stored at this head; 0 when that is not known. */
  stored(head: number): void {
    this.#least = Math.min(this.#least ?? head, head)
  }

  get head(): number {
    return this.#least ?? 0
  }
}

export interface ChannelMembers {
  readonly low: AccountId
  readonly high: AccountId
}

/** 0, or the number of E022 or E023. */
export type ChannelCode = 0 | 22 | 23

/** Whether all of these accounts may use the channel. */
export function channelRefusal(members: ChannelMembers | undefined, accounts: readonly AccountId[]): ChannelCode {
  if (!members) return 23
  return accounts.every((account) => account === members.low || account === members.high) ? 0 : 22
}

export interface StoredKeyPackage {
  readonly suite: Suite
  readonly lastResort: boolean
  readonly keyPackage: Uint8Array
  /** Milliseconds since the Unix epoch. */
  readonly notAfter: number
}

export interface KeyPackageChange {
  readonly deviceKey: DeviceKey
  readonly packages: readonly StoredKeyPackage[]
  readonly replace: boolean
  readonly now: number
}

export interface KeyPackageTake {
  readonly deviceKey: DeviceKey
  readonly suite: Suite
  readonly caller: AccountId
  readonly now: number
}

export interface Sender extends ChannelAccess {
  readonly account: AccountId
  readonly now: number
}

export interface ChannelAccess {
  /** Refuses a 1:1 channel that the caller's or the recipient's account is no member of. Says nothing of the empty channel. */
  readonly membersOnly?: boolean
}

export interface ChannelOrder extends Omit<Sender, "membersOnly"> {
  readonly peerKey: AccountKey
  /** For the channel, if there is none yet. */
  readonly newId: ChannelId
}

export interface DepositItem {
  readonly recipientKey: DeviceKey
  readonly channelId: ChannelId
  readonly messageId: MessageId
  /** The row's payload is prefix ‖ body. */
  readonly prefix: Uint8Array
}

export interface Deposit extends Sender {
  /** Whose mailbox's head is told; absent for the static token. */
  readonly senderKey?: DeviceKey
  readonly items: readonly DepositItem[]
  /** Stored once for all items; empty when each item's prefix is the whole payload. */
  readonly body: Uint8Array
  readonly expiresAt: number
  /** A repeat is known as such until then, however short the row's own life is. */
  readonly rememberUntil: number
  /** Refused as stale when the tag's epoch is past this one. */
  readonly group?: { readonly tag: GroupTag; readonly epoch: bigint }
}

export interface DepositResult {
  /** 0 stored, 22 and 23 no access to the channel, 40 unknown recipient, 41 mailbox full, 42 stale. */
  readonly code: number
  readonly seq: number
  readonly duplicate: boolean
}

export interface DepositAnswer {
  readonly results: readonly DepositResult[]
  /** The tag's epoch; 0 without a group or for an unknown tag. */
  readonly epoch: bigint
  /** Of the sender's mailbox before the first of these rows was stored; 0 when that is not known. */
  readonly head: number
}

export interface Read extends ChannelAccess {
  readonly deviceKey: DeviceKey
  readonly channelId: ChannelId
  readonly allChannels: boolean
  readonly generation: bigint
  readonly after: bigint
  readonly ack: bigint
  readonly limit: number
  /** The answer's rows fit in here, each with ROW_OVERHEAD_BYTES; the first one is given in any case. */
  readonly bytesMax: number
  readonly now: number
}

export interface Acknowledgement extends ChannelAccess {
  readonly deviceKey: DeviceKey
  readonly channelId: ChannelId
  readonly allChannels: boolean
  readonly generation: bigint
  /** A number that was never given acknowledges nothing: it is of a time that this store was set back from. */
  readonly upTo: bigint
}

export interface StoredCommit extends Sender {
  readonly authorKey: DeviceKey
  readonly groupTag: GroupTag
  readonly baseEpoch: bigint
  /** SHA-256 of the proof shown. */
  readonly proofHash: Uint8Array
  /** SHA-256 of the restore proof shown; empty without one. */
  readonly restoreHash: Uint8Array
  readonly nextVerifier: Uint8Array
  readonly messageId: MessageId
  readonly payload: Uint8Array
  readonly payloadHash: Uint8Array
  /** author ‖ nextVerifier ‖ authorSig, 128 bytes. */
  readonly commitInfo: Uint8Array
  readonly recipients: readonly Omit<DepositItem, "messageId">[]
  readonly welcomeBody: Uint8Array
  readonly welcomes: readonly DepositItem[]
  readonly expiresAt: number
}

export interface CommitOutcome {
  readonly accepted: boolean
  readonly epoch: bigint
  readonly winner: Uint8Array
  /** Of the author's mailbox before an accepted commit's rows were stored; else 0. */
  readonly head: number
  /** The tag's epoch when the server was restored from a backup; 0 when it was not. */
  readonly restoreEpoch: bigint
  /** Whose mailboxes grew. */
  readonly rung: readonly DeviceKey[]
}

export interface StoredChunk {
  readonly account: AccountId
  readonly blobId: BlobId
  readonly offset: number
  /** Empty: nothing is stored, only looked. */
  readonly chunk: Uint8Array
  readonly size: number
  readonly hash: Uint8Array
  /** Bytes that the account may have at once. */
  readonly quotaBytes: number
  readonly now: number
  /** When it is forgotten, unless it is finished until then. */
  readonly unfinishedUntil: number
}

export interface BlobProgress {
  readonly received: number
  readonly complete: boolean
}

export interface BlobRead {
  readonly blobId: BlobId
  readonly offset: number
  readonly limit: number
  readonly now: number
  /** Of one that is not complete; only its account's may be read. */
  readonly unfinishedOf?: AccountId
}

export interface FinishedBlob {
  readonly account: AccountId
  readonly blobId: BlobId
  /** Otherwise it is dropped. */
  readonly isWhole: boolean
  readonly expiresAt: number
}

export interface SweepResult {
  readonly expiredRows: number
  /** More is due; sweep again soon. */
  readonly more: boolean
}

/**
 * The synchronous form, which one thread runs.
 * A QpqError is thrown before anything was written; any other failure undoes the whole transaction.
 */
export interface NodeOperations {
  setting(name: string): Uint8Array | undefined
  /** Keeps the first value ever given. @returns the kept one. */
  settle(name: string, value: Uint8Array): Uint8Array

  addAccount(account: NewAccount): Addition
  addInvite(invite: NewInvite): void
  /** Those behind a row id, the first first; deleted ones are left out. */
  listAccounts(after: AccountId, limit: number): readonly AccountSummary[]
  /** @returns its devices; undefined when there is no such account. */
  setAccountStatus(name: UserName, status: "active" | "suspended"): readonly DeviceKey[] | undefined
  accountByName(name: UserName): StoredAccount | undefined
  /** @param nobody the record for a name that nobody has: the answer has one size and takes one time. */
  loginRecord(name: UserName, nobody: Uint8Array): LoginRecord
  accountsByName(names: readonly UserName[]): readonly (StoredAccount | undefined)[]
  accountByDevice(deviceKey: DeviceKey): StoredAccount | undefined

  /** The certified device with its first login. @throws E007 for a refresh token that was used before. */
  addDevice(addition: DeviceAddition): DeviceOutcome
  /** Its logins, keys and mail are gone. behind also when it is no active device of the account. */
  revokeDevice(removal: DeviceRemoval): DeviceOutcome
  /** Revoked ones too, the oldest first. */
  devicesOf(account: AccountId): readonly StoredDevice[]
  /** @returns whether it is an active device of the account. */
  nameDevice(account: AccountId, deviceKey: DeviceKey, sealedName: Uint8Array): boolean
  /** All but what names it: logins, keys, mail, password record. @returns the devices it had. */
  deleteAccount(account: AccountId): readonly DeviceKey[]

  /** Both at once. @returns false when there is no such account. */
  replaceCredentials(account: AccountId, credentials: NewCredentials): boolean

  /** @throws E007 for a refresh token that was used before, E009 when the password was changed since it was proved. */
  openSession(session: NewSession): void
  sessionByAccess(accessHash: Uint8Array, now: number): StoredSession | undefined
  rotateSession(rotation: Rotation): RotationOutcome
  /** Ends the login that the access token came from. */
  closeSession(accessHash: Uint8Array): void
  /** The newest first, at most `limit`. */
  openLogins(account: AccountId, now: number, limit: number): readonly OpenLogin[]
  /** @param keep of an access token whose login stays. */
  endLogins(account: AccountId, keep?: Uint8Array): EndedLogins

  changeKeyPackages(change: KeyPackageChange): KeyPackageSupply
  takeKeyPackage(take: KeyPackageTake): { keyPackage: Uint8Array; lastResort: boolean } | undefined
  /** Times to the millisecond. */
  publishedKeyPackages(deviceKey: DeviceKey, now: number): PublishedKeyPackages
  putHybridKey(key: HybridKey): void
  hybridKeys(devices: readonly DeviceKey[]): readonly HybridKey[]

  /** The channel of two accounts; undefined when the peer is unknown. @throws E070 for one and the same account. */
  openChannel(order: ChannelOrder): OpenedChannel | undefined
  deposit(deposit: Deposit): DepositAnswer
  /** Acknowledges, then reads what is next. @throws E022, E023 */
  read(read: Read): FetchAnswer
  /** @throws E022, E023 */
  acknowledge(ack: Acknowledgement): bigint
  /** @throws E041 or E040 for a Welcome without room or device, E044 too many new tags, E022, E023. */
  commit(commit: StoredCommit): CommitOutcome

  /**
   * Keeps the next chunk; the first one takes room for the whole.
   * @throws E029 for another account's, for another size or hash than it began with, at another place than its end, or
   * beyond its size; E085 when there is no room
   */
  putBlobChunk(chunk: StoredChunk): BlobProgress
  /** From one stored chunk. Undefined when there is no such blob, or it expired. @throws E029 beyond its end */
  readBlob(read: BlobRead): BlobPiece | undefined
  /** Of one that is all there; what is complete stays so. @returns whether there is one now. */
  finishBlob(blob: FinishedBlob): boolean

  /** Expires mail, files, tombstones, tokens and KeyPackages, a bounded number at a time. */
  sweep(now: number): SweepResult
  /** Proves that the store can be written. */
  probe(now: number): void
  /**
   * The store was copied from a backup: a new generation of numbers, all RESTORE_STEP higher. What may have been used
   * since the backup is not used again: KeyPackages for one use go. Each tag keeps its verifier, and who knows its
   * preimage may commit in a later epoch; a tag that is not known begins at any epoch. PROTOCOL.md section 11.
   */
  restored(generation: Uint8Array): void
  /** Of what expires, KeyPackages and logins count while they hold; mail counts until it is swept. */
  counts(now: number): StoreCounts
}

/** What the server's rooms use. */
export type NodeStore = {
  readonly [Name in keyof NodeOperations]: (
    ...args: Parameters<NodeOperations[Name]>
  ) => Promise<ReturnType<NodeOperations[Name]>>
} & { readonly close: () => Promise<void> }
