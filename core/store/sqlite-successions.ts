/** Successors of broken groups in the client's SQLite file, and the history that moves to them. */
import { concat, equal } from "../domain/bytes.ts"
import { deviceKey, groupId } from "../domain/ids.ts"
import type { DeviceKey } from "../domain/ids.ts"
import type { Suite } from "../domain/suite.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { ClientReads, ClientTx, Succession } from "./client-store.ts"
import { annotationMover } from "./sqlite-annotations.ts"
import { conversationMover } from "./sqlite-conversations.ts"
import { attachmentMover } from "./sqlite-attachments.ts"
import { passingMover } from "./sqlite-passing.ts"
import { plain } from "./sqlite-rows.ts"
import { storedInteger } from "./stored-integer.ts"

const KEY_BYTES = 32
const COLUMNS = "group_id, blamed, attempt, since, winner, winner_at, successor, moved, CAST(epoch AS TEXT) AS epoch"

interface SuccessionSql {
  group_id: Buffer
  blamed: Buffer
  attempt: number
  since: number
  winner: Buffer | null
  winner_at: number | null
  successor: Buffer | null
  moved: number
  /** Text: a number would round it above 2^53. */
  epoch: string | null
}

const successionFrom = (row: SuccessionSql): Succession => ({
  groupId: groupId(plain(row.group_id)),
  blamed: keysFrom(plain(row.blamed)),
  attempt: row.attempt,
  since: row.since,
  winner: row.winner ? { deviceKey: deviceKey(plain(row.winner)), seenAt: row.winner_at ?? 0 } : undefined,
  successor: row.successor ? groupId(plain(row.successor)) : undefined,
  moved: row.moved === 1,
  epoch: row.epoch === null ? undefined : BigInt(row.epoch),
})

function keysFrom(bytes: Uint8Array): readonly DeviceKey[] {
  const count = Math.floor(bytes.length / KEY_BYTES)
  return Array.from({ length: count }, (_, at) => deviceKey(bytes.slice(at * KEY_BYTES, (at + 1) * KEY_BYTES)))
}

export function successionReads(db: SqliteDatabase): Pick<ClientReads, "succession" | "successions" | "groupFloor"> {
  const one = db.prepare<[Uint8Array], SuccessionSql>(`SELECT ${COLUMNS} FROM successions WHERE group_id = ?`)
  const all = db.prepare<[], SuccessionSql>(`SELECT ${COLUMNS} FROM successions ORDER BY group_id`)
  const floor = db
    .prepare<[{ id: Uint8Array }], { suite: Suite; epoch: bigint }>(
      `SELECT suite, epoch FROM (SELECT suite, epoch FROM groups WHERE id = @id
         UNION ALL SELECT suite, epoch FROM floors WHERE group_id = @id) ORDER BY epoch DESC LIMIT 1`,
    )
    .safeIntegers(true)
  return {
    groupFloor: (id) => floor.get({ id }),
    succession: (id) => {
      const row = one.get(id)
      return row && successionFrom(row)
    },
    successions: () => all.all().map(successionFrom),
  }
}

export function successionWrites(db: SqliteDatabase): Pick<ClientTx, "saveSuccession" | "moveHistory"> {
  const save = db.prepare("INSERT OR REPLACE INTO successions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
  const steps = [
    "UPDATE OR IGNORE timeline SET group_id = @to WHERE group_id = @from",
    "DELETE FROM timeline WHERE group_id = @from",
    "UPDATE OR IGNORE outbox SET group_id = @to, epoch = NULL, sealed = NULL WHERE group_id = @from",
    "DELETE FROM outbox WHERE group_id = @from",
    `UPDATE groups SET read_up_to = max(read_up_to, (SELECT read_up_to FROM groups WHERE id = @from))
     WHERE id = @to AND EXISTS (SELECT 1 FROM groups WHERE id = @from)`,
  ].map((sql) => db.prepare(sql))
  const moveAnnotations = annotationMover(db)
  const moveConversation = conversationMover(db)
  const moveAttachments = attachmentMover(db)
  const movePassing = passingMover(db)
  return {
    saveSuccession({ groupId: id, blamed, attempt, since, winner, successor = null, epoch, moved }) {
      const from = epoch === undefined ? null : storedInteger(epoch)
      const won = [winner?.deviceKey ?? null, winner?.seenAt ?? null]
      save.run(id, concat(...blamed), attempt, since, ...won, successor, moved ? 1 : 0, from)
    },
    moveHistory(from, to) {
      if (equal(from, to)) return
      moveAttachments(from, to)
      for (const step of steps) step.run({ from, to })
      moveAnnotations(from, to)
      moveConversation(from, to)
      movePassing(from, to)
    },
  }
}
