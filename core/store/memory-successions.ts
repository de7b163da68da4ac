/** Successors of broken groups in memory, and the history that moves to them. */
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { ClientReads, ClientTx } from "./client-store.ts"
import { moveAnnotations } from "./memory-annotations.ts"
import { moveConversation } from "./memory-conversations.ts"
import { moveAttachments } from "./memory-attachments.ts"
import { movePassing } from "./memory-passing.ts"
import type { MemoryTables } from "./memory-tables.ts"
import { storedInteger } from "./stored-integer.ts"

export const successionReads = ({
  groups,
  floors,
  successions,
}: MemoryTables): Pick<ClientReads, "succession" | "successions" | "groupFloor"> => ({
  groupFloor: (id) => {
    const [one, other] = [groups.get(id), floors.get(id)]
    const highest = one && other ? (one.epoch > other.epoch ? one : other) : (one ?? other)
    return highest && { suite: highest.suite, epoch: highest.epoch }
  },
  succession: (id) => successions.get(id),
  successions: () => successions.all().toSorted((a, b) => (hex(a.groupId) < hex(b.groupId) ? -1 : 1)),
})

export function successionWrites(tables: MemoryTables): Pick<ClientTx, "saveSuccession" | "moveHistory"> {
  const { groups, successions, timeline, outbox } = tables
  return {
    saveSuccession(row) {
      if (row.epoch !== undefined) storedInteger(row.epoch)
      if (!groups.get(row.groupId)) throw new QpqError("E063", "no such group")
      successions.put(row)
    },
    moveHistory(from, to) {
      if (equal(from, to)) return
      moveAttachments(tables, from, to)
      for (const row of timeline.all(({ groupId }) => equal(groupId, from))) {
        timeline.dropAll((other) => other.place === row.place)
        const moved = { ...row, groupId: to }
        if (!timeline.has(moved)) timeline.put(moved)
      }
      for (const row of outbox.all(({ groupId }) => equal(groupId, from))) {
        const isThere = (other: typeof row): boolean =>
          equal(other.groupId, to) && equal(other.messageId, row.messageId)
        if (outbox.count(isThere) > 0) outbox.drop(row.place)
        else outbox.put({ ...row, groupId: to, sealed: undefined })
      }
      moveAnnotations(tables, from, to)
      moveConversation(tables, from, to)
      movePassing(tables, from, to)
      const [old, next] = [groups.get(from), groups.get(to)]
      if (old && next) groups.put({ ...next, readUpTo: Math.max(next.readUpTo, old.readUpTo) })
    },
  }
}
