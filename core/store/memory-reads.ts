/** What the client reads from a store in memory. */
import { equal, hex } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, EpochKey, TimelinePage, TimelineRow } from "./client-store.ts"
import { TIMELINE_LIMIT_MAX } from "./client-store.ts"
import { attachmentReads } from "./memory-attachments.ts"
import { arrivalReads } from "./memory-arrivals.ts"
import { sentMailReads } from "./memory-sent-mail.ts"
import { takenReads } from "./memory-taken.ts"
import { annotationReads } from "./memory-annotations.ts"
import { conversationReads } from "./memory-conversations.ts"
import { contactReads } from "./memory-contacts.ts"
import { directReads } from "./memory-directs.ts"
import { passingReads } from "./memory-passing.ts"
import { searchReads } from "./memory-search.ts"
import { successionReads } from "./memory-successions.ts"
import { isByOthers, isMessage } from "./memory-authors.ts"
import type { MemoryTables } from "./memory-tables.ts"

export function memoryReads(tables: MemoryTables): ClientReads {
  const { settings, groups, staged, outbox, buffered } = tables
  return {
    ...successionReads(tables),
    ...directReads(tables),
    ...annotationReads(tables),
    ...arrivalReads(tables),
    ...sentMailReads(tables),
    ...takenReads(tables),
    ...conversationReads(tables),
    ...contactReads(tables),
    ...searchReads(tables),
    ...attachmentReads(tables),
    ...passingReads(tables),
    setting: (name) => settings.get(name)?.value,
    group: (id) => groups.get(id),
    groupVersion: (id) => groups.get(id)?.version,
    groupName: (id) => groups.get(id)?.name,
    groupByTag: (tag) => groups.all((row) => equal(row.tag, tag))[0],
    groups: () => groups.all(),
    rejoinRequest: (id) => tables.rejoins.get(id),
    rejoinRequests: (id) =>
      tables.rejoins
        .all((row) => equal(row.groupId, id))
        .toSorted((a, b) => a.since - b.since || ascending(hex(a.id), hex(b.id))),
    wishes: (id) =>
      tables.wishes
        .all((row) => equal(row.groupId, id))
        .map(({ deviceKey, since }) => ({ deviceKey, since }))
        .sort((a, b) => ascending(hex(a.deviceKey), hex(b.deviceKey))),
    secretNodes: (id) =>
      tables.secretNodes
        .all((row) => equal(row.groupId, id))
        .map(({ epoch, leaf, record }) => ({ epoch, leaf, record }))
        .sort((a, b) => ascending(a.epoch, b.epoch) || a.leaf - b.leaf),
    epochKeysByTag: (keyTag) => byGroup(tables.epochKeys.all((row) => equal(row.keyTag, keyTag))),
    epochKeys: () => byGroup(tables.epochKeys.all()),
    stagedCommit: (id) => staged.get(id),
    stagedCommits: () => [...staged.all()].sort((a, b) => ascending(hex(a.groupId), hex(b.groupId))),
    timeline: (page) => timelinePage(tables, page),
    timelineRow: ({ groupId, senderKey, messageId }) =>
      tables.timeline.all(
        (row) => equal(row.groupId, groupId) && equal(row.senderKey, senderKey) && equal(row.messageId, messageId),
      )[0],
    hasLine: ({ senderKey, messageId }) =>
      tables.timeline.count((row) => equal(row.messageId, messageId) && equal(row.senderKey, senderKey)) > 0,
    unread: (id) => unread(tables, id, () => true),
    unreadMentions: (id) => unread(tables, id, ({ mention }) => mention === true),
    outbox: (limit, after = 0) =>
      outbox
        .all((row) => row.place > after)
        .toSorted((a, b) => a.place - b.place)
        .slice(0, Math.max(0, limit)),
    outboxCount: () => outbox.count(),
    buffered: () => [...buffered.all()].sort((a, b) => ascending(a.position, b.position)),
    bufferedSizes: () =>
      buffered
        .all()
        .map(({ position, row, since }) => ({ position, bytes: row.length, since }))
        .sort((a, b) => ascending(a.position, b.position)),
    leaseHolder: (name) => tables.leases.get(name)?.owner,
    keyPackages: () =>
      [...tables.keyPackages.all()].sort((a, b) => a.notAfter - b.notAfter || ascending(hex(a.ref), hex(b.ref))),
    hybridKeys: () =>
      [...tables.hybridKeys.all()].sort((a, b) => b.notAfter - a.notAfter || ascending(hex(a.record), hex(b.record))),
    processing: (position) => tables.processing.get(position),
  }
}

function timelinePage({ timeline }: MemoryTables, page: TimelinePage): readonly TimelineRow[] {
  const { groupId, after, before = Number.MAX_SAFE_INTEGER } = page
  const limit = Math.max(0, Math.min(page.limit, TIMELINE_LIMIT_MAX))
  const inGroup = (row: TimelineRow): boolean => groupId === undefined || equal(row.groupId, groupId)
  const rows = [...timeline.all((row) => inGroup(row) && row.place > (after ?? 0) && row.place < before)]
  rows.sort((a, b) => a.place - b.place)
  return after === undefined ? rows.slice(Math.max(0, rows.length - limit)) : rows.slice(0, limit)
}

function unread(tables: MemoryTables, id: GroupId, counts: (row: TimelineRow) => boolean): number {
  const { groups, timeline } = tables
  const readUpTo = groups.get(id)?.readUpTo
  if (readUpTo === undefined) return 0
  const isUnread = (row: TimelineRow): boolean => isByOthers(tables, row) && isMessage(row) && row.place > readUpTo
  return timeline.count((row) => equal(row.groupId, id) && isUnread(row) && counts(row))
}

const byGroup = (keys: readonly EpochKey[]): readonly EpochKey[] =>
  keys.toSorted((a, b) => ascending(hex(a.groupId), hex(b.groupId)) || ascending(a.epoch, b.epoch))

function ascending<Value extends bigint | string>(a: Value, b: Value): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
