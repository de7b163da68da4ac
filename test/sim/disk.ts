/** What a person's programs keep their profile on: it stays when they end. */
import Database from "better-sqlite3"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { memoryStore } from "../../core/store/memory-store.ts"
import { copyOf, memoryTables } from "../../core/store/memory-tables.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"

export interface Disk {
  readonly store: ClientStore
  /** As it is now, whatever is written on this one afterwards. */
  copy(): Disk
}

export function memoryDisk(tables = memoryTables()): Disk {
  return { store: memoryStore(tables), copy: () => memoryDisk(copyOf(tables)) }
}

/** A real database, without a file. */
export function sqliteDisk(db = openDatabase({ path: ":memory:", migrations: migrationsFolder("client") })): Disk {
  return { store: sqliteStore(db), copy: () => sqliteDisk(reopened(db)) }
}

function reopened(db: SqliteDatabase): SqliteDatabase {
  const copy = new Database(db.serialize())
  copy.pragma("foreign_keys = ON")
  return copy
}
