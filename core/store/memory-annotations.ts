/** What was said about lines, in memory. */
import { compare, equal } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { Annotation, Arrival, ClientReads, ClientTx, TimelineName } from "./client-store.ts"
import { lineArrived, linesArrived } from "./memory-arrivals.ts"
import { inTime, isSameLine } from "./memory-tables.ts"
import type { MemoryTables } from "./memory-tables.ts"

type AnnotationReads = Pick<ClientReads, "annotations" | "annotationsBy" | "strayAnnotations" | "linesBetween">

export function annotationReads({ annotations, timeline }: MemoryTables): AnnotationReads {
  return {
    annotations: ({ groupId, senderKey, messageId }) =>
      annotations
        .all((row) => isSameLine(row, { groupId, senderKey, messageId }))
        .toSorted(inTime)
        .map(withoutArrival),
    annotationsBy: (id, by) =>
      annotations
        .all((row) => equal(row.groupId, id) && equal(row.by, by))
        .toSorted(inTime)
        .map(withoutArrival),
    strayAnnotations: (id, by) =>
      annotations.count(
        (row) => equal(row.groupId, id) && equal(row.by, by) && !timeline.get(id, row.senderKey, row.messageId),
      ),
    linesBetween: (id, low, high, limit) =>
      timeline
        .all(
          ({ groupId, messageId }) =>
            equal(groupId, id) && compare(messageId, low) >= 0 && compare(messageId, high) <= 0,
        )
        .toSorted((a, b) => a.place - b.place)
        .slice(0, Math.max(0, limit)),
  }
}

export function annotationWrites(tables: MemoryTables): Pick<ClientTx, "annotate" | "dropLine"> {
  const { annotations, attachments, receipts, timeline } = tables
  return {
    annotate: (row) => annotate(tables, row),
    dropLine({ groupId, senderKey, messageId }) {
      timeline.drop(groupId, senderKey, messageId)
      attachments.drop(groupId, senderKey, messageId)
      receipts.dropAll((row) => isSameLine(row, { groupId, senderKey, messageId }))
      annotations.dropAll(
        (row) => equal(row.groupId, groupId) && equal(row.senderKey, senderKey) && equal(row.messageId, messageId),
      )
    },
  }
}

function annotate(tables: MemoryTables, row: Annotation): boolean {
  if (!putNewest(tables, { ...row, arrival: 0 })) return false
  settle(tables, row)
  return true
}

function putNewest({ annotations }: MemoryTables, row: Arrival): boolean {
  const known = annotations.get(row.groupId, row.senderKey, row.messageId, row.kind, row.by)
  if (known && !isNewer(row, known)) return false
  annotations.put(row)
  return true
}

/**
 * Makes the text of a line that of its newest edit, or empty when it was deleted; a file has no other text. What was said
 * about the line has arrived.
 */
export function settle(tables: MemoryTables, line: TimelineName): void {
  const { annotations, attachments, timeline } = tables
  const { groupId, senderKey, messageId } = line
  const said = (kind: Annotation["kind"]): Arrival | undefined =>
    annotations.get(groupId, senderKey, messageId, kind, senderKey)
  const [deletion, edit] = [said("delete"), said("edit")]
  if (deletion && edit) annotations.put({ ...edit, body: "" })
  if (deletion) attachments.drop(groupId, senderKey, messageId)
  const row = timeline.get(groupId, senderKey, messageId)
  const now = deletion ?? (attachments.get(groupId, senderKey, messageId) ? undefined : edit)
  if (now && row?.kind === "text") timeline.put({ ...row, body: now.body })
  lineArrived(tables, line)
}

/** What was said about the lines of a group goes with them. */
export function moveAnnotations(tables: MemoryTables, from: GroupId, to: GroupId): void {
  const { annotations } = tables
  const moving = annotations.all(({ groupId }) => equal(groupId, from))
  annotations.dropAll(({ groupId }) => equal(groupId, from))
  for (const row of moving) putNewest(tables, { ...row, groupId: to })
  for (const row of linesArrived(tables, to)) settle(tables, row)
  for (const row of moving) settle(tables, { ...row, groupId: to })
}

const withoutArrival = ({ groupId, senderKey, messageId, kind, by, id, sentAt, body }: Arrival): Annotation => ({
  groupId,
  senderKey,
  messageId,
  kind,
  by,
  id,
  sentAt,
  body,
})

const isNewer = (row: Annotation, known: Annotation): boolean =>
  row.sentAt > known.sentAt || (row.sentAt === known.sentAt && compare(row.id, known.id) > 0)
