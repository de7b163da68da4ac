/** Everything a client must not lose. One database per profile; every method is synchronous and happens or does not. */
import type { AccountKey, ChannelId, DeviceKey, GroupId, GroupTag, MessageId } from "../domain/ids.ts"
import type { MessageRef } from "../domain/app-message.ts"
import type { Suite } from "../domain/suite.ts"
import type { SearchPage } from "./search-page.ts"
import type { ArrivalPage, Arrived } from "./arrivals.ts"
import type { SentMailReads, SentMailWrites } from "./sent-mail.ts"
import type { TakenReads, TakenWrites } from "./taken.ts"
import type { AttachmentReads, AttachmentWrites } from "./attachments.ts"
import type { ContactReads, ContactWrites } from "./contacts.ts"
import type { ConversationReads, ConversationWrites } from "./conversations.ts"
import type { OrderWrites } from "./order.ts"
import type { ProcessingMark } from "./processing-mark.ts"
import type { BufferedRow, BufferedSize } from "./buffered.ts"
import type { PassingReads, PassingWrites } from "./passing.ts"

/** hidden: joined by a Welcome and not yet accepted; removed: we were taken out. */
export type GroupStatus = "hidden" | "active" | "removed"

export interface StoredGroup {
  readonly id: GroupId
  readonly tag: GroupTag
  readonly suite: Suite
  readonly name: string
  readonly status: GroupStatus
  /** Account that invited us; undefined for a group of our own making. */
  readonly inviter: AccountKey | undefined
  readonly epoch: bigint
  /** One more with every step. */
  readonly version: number
  /** MLS state at the beginning of the epoch. Secret. */
  readonly state: Uint8Array
  /** Joined through a last-resort KeyPackage: an update comes before anything else. */
  readonly owesUpdate: boolean
  /** Place of the newest message the person has seen. */
  readonly readUpTo: number
  readonly joinedAt: number
  /** When the epoch began, as far as that is known here. */
  readonly epochAt: number
  /** When the person left; undefined for who stays. The group is followed until a member removes the leaf. */
  readonly leftAt: number | undefined
  /** The state is lost or forked: nothing is sent or committed until a member has added us again. */
  readonly rejoin: Rejoin | undefined
}

/** Below this a group is not joined again. */
export type GroupFloor = Pick<StoredGroup, "suite" | "epoch">

export interface Rejoin {
  readonly since: number
  /** When the others were last asked; 0 never. */
  readonly asked: number
}

/** A member's request to be added again. */
export interface RejoinRow {
  readonly id: MessageId
  readonly groupId: GroupId
  readonly deviceKey: DeviceKey
  /** Raw TLS KeyPackage; undefined once it is done, or of no use. */
  readonly keyPackage: Uint8Array | undefined
  /** When this device heard of it. */
  readonly since: number
}

/** A device that asked to be removed; any member does it, by rank (PROTOCOL.md section 7). */
export interface Wish {
  readonly deviceKey: DeviceKey
  /** When this device heard of it. */
  readonly since: number
}

/** One node of the secret tree that a message changed since `state` was written. Secret. */
export interface SecretNode {
  readonly epoch: bigint
  readonly leaf: number
  readonly record: Uint8Array
}

/** What opens a 0x02 envelope. Secret. */
export interface EpochKey {
  readonly groupId: GroupId
  readonly epoch: bigint
  /** 8 bytes. */
  readonly keyTag: Uint8Array
  /** 32 bytes. */
  readonly key: Uint8Array
  /** Ids of the groups that would go on from this epoch, were it to break: 32 bytes each, by attempt. */
  readonly heirs: Uint8Array
}

/** How it stands with the successor of a group that may be broken (PROTOCOL.md section 7). */
export interface Succession {
  readonly groupId: GroupId
  /** Whose winning commit failed here, then whose attempts came to nothing. */
  readonly blamed: readonly DeviceKey[]
  readonly attempt: number
  /** When the member of rank 0 may begin the attempt. */
  readonly since: number
  /** Who was first with the attempt, if it was not us. */
  readonly winner: { readonly deviceKey: DeviceKey; readonly seenAt: number } | undefined
  /** The group that we made or joined for it. */
  readonly successor: GroupId | undefined
  /** From which epoch that goes on; undefined: it is no successor, or nobody knows any more. */
  readonly epoch: bigint | undefined
  /** The conversation has moved there. */
  readonly moved: boolean
}

