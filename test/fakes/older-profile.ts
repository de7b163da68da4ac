/** Profiles of earlier versions: what is in them, written before the newest migrations. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { newPath } from "./client-stores.ts"

/**
 * @param before number of the first migration that it does not have, such as "0010".
 * @returns path of the closed file.
 */
export function olderProfile(before: string, key: Uint8Array, fill: (db: SqliteDatabase) => void): string {
  const folder = migrationsFolder("client")
  const old = mkdtempSync(join(tmpdir(), "qpq-older-profile-"))
  for (const file of readdirSync(folder)) if (file < before) copyFileSync(join(folder, file), join(old, file))
  const path = newPath()
  const db = openDatabase({ path, migrations: old, key })
  fill(db)
  db.close()
  rmSync(old, { recursive: true })
  return path
}
