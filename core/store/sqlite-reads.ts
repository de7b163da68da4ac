/** What the client reads from its SQLite file. */
import type { AccountKey, GroupId, GroupTag } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { ClientReads, TimelinePage, TimelineRow } from "./client-store.ts"
import {
  bufferedFrom,
  contactFrom,
  epochKeyFrom,
  groupFrom,
  hybridKeyFrom,
  keyPackageFrom,
  nodeFrom,
  outboxFrom,
  processingFrom,
  stagedFrom,
  timelineFrom,
} from "./sqlite-rows.ts"
import type {
  BufferedSql,
  ContactSql,
  EpochKeySql,
  GroupSql,
  HybridKeySql,
  KeyPackageSql,
  NodeSql,
  OutboxSql,
  ProcessingSql,
  StagedSql,
  TimelineSql,
} from "./sqlite-rows.ts"

const TIMELINE_LIMIT_MAX = 1000

export function sqliteReads(db: SqliteDatabase): ClientReads {
  return { ...groupReads(db), ...mailReads(db), ...keyReads(db) }
}

type GroupReads = Pick<
  ClientReads,
  "group" | "groupByTag" | "groups" | "secretNodes" | "epochKeysByTag" | "stagedCommit" | "stagedCommits"
>

function groupReads(db: SqliteDatabase): GroupReads {
  const byId = db.prepare<[Uint8Array], GroupSql>("SELECT * FROM groups WHERE id = ?")
  const byTag = db.prepare<[Uint8Array], GroupSql>("SELECT * FROM groups WHERE tag = ?")
  const all = db.prepare<[], GroupSql>("SELECT * FROM groups ORDER BY rowid")
  const nodes = db.prepare<[Uint8Array], NodeSql>("SELECT * FROM secret_nodes WHERE group_id = ? ORDER BY epoch, leaf")
  const keys = db.prepare<[Uint8Array], EpochKeySql>("SELECT * FROM epoch_keys WHERE key_tag = ?")
  const staged = db.prepare<[Uint8Array], StagedSql>("SELECT * FROM staged_commits WHERE group_id = ?")
  const allStaged = db.prepare<[], StagedSql>("SELECT * FROM staged_commits")
  return {
    group: (id: GroupId) => mapped(byId.get(id), groupFrom),
    groupByTag: (tag: GroupTag) => mapped(byTag.get(tag), groupFrom),
    groups: () => all.all().map(groupFrom),
    secretNodes: (id) => nodes.all(id).map(nodeFrom),
    epochKeysByTag: (keyTag) => keys.all(keyTag).map(epochKeyFrom),
    stagedCommit: (id) => mapped(staged.get(id), stagedFrom),
    stagedCommits: () => allStaged.all().map(stagedFrom),
  }
}

type MailReads = Pick<ClientReads, "timeline" | "unread" | "outbox" | "outboxCount" | "buffered" | "processing">

function mailReads(db: SqliteDatabase): MailReads {
  const unread = db.prepare<[Uint8Array], { count: number }>(
    `SELECT count(*) AS count FROM timeline JOIN groups ON groups.id = timeline.group_id
     WHERE timeline.group_id = ? AND own = 0 AND kind IN ('text', 'unknown') AND place > read_up_to`,
  )
  const outbox = db.prepare<[number], OutboxSql>("SELECT * FROM outbox ORDER BY place LIMIT ?")
  const waiting = db.prepare<[], { count: number }>("SELECT count(*) AS count FROM outbox")
  const buffered = db.prepare<[], BufferedSql>("SELECT * FROM buffered ORDER BY position")
  const processing = db.prepare<[bigint], ProcessingSql>("SELECT * FROM processing WHERE position = ?")
  return {
    timeline: timelineReader(db),
    unread: (id) => unread.get(id)?.count ?? 0,
    outbox: (limit) => outbox.all(limit).map(outboxFrom),
    outboxCount: () => waiting.get()?.count ?? 0,
    buffered: () => buffered.all().map(bufferedFrom),
    processing: (position) => mapped(processing.get(position), processingFrom),
  }
}

function timelineReader(db: SqliteDatabase): (page: TimelinePage) => readonly TimelineRow[] {
  const later = "SELECT * FROM timeline WHERE place > @after"
  const earlier = "SELECT * FROM timeline WHERE place < @before"
  const inGroup = "AND group_id = @group"
  type Bound = { group: Uint8Array | null; after: number; before: number; limit: number }
  const statement = (select: string, order: string) =>
    db.prepare<[Bound], TimelineSql>(`${select} ORDER BY place ${order} LIMIT @limit`)
  const forward = { all: statement(later, ""), group: statement(`${later} ${inGroup}`, "") }
  const backward = { all: statement(earlier, "DESC"), group: statement(`${earlier} ${inGroup}`, "DESC") }
  return ({ groupId, before = Number.MAX_SAFE_INTEGER, after, limit }) => {
    const lane = groupId ? "group" : "all"
    const bound = { group: groupId ?? null, after: after ?? 0, before, limit: Math.min(limit, TIMELINE_LIMIT_MAX) }
    if (after !== undefined) return forward[lane].all(bound).map(timelineFrom)
    return backward[lane].all(bound).map(timelineFrom).reverse()
  }
}

type KeyReads = Pick<ClientReads, "setting" | "keyPackages" | "hybridKeys" | "contact" | "contactByKey" | "contacts">

function keyReads(db: SqliteDatabase): KeyReads {
  const setting = db.prepare<[string], { value: Buffer }>("SELECT value FROM settings WHERE name = ?")
  const packages = db.prepare<[], KeyPackageSql>("SELECT * FROM key_packages ORDER BY not_after")
  const hybrids = db.prepare<[], HybridKeySql>("SELECT * FROM hybrid_keys ORDER BY not_after DESC")
  const byName = db.prepare<[string], ContactSql>("SELECT * FROM contacts WHERE name = ?")
  const byKey = db.prepare<[Uint8Array], ContactSql>("SELECT * FROM contacts WHERE account_key = ?")
  const contacts = db.prepare<[], ContactSql>("SELECT * FROM contacts ORDER BY name")
  return {
    setting: (name) => setting.get(name)?.value,
    keyPackages: () => packages.all().map(keyPackageFrom),
    hybridKeys: () => hybrids.all().map(hybridKeyFrom),
    contact: (name: UserName) => mapped(byName.get(name), contactFrom),
    contactByKey: (key: AccountKey) => mapped(byKey.get(key), contactFrom),
    contacts: () => contacts.all().map(contactFrom),
  }
}

const mapped = <Row, Value>(row: Row | undefined, from: (row: Row) => Value): Value | undefined =>
  row === undefined ? undefined : from(row)