/** A conversation with one other account, and the group that it is in now (PROTOCOL.md section 7, "1:1 conversations"). */
export interface Direct {
  /** What it is called for as long as it lasts, 32 bytes; no MLS group has this id. */
  readonly id: GroupId
  readonly peer: AccountKey
  readonly channel: ChannelId
  readonly attempt: number
  readonly groupId: GroupId
  /** Since when it is known that somebody else was first with this attempt. */
  readonly refusedAt: number | undefined
}

export interface StagedRow {
  readonly groupId: GroupId
  readonly messageId: MessageId
  readonly baseEpoch: bigint
  /** The commit call's arguments, sent again unchanged until its outcome is known. */
  readonly request: Uint8Array
  /** The state to install when it is accepted. Secret. */
  readonly nextState: Uint8Array
  /** What the person wanted, as JSON, to build it anew after a lost race. */
  readonly intent: string
}

export type DeliveryState = "received" | "queued" | "stored" | "failed"

export interface TimelineRow {
  /** Order on this profile, from 1. */
  readonly place: number
  readonly groupId: GroupId
  readonly kind: "text" | "change" | "unknown" | "notice"
  readonly messageId: MessageId
  /** Account key of the author; with messageId unique per group. */
  readonly senderKey: AccountKey
  readonly own: boolean
  /** Text of a message; JSON of a change. */
  readonly body: string
  readonly epoch: bigint
  readonly sentAt: number
  readonly receivedAt: number
  readonly delivery: DeliveryState
  /** The message that it answers, which need not be there. */
  readonly replyTo?: MessageRef | undefined
  /** Calls the person by name, or answers a message of theirs. */
  readonly mention?: boolean
  /** Seconds after which it disappears; without it never. */
  readonly expiresAfter?: number | undefined
  /** When that is; not known of a message of one's own that was not sent yet. */
  readonly expiresAt?: number | undefined
  /** Of a message of one's own: until the mailbox was read so far, it stands behind all that comes. */
  readonly head?: bigint | undefined
}

/** A line that takes its place. */
export type NewLine = Omit<TimelineRow, "place" | "head">

/** What somebody said about a line. Of each person only the newest of a kind is kept. */
export interface Annotation extends TimelineName {
  /** edit and delete: by the line's author only. */
  readonly kind: "reaction" | "edit" | "delete"
  readonly by: AccountKey
  /** Of the message that said it; of two of one time the higher id counts. */
  readonly id: MessageId
  readonly sentAt: number
  /** Emoji or text; empty for a deletion, and for a reaction that was taken back. */
  readonly body: string
}

/** One that takes the place of another arrives anew, without the other; one whose line is not there has not arrived. */
export interface Arrival extends Annotation, Arrived {}

export interface OutboxRow {
  readonly place: number
  readonly groupId: GroupId
  readonly messageId: MessageId
  /** Encoded application message. */
  readonly content: Uint8Array
  /** What was sealed, and for which epoch; resent unchanged until refused as stale. */
  readonly sealed: { readonly epoch: bigint; readonly bytes: Uint8Array } | undefined
  readonly since: number
}

export interface KeyPackageRow {
  /** KeyPackageRef, 32 bytes. */
  readonly ref: Uint8Array
  readonly suite: Suite
  readonly lastResort: boolean
  readonly publicBytes: Uint8Array
  /** Secret. */
  readonly privateBytes: Uint8Array
  readonly notAfter: number
  readonly used: boolean
}

export interface HybridKeyRow {
  /** 4 bytes. */
  readonly keyId: Uint8Array
  readonly record: Uint8Array
  /** Secret. */
  readonly privateKey: Uint8Array
  readonly notAfter: number
}

/** A page holds no more rows than this, whatever was asked. */
export const TIMELINE_LIMIT_MAX = 1000

