/** People in the SQLite file: the keys of their names, pinned, offered and former. */
import { accountKey } from "../domain/ids.ts"
import { userName } from "../domain/user-name.ts"
import type { SqliteDatabase, SqliteStatement } from "../sqlite/open.ts"
import type { Block, Contact, ContactReads, ContactWrites } from "./contacts.ts"
import { deviceListReads, deviceListWrites } from "./sqlite-device-lists.ts"
import { plain } from "./sqlite-rows.ts"

interface ContactSql {
  name: string
  account_key: Buffer
  verified: bigint
  first_seen: bigint
  offered_key: Buffer | null
  refused_key: Buffer | null
  mismatched: bigint
}

interface BlockSql {
  name: string
  account_key: Buffer
  since: number
}

const blockFrom = (row: BlockSql): Block => ({
  name: userName(row.name),
  accountKey: accountKey(plain(row.account_key)),
  since: row.since,
})

const contactFrom = (row: ContactSql): Contact => ({
  name: userName(row.name),
  accountKey: accountKey(plain(row.account_key)),
  verified: row.verified === 1n,
  firstSeen: Number(row.first_seen),
  offered: row.offered_key ? accountKey(plain(row.offered_key)) : undefined,
  refused: row.refused_key ? accountKey(plain(row.refused_key)) : undefined,
  mismatched: row.mismatched === 1n,
})

export function contactReads(db: SqliteDatabase): ContactReads {
  const byName = contacts<[string]>(db, "WHERE name = ?")
  const byKey = contacts<[Uint8Array]>(db, "WHERE account_key = ? ORDER BY name")
  const claiming = contacts<[{ key: Uint8Array }]>(db, "WHERE @key IN (offered_key, refused_key) ORDER BY name")
  const all = contacts<[]>(db, "ORDER BY name")
  const former = db.prepare<[Uint8Array], { name: string }>("SELECT name FROM former_keys WHERE account_key = ?")
  const blocks = db.prepare<[], BlockSql>("SELECT * FROM blocks ORDER BY name")
  const one = (row: ContactSql | undefined): Contact | undefined => row && contactFrom(row)
  return {
    ...deviceListReads(db),
    contact: (name) => one(byName.get(name)),
    contactByKey: (key) => one(byKey.get(key)),
    contactClaiming: (key) => one(claiming.get({ key })),
    contacts: () => all.all().map(contactFrom),
    blocks: () => blocks.all().map(blockFrom),
    formerName: (key) => {
      const row = former.get(key)
      return row && userName(row.name)
    },
  }
}

/** 64-bit integers come as bigint. */
const contacts = <Bound extends unknown[]>(db: SqliteDatabase, rest: string): SqliteStatement<Bound, ContactSql> =>
  db.prepare<Bound, ContactSql>(`SELECT * FROM contacts ${rest}`).safeIntegers(true)

export function contactWrites(db: SqliteDatabase): ContactWrites {
  const contact = db.prepare("INSERT OR REPLACE INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?)")
  const former = db.prepare("INSERT OR REPLACE INTO former_keys VALUES (?, ?)")
  const block = db.prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)")
  const unblock = db.prepare("DELETE FROM blocks WHERE name = ?")
  return {
    ...deviceListWrites(db),
    saveContact({ name, accountKey: key, verified, firstSeen, offered, refused, mismatched }) {
      const flags = [verified ? 1 : 0, firstSeen, offered ?? null, refused ?? null, mismatched ? 1 : 0]
      contact.run(name, key, ...flags)
    },
    saveFormerKey: (key, name) => void former.run(key, name),
    block: ({ name, accountKey: key, since }) => void block.run(name, key, since),
    unblock: (name) => unblock.run(name).changes === 1,
  }
}
