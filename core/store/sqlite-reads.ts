/** What the client reads from its SQLite file. */
import type { GroupId, GroupTag } from "../domain/ids.ts"
import type { SqliteDatabase, SqliteStatement } from "../sqlite/open.ts"
import { TIMELINE_LIMIT_MAX } from "./client-store.ts"
import type { ClientReads, TimelinePage, TimelineRow } from "./client-store.ts"
import {
  bufferedFrom,
  bufferedSizeFrom,
  epochKeyFrom,
  groupFrom,
  hybridKeyFrom,
  keyPackageFrom,
  nodeFrom,
  outboxFrom,
  plain,
  processingFrom,
  rejoinFrom,
  stagedFrom,
  timelineFrom,
  BY_OTHERS,
  wishFrom,
} from "./sqlite-rows.ts"
import type {
  BufferedSizeSql,
  BufferedSql,
  EpochKeySql,
  GroupSql,
  HybridKeySql,
  KeyPackageSql,
  NodeSql,
  OutboxSql,
  ProcessingSql,
  RejoinSql,
  StagedSql,
  TimelineSql,
  WishSql,
} from "./sqlite-rows.ts"
import { attachmentReads } from "./sqlite-attachments.ts"
import { arrivalReads } from "./sqlite-arrivals.ts"
import { sentMailReads } from "./sqlite-sent-mail.ts"
import { takenReads } from "./sqlite-taken.ts"
import { annotationReads } from "./sqlite-annotations.ts"
import { conversationReads } from "./sqlite-conversations.ts"
import { contactReads } from "./sqlite-contacts.ts"
import { directReads } from "./sqlite-directs.ts"
import { passingReads } from "./sqlite-passing.ts"
import { searchReads } from "./sqlite-search.ts"
import { successionReads } from "./sqlite-successions.ts"

export function sqliteReads(db: SqliteDatabase): ClientReads {
  return {
    ...groupReads(db),
    ...successionReads(db),
    ...directReads(db),
    ...annotationReads(db),
    ...arrivalReads(db),
    ...sentMailReads(db),
    ...takenReads(db),
    ...conversationReads(db),
    ...searchReads(db),
    ...attachmentReads(db),
    ...passingReads(db),
    ...mailReads(db),
    ...keyReads(db),
    ...contactReads(db),
  }
}

type GroupReads = Pick<
  ClientReads,
  | "group"
  | "groupVersion"
  | "groupName"
  | "groupByTag"
  | "groups"
  | "secretNodes"
  | "wishes"
  | "rejoinRequest"
  | "rejoinRequests"
  | "epochKeysByTag"
  | "epochKeys"
  | "stagedCommit"
  | "stagedCommits"
>

function groupReads(db: SqliteDatabase): GroupReads {
  const byId = rows<[Uint8Array], GroupSql>(db, "SELECT * FROM groups WHERE id = ?")
  const version = db.prepare<[Uint8Array], { version: number }>("SELECT version FROM groups WHERE id = ?")
  const name = db.prepare<[Uint8Array], string>("SELECT name FROM groups WHERE id = ?").pluck()
  const byTag = rows<[Uint8Array], GroupSql>(db, "SELECT * FROM groups WHERE tag = ?")
  const all = rows<[], GroupSql>(db, "SELECT * FROM groups ORDER BY rowid")
  const nodes = rows<[Uint8Array], NodeSql>(db, "SELECT * FROM secret_nodes WHERE group_id = ? ORDER BY epoch, leaf")
  const request = rows<[Uint8Array], RejoinSql>(db, "SELECT * FROM rejoin_requests WHERE id = ?")
  const requests = rows<[Uint8Array], RejoinSql>(
    db,
    "SELECT * FROM rejoin_requests WHERE group_id = ? ORDER BY since, id",
  )
  const wishes = rows<[Uint8Array], WishSql>(db, "SELECT * FROM wishes WHERE group_id = ? ORDER BY device_key")
  const keys = rows<[Uint8Array], EpochKeySql>(
    db,
    "SELECT * FROM epoch_keys WHERE key_tag = ? ORDER BY group_id, epoch",
  )
  const allKeys = rows<[], EpochKeySql>(db, "SELECT * FROM epoch_keys ORDER BY group_id, epoch")
  const staged = rows<[Uint8Array], StagedSql>(db, "SELECT * FROM staged_commits WHERE group_id = ?")
  const allStaged = rows<[], StagedSql>(db, "SELECT * FROM staged_commits ORDER BY group_id")
  return {
    groupVersion: (id) => version.get(id)?.version,
    groupName: (id) => name.get(id),
    group: (id: GroupId) => mapped(byId.get(id), groupFrom),
    groupByTag: (tag: GroupTag) => mapped(byTag.get(tag), groupFrom),
    groups: () => all.all().map(groupFrom),
    secretNodes: (id) => nodes.all(id).map(nodeFrom),
    rejoinRequest: (id) => mapped(request.get(id), rejoinFrom),
    rejoinRequests: (id) => requests.all(id).map(rejoinFrom),
    wishes: (id) => wishes.all(id).map(wishFrom),
    epochKeysByTag: (keyTag) => keys.all(keyTag).map(epochKeyFrom),
    epochKeys: () => allKeys.all().map(epochKeyFrom),
    stagedCommit: (id) => mapped(staged.get(id), stagedFrom),
    stagedCommits: () => allStaged.all().map(stagedFrom),
  }
}