/** What a timeline row is unique by. */
export type TimelineName = Pick<TimelineRow, "groupId" | "senderKey" | "messageId">

/**
 * durable: survives a power cut. relaxed: survives the end of the process; a power cut may undo it together with
 * everything after it, never without.
 */
export type Durability = "durable" | "relaxed"

export interface TimelinePage {
  readonly groupId?: GroupId
  /** Only rows before this place. */
  readonly before?: number
  /** Only rows after this place, the first of them; without it the last ones. Always oldest first. */
  readonly after?: number
  readonly limit: number
}

/** Reads. Inside `write` they see the transaction's own changes. */
export interface ClientReads
  extends AttachmentReads, ContactReads, ConversationReads, PassingReads, SentMailReads, TakenReads {
  setting(name: string): Uint8Array | undefined
  group(id: GroupId): StoredGroup | undefined
  /** Of the group's row, without reading its state. */
  groupVersion(id: GroupId): number | undefined
  /** The same of its name. */
  groupName(id: GroupId): string | undefined
  groupByTag(tag: GroupTag): StoredGroup | undefined
  /** Suite and highest epoch that this profile has known the group in, also after it was dropped. */
  groupFloor(id: GroupId): GroupFloor | undefined
  /** All groups, oldest first; states included. */
  groups(): readonly StoredGroup[]
  secretNodes(id: GroupId): readonly SecretNode[]
  wishes(id: GroupId): readonly Wish[]
  rejoinRequest(id: MessageId): RejoinRow | undefined
  /** Oldest first, those done too. */
  rejoinRequests(id: GroupId): readonly RejoinRow[]
  epochKeysByTag(keyTag: Uint8Array): readonly EpochKey[]
  /** Of all groups. */
  epochKeys(): readonly EpochKey[]
  succession(id: GroupId): Succession | undefined
  successions(): readonly Succession[]
  /** By the conversation's id, or by that of its group. */
  direct(id: GroupId): Direct | undefined
  directWith(peer: AccountKey): Direct | undefined
  directIn(channel: ChannelId): Direct | undefined
  directs(): readonly Direct[]
  stagedCommit(id: GroupId): StagedRow | undefined
  stagedCommits(): readonly StagedRow[]
  timeline(page: TimelinePage): readonly TimelineRow[]
  timelineRow(line: TimelineName): TimelineRow | undefined
  /** Whether a line by this sender with this id stands in any group. */
  hasLine(line: Omit<TimelineName, "groupId">): boolean
  /** Lines whose time is over, those first that should have gone first. */
  due(now: number, limit: number): readonly TimelineRow[]
  /** Of one group, those whose ids lie between two, both included; oldest first. */
  linesBetween(id: GroupId, low: MessageId, high: MessageId, limit: number): readonly TimelineRow[]
  /** Oldest first, those of lines that are not there too. */
  annotations(line: TimelineName): readonly Annotation[]
  annotationsBy(id: GroupId, by: AccountKey): readonly Annotation[]
  /** By anybody, the first first. What was said before its line came arrives with it. */
  arrivals(page: ArrivalPage): readonly Arrival[]
  /** How many annotations by somebody are about lines that are not there. */
  strayAnnotations(id: GroupId, by: AccountKey): number
  /** Texts that hold all that is looked for, the newest first. */
  search(page: SearchPage): readonly TimelineRow[]
  /** Place of the first line of a group that is shown with this time or a later one. */
  lineAt(id: GroupId, at: number): number | undefined
  /** Place of the first message from others that the person has not seen. */
  firstUnread(id: GroupId): number | undefined
  /** Messages from others that the person has not seen. */
  unread(id: GroupId): number
  /** Those of them that mention the person. */
  unreadMentions(id: GroupId): number
  /** Oldest first, those behind the place `after`. */
  outbox(limit: number, after?: number): readonly OutboxRow[]
  outboxCount(): number
  buffered(): readonly BufferedRow[]
  /** What the buffer holds, by position, without the rows themselves. */
  bufferedSizes(): readonly BufferedSize[]
  /** Who holds or held a lease last. */
  leaseHolder(name: string): Uint8Array | undefined
  keyPackages(): readonly KeyPackageRow[]
  hybridKeys(): readonly HybridKeyRow[]
  processing(position: bigint): ProcessingMark | undefined
}

