/** Copies of a database that is in use, what is wrong with one, and another key for one. */
import Database from "better-sqlite3"
import { chmodSync } from "node:fs"
import { hex } from "../domain/bytes.ts"
import { syncFile } from "../domain/durable-file.ts"
import { QpqError } from "../domain/errors.ts"
import { openToRead, storageFailure } from "./open.ts"
import type { DatabaseFile, SqliteDatabase } from "./open.ts"

const OWNER_ONLY = 0o600
const FAULTS_MAX = 20

/**
 * What is committed now, written beside whatever is going on: a connection of its own reads one state to its end, and
 * nobody waits. As encrypted as the original. It is on the disk when this returns; its name is for the caller to sync.
 * @param file must not exist. @throws E060, E061, E063
 */
export function copyDatabase(source: DatabaseFile, file: string): void {
  const db = openToRead(source)
  try {
    write(db, file)
  } catch (thrown) {
    throw storageFailure(thrown)
  } finally {
    db.close()
  }
}

/** The same of a database that is open here, whose key nobody has any more; the copy is looked through. @throws E060, E063 */
export function copyOf(db: SqliteDatabase, file: string): void {
  try {
    write(db, file)
    // One that is attached without a key has that of the database beside it.
    db.prepare("ATTACH ? AS copied").run(file)
    try {
      const [fault] = faultsOf(db, "copied")
      if (fault !== undefined) throw new QpqError("E060", fault)
    } finally {
      db.exec("DETACH copied")
    }
  } catch (thrown) {
    throw storageFailure(thrown)
  }
}

function write(db: SqliteDatabase, file: string): void {
  db.prepare("VACUUM INTO ?").run(file)
  chmodSync(file, OWNER_ONLY)
  syncFile(file)
}

/** In SQLite's words, at most FAULTS_MAX; none for a sound one. @param schema "main", or what is attached. */
export function faultsOf(db: SqliteDatabase, schema: "main" | "copied" = "main"): readonly string[] {
  const check = db.prepare(`PRAGMA ${schema}.integrity_check(${FAULTS_MAX})`).pluck().all() as string[]
  const broken = db.prepare(`PRAGMA ${schema}.foreign_key_check`).all() as {
    readonly table: string
    readonly parent: string
  }[]
  const references = broken.map(({ table, parent }) => `a row of ${table} refers to none of ${parent}`)
  return [...check.filter((line) => line !== "ok"), ...references].slice(0, FAULTS_MAX)
}

/**
 * Encrypts a copy with another key, or with one, or with none. What cuts it off leaves it useless: it is for a file that
 * does not count yet. @param next 32 bytes; undefined for none. @throws E060, E061, E063
 */
export function changeKey({ path, key }: DatabaseFile, next: Uint8Array | undefined): void {
  const db = new Database(path)
  try {
    db.pragma("cipher = 'sqlcipher'")
    db.pragma("legacy = 4")
    if (key) db.pragma(`key = "x'${hex(key)}'"`)
    if (db.pragma("journal_mode = DELETE", { simple: true }) !== "delete")
      throw new QpqError("E060", `${path} is in use`)
    db.pragma(next ? `rekey = "x'${hex(next)}'"` : "rekey = ''")
  } catch (thrown) {
    throw storageFailure(thrown)
  } finally {
    db.close()
  }
  syncFile(path)
}