type MailReads = Pick<
  ClientReads,
  | "timeline"
  | "timelineRow"
  | "hasLine"
  | "unread"
  | "unreadMentions"
  | "outbox"
  | "outboxCount"
  | "buffered"
  | "bufferedSizes"
  | "leaseHolder"
  | "processing"
>

function mailReads(db: SqliteDatabase): MailReads {
  const line = rows<[Uint8Array, Uint8Array, Uint8Array], TimelineSql>(
    db,
    "SELECT * FROM timeline WHERE group_id = ? AND sender_key = ? AND message_id = ?",
  )
  const known = db.prepare("SELECT 1 FROM timeline WHERE message_id = ? AND sender_key = ? LIMIT 1")
  const [unread, mentions] = ["", "AND mention = 1"].map((only) =>
    db.prepare<[Uint8Array], { count: number }>(
      `SELECT count(*) AS count FROM timeline JOIN groups ON groups.id = timeline.group_id
       WHERE timeline.group_id = ? AND ${BY_OTHERS} AND kind IN ('text', 'unknown') AND place > read_up_to ${only}`,
    ),
  )
  const outbox = rows<[number, number], OutboxSql>(db, "SELECT * FROM outbox WHERE place > ? ORDER BY place LIMIT ?")
  const waiting = db.prepare<[], { count: number }>("SELECT count(*) AS count FROM outbox")
  const buffered = rows<[], BufferedSql>(db, "SELECT * FROM buffered ORDER BY position")
  const holder = rows<[string], { owner: Buffer }>(db, "SELECT owner FROM leases WHERE name = ?")
  const sizes = rows<[], BufferedSizeSql>(
    db,
    "SELECT position, length(row) AS bytes, since FROM buffered ORDER BY position",
  )
  const processing = rows<[bigint], ProcessingSql>(db, "SELECT * FROM processing WHERE position = ?")
  return {
    timeline: timelineReader(db),
    timelineRow: ({ groupId, senderKey, messageId }) => mapped(line.get(groupId, senderKey, messageId), timelineFrom),
    hasLine: ({ senderKey, messageId }) => known.get(messageId, senderKey) !== undefined,
    unread: (id) => unread?.get(id)?.count ?? 0,
    unreadMentions: (id) => mentions?.get(id)?.count ?? 0,
    outbox: (limit, after = 0) => outbox.all(after, Math.max(0, limit)).map(outboxFrom),
    outboxCount: () => waiting.get()?.count ?? 0,
    buffered: () => buffered.all().map(bufferedFrom),
    leaseHolder: (name) => mapped(holder.get(name), ({ owner }) => plain(owner)),
    bufferedSizes: () => sizes.all().map(bufferedSizeFrom),
    processing: (position) => mapped(processing.get(position), processingFrom),
  }
}

function timelineReader(db: SqliteDatabase): (page: TimelinePage) => readonly TimelineRow[] {
  type Bound = { group: Uint8Array | null; after: number; before: number; limit: number }
  const between = "SELECT * FROM timeline WHERE place > @after AND place < @before"
  const statement = (order: string) => {
    const end = `ORDER BY place ${order} LIMIT @limit`
    const all = rows<[Bound], TimelineSql>(db, `${between} ${end}`)
    return { all, group: rows<[Bound], TimelineSql>(db, `${between} AND group_id = @group ${end}`) }
  }
  const [first, last] = [statement("ASC"), statement("DESC")]
  return ({ groupId, before = Number.MAX_SAFE_INTEGER, after, limit }) => {
    const lane = groupId ? "group" : "all"
    const bounded = Math.max(0, Math.min(limit, TIMELINE_LIMIT_MAX))
    const bound = { group: groupId ?? null, after: after ?? 0, before, limit: bounded }
    if (after !== undefined) return first[lane].all(bound).map(timelineFrom)
    return last[lane].all(bound).map(timelineFrom).reverse()
  }
}

type KeyReads = Pick<ClientReads, "setting" | "keyPackages" | "hybridKeys">

function keyReads(db: SqliteDatabase): KeyReads {
  const setting = db.prepare<[string], { value: Buffer }>("SELECT value FROM settings WHERE name = ?")
  const packages = rows<[], KeyPackageSql>(db, "SELECT * FROM key_packages ORDER BY not_after, ref")
  const hybrids = rows<[], HybridKeySql>(db, "SELECT * FROM hybrid_keys ORDER BY not_after DESC, record")
  return {
    setting: (name) => mapped(setting.get(name), ({ value }) => plain(value)),
    keyPackages: () => packages.all().map(keyPackageFrom),
    hybridKeys: () => hybrids.all().map(hybridKeyFrom),
  }
}

const mapped = <Row, Value>(row: Row | undefined, from: (row: Row) => Value): Value | undefined =>
  row === undefined ? undefined : from(row)

/** 64-bit integers come as bigint: a number would round them above 2^53. */
const rows = <Bound extends unknown[], Row>(db: SqliteDatabase, sql: string): SqliteStatement<Bound, Row> =>
  db.prepare<Bound, Row>(sql).safeIntegers(true)
