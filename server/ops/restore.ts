/** Makes a server's data folder of a backup, and gives its database another key: both while no server runs. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { equal } from "../../core/domain/bytes.ts"
import { syncFile, syncFolder, writeDurably } from "../../core/domain/durable-file.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import type { Random } from "../../core/domain/world.ts"
import { changeKey, copyDatabase } from "../../core/sqlite/copy.ts"
import { claimDatabase } from "../../core/sqlite/claim.ts"
import { openDatabase, openToRead } from "../../core/sqlite/open.ts"
import type { DatabaseFile } from "../../core/sqlite/open.ts"
import { refuseFaults, takeContents } from "../store/backup.ts"
import type { BackupContents } from "../store/backup.ts"
import { isOwnName } from "./certificate-files.ts"
import { becomeRestored } from "../store/sqlite-restored.ts"

const FOLDER_MODE = 0o700
const OWNER_ONLY = 0o600
const GENERATION_BYTES = 8
const migrations = (): string => migrationsFolder("node")

export interface RestoreOrder {
  /** A backup, or a database that was copied while no server ran on it. */
  readonly backup: DatabaseFile
  /** Where the database is to be. Nothing may be there. */
  readonly database: string
  readonly dataDir: string
  readonly random: Random
}

/**
 * Numbers that the server gave away since the backup are given to nobody else: see `becomeRestored`. The database gets
 * its name last, so that what is cut off leaves no server behind.
 * @throws E071 when something is in its place, E060 damaged or in use, E061 wrong key, E062 newer, E063, E072
 */
export function restoreBackup(order: RestoreOrder): BackupContents {
  const { backup, database, dataDir, random } = order
  mkdirSync(dataDir, { recursive: true, mode: FOLDER_MODE })
  return claimed(database, () => {
    if (existsSync(database)) throw new QpqError("E071", `${database} is there already: move it away first`)
    const part = `${database}.part`
    return tidily(part, () => {
      copyDatabase(backup, part)
      const contents = prepared({ ...backup, path: part }, random.bytes(GENERATION_BYTES))
      putBack(contents.files, dataDir)
      takePlace(part, database)
      return contents
    })
  })
}

/** @param next 32 bytes. @throws E060 damaged or in use, E061 wrong key, E063, E072 */
export function rekeyDatabase(database: DatabaseFile, next: Uint8Array): void {
  if (!existsSync(database.path)) throw new QpqError("E072", `${database.path} is not there`)
  claimed(database.path, () => {
    // What a killed server left in the log beside it goes into the file: under its name there will be another one.
    openDatabase({ ...database, migrations: migrations() }).close()
    const part = `${database.path}.part`
    tidily(part, () => {
      copyDatabase(database, part)
      changeKey({ ...database, path: part }, next)
      const copy = openToRead({ path: part, key: next })
      try {
        refuseFaults(copy, database.path)
      } finally {
        copy.close()
      }
      // Empty since the database was closed: reading it made them anew.
      for (const suffix of ["-wal", "-shm"]) rmSync(database.path + suffix, { force: true })
      takePlace(part, database.path)
    })
  })
}

function claimed<T>(database: string, step: () => T): T {
  const claim = claimDatabase(database)
  try {
    return step()
  } finally {
    claim.release()
  }
}

/** What an attempt that was cut off has left goes first, and what this one leaves goes when it fails. */
function tidily<T>(part: string, step: () => T): T {
  const tidy = (): void => {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(part + suffix, { force: true })
  }
  tidy()
  try {
    return step()
  } catch (thrown) {
    tidy()
    throw thrown
  }
}

function prepared(copy: DatabaseFile, generation: Uint8Array): BackupContents {
  const db = openDatabase({ ...copy, migrations: migrations() })
  try {
    refuseFaults(db, copy.path)
    return db.transaction(() => {
      const contents = takeContents(db)
      becomeRestored(db, generation)
      return contents
    })()
  } finally {
    db.close()
  }
}

/** @throws E071 when another file has the place: a key that clients know is not replaced. E060 for a name that is not ours */
function putBack(files: BackupContents["files"], dataDir: string): void {
  for (const [name, bytes] of Object.entries(files)) {
    if (!isOwnName(name))
      throw new QpqError("E060", `the backup has a file ${JSON.stringify(name)}, which no server makes`)
    const path = join(dataDir, name)
    if (existsSync(path) && !equal(readFileSync(path), bytes))
      throw new QpqError("E071", `${path} is there already, and another than the backup's: move it away first`)
  }
  for (const [name, bytes] of Object.entries(files)) {
    try {
      writeDurably(join(dataDir, name), { bytes, mode: OWNER_ONLY })
    } catch (cause) {
      throw new QpqError("E072", `${join(dataDir, name)} cannot be written`, { cause })
    }
  }
}

function takePlace(part: string, database: string): void {
  syncFile(part)
  renameSync(part, database)
  syncFolder(database)
}
