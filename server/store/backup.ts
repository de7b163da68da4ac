/** A backup of the server's store: one file that holds the database and what else the server must not lose. */
import { existsSync, renameSync, rmSync, statSync } from "node:fs"
import { utf8 } from "../../core/domain/bytes.ts"
import { syncFile, syncFolder } from "../../core/domain/durable-file.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { copyDatabase } from "../../core/sqlite/copy.ts"
import { openToChange, openToRead, storageFailure } from "../../core/sqlite/open.ts"
import type { DatabaseFile, SqliteDatabase } from "../../core/sqlite/open.ts"
import { storeFaults } from "./store-check.ts"

/** Only a backup has it: a server does not start on one. */
const TABLE = "backup"
/** Names of files of the data folder, as the table has them. */
const FILE_PREFIX = "file:"

export interface BackupOrder {
  readonly source: DatabaseFile
  /** Must not exist. */
  readonly file: string
  /** Of the data folder, by name, to be put back by a restore. */
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly now: number
  /** The program's. */
  readonly version: string
}

export interface BackupReport {
  readonly file: string
  readonly bytes: number
  readonly ms: number
}

/**
 * The server goes on meanwhile. The file gets its name when it is whole, was looked through and is on the disk.
 * @throws E071 when the file is there, E060 when what was copied is damaged, E061, E063
 */
export function makeBackup({ source, file, files, now, version }: BackupOrder): BackupReport {
  const since = performance.now()
  if (existsSync(file)) throw new QpqError("E071", `${file} is there already`)
  const part = `${file}.part`
  rmSync(part, { force: true })
  const copy = { ...source, path: part }
  try {
    copyDatabase(source, part)
    const db = openToChange(copy)
    try {
      const rows = { "made-at": utf8(new Date(now).toISOString()), "made-by": utf8(version), ...prefixed(files) }
      mark(db, rows)
      refuseFaults(db, source.path)
    } finally {
      db.close()
    }
    syncFile(part)
    renameSync(part, file)
    syncFolder(file)
  } catch (thrown) {
    rmSync(part, { force: true })
    throw thrown instanceof QpqError ? thrown : failure(thrown, file)
  }
  return { file, bytes: statSync(file).size, ms: Math.round(performance.now() - since) }
}

/** What was found wrong with the store; none is well. @throws E060, E061 when it cannot be read at all */
export function checkStore(source: DatabaseFile): readonly string[] {
  const db = openToRead(source)
  try {
    return storeFaults(db)
  } catch (thrown) {
    throw storageFailure(thrown)
  } finally {
    db.close()
  }
}

/** What a backup holds beside the store. @param isBackup false for a database that was copied by other means. */
export interface BackupContents {
  readonly isBackup: boolean
  readonly madeAt: string | undefined
  readonly files: Readonly<Record<string, Uint8Array>>
}

/** Takes it out: what is left is a database to serve from. */
export function takeContents(db: SqliteDatabase): BackupContents {
  if (!isBackup(db)) return { isBackup: false, madeAt: undefined, files: {} }
  const rows = db.prepare<[], { name: string; value: Buffer }>(`SELECT name, value FROM ${TABLE}`).all()
  db.exec(`DROP TABLE ${TABLE}`)
  const files = rows.filter(({ name }) => name.startsWith(FILE_PREFIX))
  return {
    isBackup: true,
    madeAt: rows.find(({ name }) => name === "made-at")?.value.toString(),
    files: Object.fromEntries(files.map(({ name, value }) => [name.slice(FILE_PREFIX.length), value])),
  }
}

/**
 * Looks without writing, before a server opens its database.
 * @throws E060 for a backup: its numbers were given away already, and served from again they would be given twice. E061
 */
export function refuseBackup(file: DatabaseFile): void {
  if (!existsSync(file.path) || statSync(file.path).size === 0) return
  const db = openToRead(file)
  try {
    if (isBackup(db)) throw new QpqError("E060", `${file.path} is a backup: qpq-server restore makes a server of it`)
  } finally {
    db.close()
  }
}

/** @throws E060 */
export function refuseFaults(db: SqliteDatabase, path: string): void {
  const [first, ...others] = storeFaults(db)
  if (first === undefined) return
  throw new QpqError("E060", `${path}: ${first}${others.length > 0 ? `, and ${others.length} more` : ""}`)
}

const isBackup = (db: SqliteDatabase): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(TABLE) !== undefined

const prefixed = (files: Readonly<Record<string, Uint8Array>>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${FILE_PREFIX}${name}`, bytes]))

function mark(db: SqliteDatabase, rows: Readonly<Record<string, Uint8Array>>): void {
  db.transaction(() => {
    db.exec(`CREATE TABLE ${TABLE} (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT`)
    const put = db.prepare(`INSERT INTO ${TABLE} VALUES (?, ?)`)
    for (const [name, value] of Object.entries(rows)) put.run(name, value)
  })()
}

/** A folder that is not there or not ours is the caller's to mend; a full disk is the operator's. */
function failure(thrown: unknown, file: string): QpqError {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : ""
  if (code === "ENOENT" || code === "EACCES")
    return new QpqError("E072", `${file} cannot be written`, { cause: thrown })
  return storageFailure(thrown)
}