/** Numbers of type bigint must fit 63 bits (E024). What belongs to a group needs the group (E063). */
export interface ClientTx
  extends
    ClientReads,
    AttachmentWrites,
    ContactWrites,
    ConversationWrites,
    OrderWrites,
    PassingWrites,
    SentMailWrites,
    TakenWrites {
  set(name: string, value: Uint8Array): void
  unset(name: string): void
  /**
   * Adds it with a version that no group dropped before it had (from 1), or replaces what may change of it (not tag, suite, readUpTo, joinedAt) when its version is
   * still `expected`. @throws E064 when it is not, or when id or tag are taken.
   */
  saveGroup(group: Omit<StoredGroup, "version">, expected: number | undefined): void
  /** Keeps a wish; one of the same device keeps its time. */
  wish(id: GroupId, wish: Wish): void
  unwish(id: GroupId, deviceKey: DeviceKey): void
  saveRejoinRequest(row: RejoinRow): void
  /** Forgets all requests heard of before. */
  dropRejoinRequests(before: number): void
  saveSuccession(row: Succession): void
  /** Adds it or replaces the one of the same id. It goes with its group. */
  saveDirect(row: Direct): void
  /** What was said, what was said about it, and what waits to be sent: the last to be sealed anew. What `to` has already is dropped. */
  moveHistory(from: GroupId, to: GroupId): void
  /** Takes one step forward without changing the state. @throws E064 when the version is not `expected`. */
  stepGroup(id: GroupId, expected: number): void
  dropGroup(id: GroupId): void
  markRead(id: GroupId, upTo: number): void
  putSecretNode(id: GroupId, node: SecretNode): void
  /** Forgets all nodes, because a state that holds them was written. */
  dropSecretNodes(id: GroupId): void
  dropEpochKeysBelow(id: GroupId, epoch: bigint): void
  putEpochKey(key: EpochKey): void
  /** @throws E064 when the group has one already. */
  stageCommit(row: StagedRow): void
  unstageCommit(id: GroupId): void
  /** Its text is that of its newest edit. False when this sender's message id is already there. */
  addTimeline(row: NewLine): boolean
  /** With what was said about it. */
  dropLine(line: TimelineName): void
  /**
   * The text of an edited line becomes the newest edit's, unless it carries a file; that of a deleted one empty, without
   * its file. False when a newer one is there.
   */
  annotate(row: Annotation): boolean
  /**
   * Of a message of one's own, whose head is forgotten: see `settleLine`.
   * @param at when it was sent, or given up: what disappears does so from then on.
   */
  setDelivery(id: GroupId, messageId: MessageId, delivery: DeliveryState, at?: number): void
  /** @throws E063 when that message waits already. */
  queue(row: Omit<OutboxRow, "place" | "sealed">): void
  /** Keeps a ciphertext, or with undefined forgets it. False when the row is gone, or sealed already. */
  seal(place: number, sealed: OutboxRow["sealed"]): boolean
  unqueue(place: number): void
  buffer(row: BufferedRow): void
  /** False when it was not there. */
  unbuffer(position: bigint): boolean
  addKeyPackage(row: KeyPackageRow): void
  useKeyPackage(ref: Uint8Array): void
  dropKeyPackage(ref: Uint8Array): void
  addHybridKey(row: HybridKeyRow): void
  dropHybridKey(record: Uint8Array): void
  /** Takes or prolongs a lease. False while another owner's is running. */
  lease(name: string, owner: Uint8Array, now: number, untilMs: number): boolean
  release(name: string, owner: Uint8Array): void
  mark(mark: ProcessingMark): void
  unmark(position: bigint): void
}

export interface ClientStore extends ClientReads {
  /** All of `change` or nothing. Must not be async: a transaction never spans an await. @throws E063 when storage fails. */
  write<T>(change: (tx: ClientTx) => T, durability?: Durability): T
  /** Another number whenever another program has written since; undefined when none can. @throws E060, E063 */
  dataVersion(): number | undefined
  close(): void
}
