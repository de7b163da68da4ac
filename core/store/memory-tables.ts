/** The tables of a client store in memory; the same ones, with the same keys, as in migrations/client. */
import type { BufferedRow } from "./buffered.ts"
import type { ProcessingMark } from "./processing-mark.ts"
import type { KeptMail } from "./sent-mail.ts"
import type { AttachedFile } from "../domain/attached-file.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import type { UploadRow } from "./attachments.ts"
import type {
  Arrival,
  Direct,
  EpochKey,
  GroupFloor,
  HybridKeyRow,
  KeyPackageRow,
  OutboxRow,
  RejoinRow,
  SecretNode,
  StagedRow,
  StoredGroup,
  Succession,
  TimelineName,
  TimelineRow,
  Wish,
} from "./client-store.ts"
import type { GroupTimer, Receipt } from "./passing.ts"
import type { StoredDeviceList } from "./device-lists.ts"
import type { Block, Contact } from "./contacts.ts"
import type { Conversation } from "./conversations.ts"
import { compare, equal, hex } from "../domain/bytes.ts"
import { MemoryTable } from "./memory-table.ts"

interface Setting {
  readonly name: string
  readonly value: Uint8Array
}

interface FormerKey {
  readonly accountKey: AccountKey
  readonly name: UserName
}

/** Places kept free before what came with a mailbox row. */
interface Room {
  /** The last of them. */
  readonly place: number
  readonly position: bigint
}

interface Taken {
  readonly digest: Uint8Array
  readonly at: number
}

interface Lease {
  readonly name: string
  readonly owner: Uint8Array
  readonly untilMs: number
}

/** The last place of a list that never gives one place twice; the highest version of a group that went. */
interface Counter {
  readonly name: "timeline" | "outbox" | "sent-mail" | "uploads" | "arrivals" | "group-version"
  readonly last: number
}

export interface MemoryTables {
  readonly settings: MemoryTable<Setting>
  readonly groups: MemoryTable<StoredGroup>
  readonly secretNodes: MemoryTable<SecretNode & { readonly groupId: GroupId }>
  readonly epochKeys: MemoryTable<EpochKey>
  readonly staged: MemoryTable<StagedRow>
  readonly rejoins: MemoryTable<RejoinRow>
  readonly successions: MemoryTable<Succession>
  readonly directs: MemoryTable<Direct>
  readonly conversations: MemoryTable<Conversation>
  readonly floors: MemoryTable<GroupFloor & { readonly id: GroupId }>
  readonly wishes: MemoryTable<Wish & { readonly groupId: GroupId }>
  readonly timeline: MemoryTable<TimelineRow>
  readonly annotations: MemoryTable<Arrival>
  readonly attachments: MemoryTable<TimelineName & { readonly file: AttachedFile }>
  readonly uploads: MemoryTable<UploadRow & { readonly place: number }>
  readonly timers: MemoryTable<GroupTimer>
  readonly receipts: MemoryTable<TimelineName & Receipt>
  readonly vanished: MemoryTable<Omit<TimelineName, "groupId"> & { readonly since: number }>
  readonly rooms: MemoryTable<Room>
  readonly outbox: MemoryTable<OutboxRow>
  readonly buffered: MemoryTable<BufferedRow>
  readonly keyPackages: MemoryTable<KeyPackageRow>
  readonly hybridKeys: MemoryTable<HybridKeyRow>
  readonly contacts: MemoryTable<Contact>
  readonly deviceLists: MemoryTable<StoredDeviceList>
  readonly blocks: MemoryTable<Block>
  readonly formerKeys: MemoryTable<FormerKey>
  readonly leases: MemoryTable<Lease>
  readonly processing: MemoryTable<ProcessingMark>
  readonly taken: MemoryTable<Taken>
  readonly sentMail: MemoryTable<KeptMail>
  readonly counters: MemoryTable<Counter>
}

export const memoryTables = (): MemoryTables => ({
  settings: new MemoryTable((row) => [row.name]),
  groups: new MemoryTable((row) => [row.id]),
  secretNodes: new MemoryTable((row) => [row.groupId, row.epoch, row.leaf]),
  epochKeys: new MemoryTable((row) => [row.groupId, row.epoch]),
  staged: new MemoryTable((row) => [row.groupId]),
  rejoins: new MemoryTable((row) => [row.id]),
  successions: new MemoryTable((row) => [row.groupId]),
  directs: new MemoryTable((row) => [row.id]),
  conversations: new MemoryTable((row) => [row.groupId]),
  floors: new MemoryTable((row) => [row.id]),
  wishes: new MemoryTable((row) => [row.groupId, row.deviceKey]),
  timeline: new MemoryTable((row) => [row.groupId, row.senderKey, row.messageId]),
  annotations: new MemoryTable((row) => [row.groupId, row.senderKey, row.messageId, row.kind, row.by]),
  attachments: new MemoryTable((row) => [row.groupId, row.senderKey, row.messageId]),
  uploads: new MemoryTable((row) => [row.blobId]),
  timers: new MemoryTable((row) => [row.groupId]),
  receipts: new MemoryTable((row) => [row.groupId, row.senderKey, row.messageId, row.by]),
  vanished: new MemoryTable((row) => [row.senderKey, row.messageId]),
  rooms: new MemoryTable((row) => [row.place]),
  outbox: new MemoryTable((row) => [row.place]),
  buffered: new MemoryTable((row) => [row.position]),
  keyPackages: new MemoryTable((row) => [row.ref]),
  hybridKeys: new MemoryTable((row) => [row.record]),
  deviceLists: new MemoryTable((row) => [row.accountKey]),
  blocks: new MemoryTable((row) => [row.name]),
  contacts: new MemoryTable((row) => [row.name]),
  formerKeys: new MemoryTable((row) => [row.accountKey]),
  leases: new MemoryTable((row) => [row.name]),
  processing: new MemoryTable((row) => [row.position]),
  taken: new MemoryTable((row) => [row.digest]),
  sentMail: new MemoryTable((row) => [row.groupId, row.messageId]),
  counters: new MemoryTable((row) => [row.name]),
})

/** The profile as it is now, as a backup or a power cut would keep it. */
export const copyOf = (tables: MemoryTables): MemoryTables =>
  Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, (table as MemoryTable<object>).copy()]),
  ) as unknown as MemoryTables

/** One more than the last that was given. */
export function nextPlace({ counters }: MemoryTables, name: Exclude<Counter["name"], "group-version">): number {
  const last = (counters.get(name)?.last ?? 0) + 1
  counters.put({ name, last })
  return last
}

/** Of the timeline. */
export const lastPlace = ({ counters }: MemoryTables): number => counters.get("timeline")?.last ?? 0

/** No line comes before this one any more. */
export function givePlace({ counters }: MemoryTables, last: number): void {
  counters.put({ name: "timeline", last })
}

export const isSameLine = (row: TimelineName, { groupId, senderKey, messageId }: TimelineName): boolean =>
  equal(row.groupId, groupId) && equal(row.senderKey, senderKey) && equal(row.messageId, messageId)

/** What was said about lines, as both stores order it. */
export const inTime = (a: Arrival, b: Arrival): number =>
  a.sentAt - b.sentAt || compare(a.id, b.id) || compareText(a.kind, b.kind) || compareText(namesOf(a), namesOf(b))

const namesOf = ({ by, senderKey, messageId }: Arrival): string => [by, senderKey, messageId].map(hex).join(" ")

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
