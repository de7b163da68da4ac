/** A profile in one file, and a profile made from one (PROTOCOL.md section 11, docs/decisions/0066). */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, readdirSync } from "node:fs"
import { renameSync, rmSync, statSync, writeSync } from "node:fs"
import { join } from "node:path"
import { compare, concat, uintBytes, utf8, wipe } from "../domain/bytes.ts"
import { syncFile, syncFolder, writeDurably } from "../domain/durable-file.ts"
import { QpqError } from "../domain/errors.ts"
import { migrationsFolder } from "../domain/package-root.ts"
import { copyOf, faultsOf } from "../sqlite/copy.ts"
import { openDatabase, storageFailure } from "../sqlite/open.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import { sqliteStore } from "../store/sqlite-store.ts"
import { unfinishedIdentity } from "./identity.ts"
import { openKeyFile } from "./key-file.ts"
import { DATABASE, KEY_FILE } from "./profile-files.ts"
import { becomeRestored } from "./profile-restored.ts"

/** `MAGIC ‖ length(4) of the key file ‖ key file ‖ database`, the last two as they stand in the profile's folder. */
const MAGIC = utf8("qpq-profile-backup-v1\n")
const LENGTH_BYTES = 4
/** The key file of this version has 102 bytes. */
const KEY_FILE_BYTES_MAX = 4096
const CHUNK_BYTES = 1_048_576
const OWNER_ONLY = 0o600
const FOLDER_MODE = 0o700

export interface BackupReport {
  readonly bytes: number
}

/**
 * Beside whatever other programs of the profile do. The file gets its name when it is whole, was looked through and is on
 * the disk; it is as encrypted as the profile, under the same password.
 * @param db the open profile. @param keyFile its path. @throws E071 when the file is there, E060 when what was copied is damaged, E063, E072
 */
export function backUp(db: SqliteDatabase, keyFile: string, file: string): BackupReport {
  if (existsSync(file)) throw new QpqError("E071", `${file} is there already`)
  const [part, copy] = [`${file}.part`, `${file}.part.db`]
  const drop = (): void => {
    for (const path of [part, copy]) rmSync(path, { force: true })
  }
  drop()
  try {
    copyOf(db, copy)
    const key = new Uint8Array(readFileSync(keyFile))
    writeDurably(part, {
      bytes: concat(MAGIC, uintBytes(key.length, LENGTH_BYTES), key),
      mode: OWNER_ONLY,
      isNew: true,
    })
    append(copy, part)
    renameSync(part, file)
    syncFolder(file)
    return { bytes: statSync(file).size }
  } catch (cause) {
    throw cause instanceof QpqError ? cause : new QpqError("E072", file, { cause })
  } finally {
    drop()
  }
}

export interface RestoreOrder {
  /** Of the profile to be: not there yet, or empty. */
  readonly home: string
  readonly file: string
  /** As of the profile at the time of the backup. */
  readonly passphrase: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

export interface RestoreReport {
  /** Of the account; undefined when it had none. */
  readonly name: string | undefined
}

/**
 * The folder gets its name when all is in it; what is cut off leaves none.
 * @throws E071 when there is a profile, E060 for a file that is no backup or is damaged, E061 wrong password, E062, E072
 */
export async function restore(order: RestoreOrder): Promise<RestoreReport> {
  const { home, file, passphrase, now } = order
  if (existsSync(home) && readdirSync(home).length > 0) throw new QpqError("E071", `${home} is not empty`)
  const draft = `${home.replace(/\/+$/, "")}.restoring`
  rmSync(draft, { recursive: true, force: true })
  try {
    mkdirSync(draft, { recursive: true, mode: FOLDER_MODE })
    const made = { database: join(draft, DATABASE), keyFile: join(draft, KEY_FILE) }
    unpack(file, made)
    const secret = utf8(passphrase)
    const key = await openKeyFile(made.keyFile, secret).finally(() => wipe(secret))
    const name = take(made.database, key, now)
    for (const path of [made.database, made.keyFile]) syncFile(path)
    syncFolder(made.database)
    renameSync(draft, home)
    syncFolder(home)
    return { name }
  } catch (cause) {
    throw cause instanceof QpqError ? cause : new QpqError("E072", file, { cause })
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Wipes the key. */
function take(path: string, key: Uint8Array, now: number): string | undefined {
  const db = openDatabase({ path, key, migrations: migrationsFolder("client") })
  wipe(key)
  try {
    const [fault] = faultsOf(db)
    if (fault !== undefined) throw new QpqError("E060", fault)
    const store = sqliteStore(db)
    becomeRestored(store, now)
    db.pragma("wal_checkpoint(TRUNCATE)")
    return unfinishedIdentity(store)?.name
  } catch (thrown) {
    throw storageFailure(thrown)
  } finally {
    db.close()
  }
}

/** @throws E060 */
function unpack(file: string, { database, keyFile }: Record<"database" | "keyFile", string>): void {
  const from = openSync(file, "r")
  try {
    const magic = readExactly(from, MAGIC.length)
    if (compare(magic, MAGIC) !== 0) throw new QpqError("E060", `${file} is no backup of a profile`)
    const length = Buffer.from(readExactly(from, LENGTH_BYTES)).readUInt32BE()
    if (length > KEY_FILE_BYTES_MAX) throw new QpqError("E060", `${file}: key file of ${length} bytes`)
    writeDurably(keyFile, { bytes: readExactly(from, length), mode: OWNER_ONLY, isNew: true })
    const to = openSync(database, "wx", OWNER_ONLY)
    try {
      pour(from, to)
    } finally {
      closeSync(to)
    }
  } finally {
    closeSync(from)
  }
}

/** @throws E060 when the file ends before. */
function readExactly(file: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length;) {
    const read = readSync(file, bytes, at, length - at, null)
    if (read === 0) throw new QpqError("E060", "the backup ends too early")
    at += read
  }
  return bytes
}

function append(path: string, to: string): void {
  const [from, into] = [openSync(path, "r"), openSync(to, "a")]
  try {
    pour(from, into)
    fsyncSync(into)
  } finally {
    closeSync(from)
    closeSync(into)
  }
}

function pour(from: number, to: number): void {
  const chunk = new Uint8Array(CHUNK_BYTES)
  for (;;) {
    const read = readSync(from, chunk, 0, chunk.length, null)
    if (read === 0) return
    for (let at = 0; at < read;) at += writeSync(to, chunk, at, read - at)
  }
}
