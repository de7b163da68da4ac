/** What passes, in memory: receipts, timers, lines that disappear. */
import { compare, equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, TimelineName, TimelineRow } from "./client-store.ts"
import { annotationWrites } from "./memory-annotations.ts"
import { isSameLine } from "./memory-tables.ts"
import type { MemoryTables } from "./memory-tables.ts"
import type { GroupTimer, PassingReads, PassingWrites, Receipt } from "./passing.ts"

export function passingReads({
  receipts,
  timeline,
  timers,
  vanished,
}: MemoryTables): PassingReads & Pick<ClientReads, "due"> {
  return {
    timer: (id) => timers.get(id),
    receipts: (line) =>
      receipts
        .all((row) => isSameLine(row, line))
        .map(({ by, state, at }) => ({ by, state, at }))
        .toSorted((a, b) => a.at - b.at || compare(a.by, b.by)),
    due: (now, limit) =>
      timeline
        .all(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now)
        .toSorted((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || a.place - b.place)
        .slice(0, Math.max(0, limit)),
    nextExpiry: () =>
      timeline
        .all(({ expiresAt }) => expiresAt !== undefined)
        .reduce<number | undefined>((least, { expiresAt = 0 }) => Math.min(least ?? expiresAt, expiresAt), undefined),
    hasVanished: ({ senderKey, messageId }) => vanished.get(senderKey, messageId) !== undefined,
  }
}

export function passingWrites(tables: MemoryTables): PassingWrites {
  const { dropLine } = annotationWrites(tables)
  const { groups, receipts, timeline, timers, vanished } = tables
  return {
    saveTimer(row) {
      if (!groups.get(row.groupId)) throw new QpqError("E063", "no such group")
      const known = timers.get(row.groupId)
      if (known && !isNewer(row, known)) return false
      timers.put(row)
      return true
    },
    noteReceipt({ groupId, senderKey, messageId }, receipt) {
      const line = timeline.get(groupId, senderKey, messageId)
      if (line?.kind !== "text") return false
      return noted(receipts, { groupId, senderKey, messageId, ...receipt })
    },
    vanish(line, now) {
      dropLine(line)
      const { senderKey, messageId } = line
      if (!vanished.get(senderKey, messageId)) vanished.put({ senderKey, messageId, since: now })
    },
    forgetVanished: (before) => {
      vanished.dropAll(({ since }) => since < before)
    },
  }
}

/** Who has read a line has got it. @returns whether that is news. */
function noted(receipts: MemoryTables["receipts"], row: TimelineName & Receipt): boolean {
  const known = receipts.get(row.groupId, row.senderKey, row.messageId, row.by)
  if (known && (row.state !== "read" || known.state === "read")) return false
  receipts.put(row)
  return true
}

/** Receipts go with their lines; the newer of two timers stays. */
export function movePassing({ groups, receipts, timers }: MemoryTables, from: GroupId, to: GroupId): void {
  const moving = receipts.all(({ groupId }) => equal(groupId, from))
  receipts.dropAll(({ groupId }) => equal(groupId, from))
  for (const row of moving) noted(receipts, { ...row, groupId: to })
  const timer = timers.get(from)
  if (!timer || !groups.get(to)) return
  timers.drop(from)
  const known = timers.get(to)
  if (!known || isNewer(timer, known)) timers.put({ ...timer, groupId: to })
}

const isNewer = (row: GroupTimer, known: GroupTimer): boolean =>
  row.sentAt > known.sentAt || (row.sentAt === known.sentAt && compare(row.id, known.id) > 0)

/** When a line of one's own disappears that was sent, or given up, at `at`. */
export function endOf({ expiresAfter, expiresAt }: TimelineRow, at: number | undefined): number | undefined {
  if (expiresAfter === undefined) return undefined
  return expiresAt ?? (at === undefined ? undefined : at + expiresAfter * 1000)
}
