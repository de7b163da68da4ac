/** Opens one SQLite file the way every part of qpq relies on: WAL, synchronous=FULL, foreign keys, SQLCipher when keyed. */
import Database from "better-sqlite3"
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs"
import { hex } from "../domain/bytes.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import { dueMigrations, migrate } from "./migrate.ts"

export type SqliteDatabase = Database.Database
export type SqliteStatement<Bound extends unknown[], Row> = Database.Statement<Bound, Row>

export interface DatabaseFile {
  /** File path, or ":memory:". */
  readonly path: string
  /** 32 bytes; the file is then SQLCipher 4 with this raw key. */
  readonly key?: Uint8Array
}

export interface OpenOptions extends DatabaseFile {
  /** Folder of numbered SQL files. */
  readonly migrations: string
}

const BUSY_MS = 5000
/** A log that a long reading, such as a backup, made grow is cut back to this when it begins anew. */
const LOG_BYTES_KEPT = 67_108_864
const PLAIN_HEADER = "SQLite format 3\0"

/** @throws E060 damaged, in use or another program's, E061 wrong key, E062 newer schema, E063 no room. The file is left as it was in each case. */
export function openDatabase(options: OpenOptions): SqliteDatabase {
  const kind = fileKind(options.path)
  if (kind === "plain" && options.key)
    throw new QpqError("E061", `${options.path} is not encrypted, but a key was given`)
  let db: SqliteDatabase | undefined
  try {
    if (hasLog(options.path)) lookFirst(options, kind)
    db = new Database(options.path)
    unlock(db, options)
    configure(db, options)
    migrate(db, options.migrations)
    return db
  } catch (thrown) {
    db?.close()
    throw opened(thrown, kind, options)
  }
}

/** A connection that writes nothing, also beside one that does. @throws E060 missing, damaged or another program's, E061 */
export const openToRead = (file: DatabaseFile): SqliteDatabase => openAsItIs(file, true)

/** For a copy that nobody has open: neither its journal nor its schema is changed by opening. @throws as `openToRead` */
export const openToChange = (file: DatabaseFile): SqliteDatabase => openAsItIs(file, false)

function openAsItIs(file: DatabaseFile, readonly: boolean): SqliteDatabase {
  const { path, key } = file
  const kind = fileKind(path)
  if (kind === "new") throw new QpqError("E060", `${path} is missing or empty`)
  if (kind === "plain" && key) throw new QpqError("E061", `${path} is not encrypted, but a key was given`)
  let db: SqliteDatabase | undefined
  try {
    db = new Database(path, { readonly, timeout: BUSY_MS })
    unlock(db, file)
    refuseForeign(db, path)
    return db
  } catch (thrown) {
    db?.close()
    throw opened(thrown, kind, file)
  }
}

/** What SQLite threw, in our terms: E060 damage, E063 everything that free space or time can cure. */
export function storageFailure(thrown: unknown): QpqError {
  if (!(thrown instanceof Database.SqliteError)) return toQpqError(thrown)
  const damaged = thrown.code.startsWith("SQLITE_CORRUPT") || thrown.code === "SQLITE_NOTADB"
  return new QpqError(damaged ? "E060" : "E063", thrown.code, { cause: thrown })
}

function unlock(db: SqliteDatabase, { key }: DatabaseFile): void {
  if (!key) return
  db.pragma("cipher = 'sqlcipher'")
  db.pragma("legacy = 4")
  db.pragma(`key = "x'${hex(key)}'"`)
}

function configure(db: SqliteDatabase, { path }: OpenOptions): void {
  db.pragma(`busy_timeout = ${BUSY_MS}`)
  refuseForeign(db, path)
  db.pragma("journal_mode = WAL")
  db.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`)
  db.pragma("synchronous = FULL")
  db.pragma("foreign_keys = ON")
  db.pragma("trusted_schema = OFF")
}

/**
 * Whoever closes a database writes the log that was left beside it into the file, and an empty file makes SQLite delete
 * the log. So a file with a log is looked at without writing before it is opened.
 */
function lookFirst(options: OpenOptions, kind: FileKind): void {
  const { path } = options
  if (kind === "new") throw new QpqError("E060", `${path} is missing or empty, but its log ${path}-wal is there`)
  const db = openToRead(options)
  try {
    dueMigrations(db, options.migrations)
  } finally {
    db.close()
  }
}

const hasLog = (path: string): boolean => (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0

/** The first read: also what shows that the key fits. Ours has its migrations table from its first transaction on. */
function refuseForeign(db: SqliteDatabase, path: string): void {
  const names = db.prepare("SELECT name FROM sqlite_schema").pluck().all()
  if (names.length > 0 && !names.includes("migrations")) throw new QpqError("E060", `${path} is no qpq database`)
}

function opened(thrown: unknown, kind: FileKind, { path, key }: DatabaseFile): QpqError {
  if (thrown instanceof QpqError) return thrown
  const code = thrown instanceof Database.SqliteError ? thrown.code : undefined
  if (code === "SQLITE_BUSY") return new QpqError("E060", `${path} is in use by another process`, { cause: thrown })
  if (code === "SQLITE_NOTADB" && kind === "opaque") {
    const hint = key ? "" : "; it may be encrypted: give its key"
    return new QpqError("E061", `${path} cannot be read with this key, or is damaged${hint}`, { cause: thrown })
  }
  const detail = thrown instanceof Error ? thrown.message : "unknown"
  const isCurable = code !== undefined && CURABLE.has(code)
  return new QpqError(isCurable ? "E063" : "E060", `${path}: ${detail}`, { cause: thrown })
}

/** Of a disk that is full or cannot be written now; the log's index (-shm) is made anew by each opening. */
const CURABLE: ReadonlySet<string> = new Set([
  "SQLITE_FULL",
  "SQLITE_IOERR_FSYNC",
  "SQLITE_IOERR_SHMOPEN",
  "SQLITE_IOERR_SHMSIZE",
  "SQLITE_IOERR_WRITE",
])

type FileKind = "new" | "plain" | "opaque"

function fileKind(path: string): FileKind {
  if (path === ":memory:" || !existsSync(path)) return "new"
  const header = Buffer.alloc(PLAIN_HEADER.length)
  const file = openSync(path, "r")
  try {
    const length = readSync(file, header, 0, header.length, 0)
    if (length === 0) return "new"
  } finally {
    closeSync(file)
  }
  return header.toString("latin1") === PLAIN_HEADER ? "plain" : "opaque"
}
