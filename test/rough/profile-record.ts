/** What a profile's database holds in the end, read without a session: the checker's evidence. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { storedIdentity } from "../../core/client/identity.ts"
import { takeDown } from "../../core/client/group-shelf.ts"
import { unwrapDatabaseKey } from "../../core/crypto/passphrase-key.ts"
import { hex, unhex, utf8 } from "../../core/domain/bytes.ts"
import { groupId } from "../../core/domain/ids.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import { faultsOf } from "../../core/sqlite/copy.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import type { ClientStore, TimelineRow } from "../../core/store/client-store.ts"
import type { RecordedRow, ProfileRecord } from "./checker.ts"

const PAGE = 1000

export interface ProfilePlace {
  readonly name: string
  readonly home: string
  readonly password: string
}

/** The profile's database under its password. */
export async function openProfile({ home, password }: ProfilePlace): Promise<SqliteDatabase> {
  const key = await unwrapDatabaseKey(new Uint8Array(readFileSync(join(home, "profile.key"))), utf8(password))
  return openDatabase({ path: join(home, "profile.db"), migrations: migrationsFolder("client"), key })
}

/** Closes the database. @param hexId the group that is looked at. */
export function recordOf(db: SqliteDatabase, name: string, hexId: string): ProfileRecord {
  const damage = faultsOf(db)
  const store = sqliteStore(db)
  try {
    const me = storedIdentity(store)
    const id = groupId(unhex(hexId))
    const row = store.group(id)
    const engine = new TsMlsEngine(me)
    const group = row && takeDown({ store, engine, shelf: new Map() }, id).group
    return {
      name,
      accountKey: hex(me.accountKey),
      rows: rowsOf(store, hexId),
      status: row?.status ?? "none",
      isLost: row?.rejoin !== undefined,
      epoch: Number(row?.epoch ?? 0n),
      authenticator: group ? hex(engine.epochAuthenticator(group)) : "",
      waiting: store.outboxCount() + store.stagedCommits().length,
      damage,
    }
  } finally {
    store.close()
  }
}

function rowsOf(store: ClientStore, hexId: string): readonly RecordedRow[] {
  const rows: RecordedRow[] = []
  const id = groupId(unhex(hexId))
  for (let after = 0; ;) {
    const page = store.timeline({ groupId: id, after, limit: PAGE })
    rows.push(...page.map(recorded))
    const last = page.at(-1)
    if (!last || page.length < PAGE) return rows
    after = last.place
  }
}

const recorded = ({ kind, messageId, senderKey, own, body, epoch, delivery }: TimelineRow): RecordedRow => ({
  kind,
  id: hex(messageId),
  senderKey: hex(senderKey),
  own,
  body,
  epoch: Number(epoch),
  delivery,
})
