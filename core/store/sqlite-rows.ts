/** Rows of the client's tables as SQLite gives them, and what they mean. */
import { accountKey, groupId, groupTag, messageId } from "../domain/ids.ts"
import type { Suite } from "../domain/suite.ts"
import { userName } from "../domain/user-name.ts"
import type {
  BufferedRow,
  Contact,
  DeliveryState,
  EpochKey,
  GroupStatus,
  HybridKeyRow,
  KeyPackageRow,
  OutboxRow,
  ProcessingMark,
  SecretNode,
  StagedRow,
  StoredGroup,
  TimelineRow,
} from "./client-store.ts"

export interface GroupSql {
  id: Buffer
  tag: Buffer
  suite: Suite
  name: string
  status: GroupStatus
  inviter: Buffer | null
  epoch: number
  version: number
  state: Buffer
  owes_update: number
  read_up_to: number
  joined_at: number
}

export const groupFrom = (row: GroupSql): StoredGroup => ({
  id: groupId(row.id),
  tag: groupTag(row.tag),
  suite: row.suite,
  name: row.name,
  status: row.status,
  inviter: row.inviter ? accountKey(row.inviter) : undefined,
  epoch: BigInt(row.epoch),
  version: row.version,
  state: row.state,
  owesUpdate: row.owes_update === 1,
  readUpTo: row.read_up_to,
  joinedAt: row.joined_at,
})

export interface NodeSql {
  epoch: number
  leaf: number
  record: Buffer
}

export const nodeFrom = (row: NodeSql): SecretNode => ({
  epoch: BigInt(row.epoch),
  leaf: row.leaf,
  record: row.record,
})

export interface EpochKeySql {
  group_id: Buffer
  epoch: number
  key_tag: Buffer
  key: Buffer
}

export const epochKeyFrom = (row: EpochKeySql): EpochKey => ({
  groupId: groupId(row.group_id),
  epoch: BigInt(row.epoch),
  keyTag: row.key_tag,
  key: row.key,
})

export interface StagedSql {
  group_id: Buffer
  message_id: Buffer
  base_epoch: number
  request: Buffer
  next_state: Buffer
  intent: string
}

export const stagedFrom = (row: StagedSql): StagedRow => ({
  groupId: groupId(row.group_id),
  messageId: messageId(row.message_id),
  baseEpoch: BigInt(row.base_epoch),
  request: row.request,
  nextState: row.next_state,
  intent: row.intent,
})

export interface TimelineSql {
  place: number
  group_id: Buffer
  kind: TimelineRow["kind"]
  message_id: Buffer
  sender_key: Buffer
  own: number
  body: string
  epoch: number
  sent_at: number
  received_at: number
  delivery: DeliveryState
}

export const timelineFrom = (row: TimelineSql): TimelineRow => ({
  place: row.place,
  groupId: groupId(row.group_id),
  kind: row.kind,
  messageId: messageId(row.message_id),
  senderKey: accountKey(row.sender_key),
  own: row.own === 1,
  body: row.body,
  epoch: BigInt(row.epoch),
  sentAt: row.sent_at,
  receivedAt: row.received_at,
  delivery: row.delivery,
})

export interface OutboxSql {
  place: number
  group_id: Buffer
  message_id: Buffer
  content: Buffer
  epoch: number | null
  sealed: Buffer | null
  since: number
}

export const outboxFrom = (row: OutboxSql): OutboxRow => ({
  place: row.place,
  groupId: groupId(row.group_id),
  messageId: messageId(row.message_id),
  content: row.content,
  sealed: row.sealed && row.epoch !== null ? { epoch: BigInt(row.epoch), bytes: row.sealed } : undefined,
  since: row.since,
})

export interface KeyPackageSql {
  ref: Buffer
  suite: Suite
  last_resort: number
  public_bytes: Buffer
  private_bytes: Buffer
  not_after: number
  used: number
}

export const keyPackageFrom = (row: KeyPackageSql): KeyPackageRow => ({
  ref: row.ref,
  suite: row.suite,
  lastResort: row.last_resort === 1,
  publicBytes: row.public_bytes,
  privateBytes: row.private_bytes,
  notAfter: row.not_after,
  used: row.used === 1,
})

export interface HybridKeySql {
  key_id: Buffer
  record: Buffer
  private_key: Buffer
  not_after: number
}

export const hybridKeyFrom = (row: HybridKeySql): HybridKeyRow => ({
  keyId: row.key_id,
  record: row.record,
  privateKey: row.private_key,
  notAfter: row.not_after,
})

export interface ContactSql {
  name: string
  account_key: Buffer
  list_counter: number
  verified: number
  first_seen: number
}

export const contactFrom = (row: ContactSql): Contact => ({
  name: userName(row.name),
  accountKey: accountKey(row.account_key),
  listCounter: BigInt(row.list_counter),
  verified: row.verified === 1,
  firstSeen: row.first_seen,
})

export interface BufferedSql {
  position: number
  row: Buffer
  since: number
}

export const bufferedFrom = (row: BufferedSql): BufferedRow => ({
  position: BigInt(row.position),
  row: row.row,
  since: row.since,
})

export interface ProcessingSql {
  position: number
  owner: Buffer
  heartbeat: number
  attempts: number
}

export const processingFrom = (row: ProcessingSql): ProcessingMark => ({
  position: BigInt(row.position),
  owner: row.owner,
  heartbeat: row.heartbeat,
  attempts: row.attempts,
})
