/** Brings a database up to the newest numbered SQL file. Each file runs once, in its own transaction. */
import type { Database } from "better-sqlite3"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { packageVersion } from "../domain/package-root.ts"
import { QpqError } from "../domain/errors.ts"

/**
 * @param folder holds 0001_init.sql, 0002_…, never edited once released.
 * @returns the names applied now.
 * @throws E062 when the database knows a migration that the folder does not.
 */
export function migrate(db: Database, folder: string): readonly string[] {
  const due = dueMigrations(db, folder)
  for (const name of due) {
    db.transaction(() => {
      db.exec("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT")
      db.exec(readFileSync(join(folder, name), "utf8"))
      db.prepare("INSERT INTO migrations (name) VALUES (?)").run(name)
    }).immediate()
  }
  return due
}

/** Their names, without running any. @throws as `migrate` */
export function dueMigrations(db: Database, folder: string): readonly string[] {
  const known = readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
  const done = appliedNames(db)
  const newer = done.filter((name) => !known.includes(name))
  if (newer.length > 0) throw new QpqError("E062", `a newer program than ${packageVersion()} made ${newer.join(", ")}`)
  return known.filter((name) => !done.includes(name))
}

function appliedNames(db: Database): readonly string[] {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'").get()
  if (table === undefined) return []
  return db
    .prepare<[], { name: string }>("SELECT name FROM migrations ORDER BY name")
    .all()
    .map((row) => row.name)
}
