/** Rows of the client's tables as SQLite gives them, integers as bigint, and what they mean. */
import { OWN_ACCOUNT } from "./own-account-key.ts"
import { accountKey, deviceKey, groupId, groupTag, messageId } from "../domain/ids.ts"
import type { BufferedRow, BufferedSize } from "./buffered.ts"
import type { ProcessingMark } from "./processing-mark.ts"
import type { Suite } from "../domain/suite.ts"
import type {
  DeliveryState,
  EpochKey,
  GroupStatus,
  HybridKeyRow,
  KeyPackageRow,
  OutboxRow,
  RejoinRow,
  SecretNode,
  StagedRow,
  StoredGroup,
  TimelineRow,
  Wish,
} from "./client-store.ts"

export interface GroupSql {
  id: Buffer
  tag: Buffer
  suite: Suite
  name: string
  status: GroupStatus
  inviter: Buffer | null
  epoch: bigint
  version: bigint
  state: Buffer
  owes_update: bigint
  read_up_to: bigint
  joined_at: bigint
  epoch_at: bigint
  left_at: bigint | null
  rejoin_since: bigint | null
  rejoin_asked: bigint | null
}

export const groupFrom = (row: GroupSql): StoredGroup => ({
  id: groupId(plain(row.id)),
  tag: groupTag(plain(row.tag)),
  suite: row.suite,
  name: row.name,
  status: row.status,
  inviter: row.inviter ? accountKey(plain(row.inviter)) : undefined,
  epoch: row.epoch,
  version: Number(row.version),
  state: plain(row.state),
  owesUpdate: row.owes_update === 1n,
  readUpTo: Number(row.read_up_to),
  joinedAt: Number(row.joined_at),
  epochAt: Number(row.epoch_at),
  leftAt: row.left_at === null ? undefined : Number(row.left_at),
  rejoin:
    row.rejoin_since === null ? undefined : { since: Number(row.rejoin_since), asked: Number(row.rejoin_asked ?? 0) },
})

export interface RejoinSql {
  id: Buffer
  group_id: Buffer
  device_key: Buffer
  key_package: Buffer | null
  since: bigint
}

export const rejoinFrom = (row: RejoinSql): RejoinRow => ({
  id: messageId(plain(row.id)),
  groupId: groupId(plain(row.group_id)),
  deviceKey: deviceKey(plain(row.device_key)),
  keyPackage: row.key_package ? plain(row.key_package) : undefined,
  since: Number(row.since),
})

export interface WishSql {
  device_key: Buffer
  since: bigint
}

/** Lines that are not this person's, said here or on another device. */
export const BY_OTHERS = `own = 0 AND sender_key IS NOT (SELECT value FROM settings WHERE name = '${OWN_ACCOUNT}')`

export const wishFrom = (row: WishSql): Wish => ({
  deviceKey: deviceKey(plain(row.device_key)),
  since: Number(row.since),
})

export interface NodeSql {
  epoch: bigint
  leaf: bigint
  record: Buffer
}

export const nodeFrom = (row: NodeSql): SecretNode => ({
  epoch: row.epoch,
  leaf: Number(row.leaf),
  record: plain(row.record),
})

export interface EpochKeySql {
  group_id: Buffer
  epoch: bigint
  key_tag: Buffer
  key: Buffer
  heirs: Buffer
}

export const epochKeyFrom = (row: EpochKeySql): EpochKey => ({
  groupId: groupId(plain(row.group_id)),
  epoch: row.epoch,
  keyTag: plain(row.key_tag),
  key: plain(row.key),
  heirs: plain(row.heirs),
})

export interface StagedSql {
  group_id: Buffer
  message_id: Buffer
  base_epoch: bigint
  request: Buffer
  next_state: Buffer
  intent: string
}

export const stagedFrom = (row: StagedSql): StagedRow => ({
  groupId: groupId(plain(row.group_id)),
  messageId: messageId(plain(row.message_id)),
  baseEpoch: row.base_epoch,
  request: plain(row.request),
  nextState: plain(row.next_state),
  intent: row.intent,
})

