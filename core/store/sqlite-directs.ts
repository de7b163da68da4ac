/** 1:1 conversations in the client's SQLite file. */
import { accountKey, channelId, groupId } from "../domain/ids.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { ClientReads, ClientTx, Direct } from "./client-store.ts"
import { plain } from "./sqlite-rows.ts"

interface DirectSql {
  id: Buffer
  peer: Buffer
  channel: Buffer
  attempt: number
  group_id: Buffer
  refused_at: number | null
}

const directFrom = (row: DirectSql): Direct => ({
  id: groupId(plain(row.id)),
  peer: accountKey(plain(row.peer)),
  channel: channelId(plain(row.channel)),
  attempt: row.attempt,
  groupId: groupId(plain(row.group_id)),
  refusedAt: row.refused_at ?? undefined,
})

export function directReads(db: SqliteDatabase): Pick<ClientReads, "direct" | "directWith" | "directIn" | "directs"> {
  const by = (column: string) => {
    const found = db.prepare<[Uint8Array], DirectSql>(`SELECT * FROM directs WHERE ${column} = ?`)
    return (key: Uint8Array): Direct | undefined => {
      const row = found.get(key)
      return row && directFrom(row)
    }
  }
  const [byGroup, byId] = [by("group_id"), by("id")]
  const all = db.prepare<[], DirectSql>("SELECT * FROM directs ORDER BY id")
  return {
    direct: (id) => byGroup(id) ?? byId(id),
    directWith: by("peer"),
    directIn: by("channel"),
    directs: () => all.all().map(directFrom),
  }
}

export function directWrites(db: SqliteDatabase): Pick<ClientTx, "saveDirect"> {
  const save = db.prepare(
    `INSERT INTO directs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET peer = excluded.peer,
       channel = excluded.channel, attempt = excluded.attempt, group_id = excluded.group_id,
       refused_at = excluded.refused_at`,
  )
  return {
    saveDirect: ({ id, peer, channel, attempt, groupId: group, refusedAt = null }) =>
      void save.run(id, peer, channel, attempt, group, refusedAt),
  }
}
