/** One process has a database: another lock than SQLite's own, so that the process can read it in several threads. */
import Database from "better-sqlite3"
import { QpqError } from "../domain/errors.ts"

export interface Claim {
  release(): void
}

/** How long a process that is just ending is waited for. */
const WAIT_MS = 200

/**
 * The lock is on an empty file beside the database, and ends with the process however it ends. One in memory is nobody else's.
 * @throws E060 when another has it, or when the file cannot be made.
 */
export function claimDatabase(path: string): Claim {
  if (path === ":memory:") return { release: () => undefined }
  const file = `${path}-claim`
  let db: Database.Database | undefined
  try {
    db = new Database(file, { timeout: WAIT_MS })
    // Nothing is ever written: a full disk is no reason.
    db.pragma("journal_mode = MEMORY")
    db.exec("BEGIN EXCLUSIVE")
  } catch (cause) {
    db?.close()
    const isBusy = cause instanceof Database.SqliteError && cause.code === "SQLITE_BUSY"
    const why = cause instanceof Error ? cause.message : "unknown"
    throw new QpqError("E060", isBusy ? `${path} is in use by another process` : `${file}: ${why}`, { cause })
  }
  return {
    release: () => {
      db.close()
    },
  }
}