export interface TimelineSql {
  place: bigint
  group_id: Buffer
  kind: TimelineRow["kind"]
  message_id: Buffer
  sender_key: Buffer
  own: bigint
  body: string
  epoch: bigint
  sent_at: bigint
  received_at: bigint
  delivery: DeliveryState
  reply_author: Buffer | null
  reply_id: Buffer | null
  mention: bigint
  expires_after: bigint
  expires_at: bigint | null
  head: bigint | null
}

export const timelineFrom = (row: TimelineSql): TimelineRow => ({
  place: Number(row.place),
  groupId: groupId(plain(row.group_id)),
  kind: row.kind,
  messageId: messageId(plain(row.message_id)),
  senderKey: accountKey(plain(row.sender_key)),
  own: row.own === 1n,
  body: row.body,
  epoch: row.epoch,
  sentAt: Number(row.sent_at),
  receivedAt: Number(row.received_at),
  delivery: row.delivery,
  replyTo:
    row.reply_author && row.reply_id
      ? { author: accountKey(plain(row.reply_author)), id: messageId(plain(row.reply_id)) }
      : undefined,
  mention: row.mention === 1n,
  expiresAfter: row.expires_after === 0n ? undefined : Number(row.expires_after),
  expiresAt: row.expires_at === null ? undefined : Number(row.expires_at),
  head: row.head ?? undefined,
})

export interface OutboxSql {
  place: bigint
  group_id: Buffer
  message_id: Buffer
  content: Buffer
  epoch: bigint | null
  sealed: Buffer | null
  since: bigint
}

export const outboxFrom = (row: OutboxSql): OutboxRow => ({
  place: Number(row.place),
  groupId: groupId(plain(row.group_id)),
  messageId: messageId(plain(row.message_id)),
  content: plain(row.content),
  sealed: row.sealed && row.epoch !== null ? { epoch: row.epoch, bytes: plain(row.sealed) } : undefined,
  since: Number(row.since),
})

export interface KeyPackageSql {
  ref: Buffer
  suite: Suite
  last_resort: bigint
  public_bytes: Buffer
  private_bytes: Buffer
  not_after: bigint
  used: bigint
}

export const keyPackageFrom = (row: KeyPackageSql): KeyPackageRow => ({
  ref: plain(row.ref),
  suite: row.suite,
  lastResort: row.last_resort === 1n,
  publicBytes: plain(row.public_bytes),
  privateBytes: plain(row.private_bytes),
  notAfter: Number(row.not_after),
  used: row.used === 1n,
})

export interface HybridKeySql {
  key_id: Buffer
  record: Buffer
  private_key: Buffer
  not_after: bigint
}

export const hybridKeyFrom = (row: HybridKeySql): HybridKeyRow => ({
  keyId: plain(row.key_id),
  record: plain(row.record),
  privateKey: plain(row.private_key),
  notAfter: Number(row.not_after),
})

export interface BufferedSql {
  position: bigint
  row: Buffer
  since: bigint
}

export const bufferedFrom = (row: BufferedSql): BufferedRow => ({
  position: row.position,
  row: plain(row.row),
  since: Number(row.since),
})

export interface BufferedSizeSql {
  position: bigint
  bytes: bigint
  since: bigint
}

export const bufferedSizeFrom = (row: BufferedSizeSql): BufferedSize => ({
  position: row.position,
  bytes: Number(row.bytes),
  since: Number(row.since),
})

export interface ProcessingSql {
  position: bigint
  owner: Buffer
  heartbeat: bigint
  attempts: bigint
}

export const processingFrom = (row: ProcessingSql): ProcessingMark => ({
  position: row.position,
  owner: plain(row.owner),
  heartbeat: Number(row.heartbeat),
  attempts: Number(row.attempts),
})

/** Without what a Buffer adds: its `slice` shares memory and its JSON shows the bytes. */
export const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length)
