/** Which SQLite files are taken for ours, and that no other is touched. */
import Database from "better-sqlite3"
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { expect, test } from "vitest"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { claimDatabase } from "../../../core/sqlite/claim.ts"
import { openDatabase } from "../../../core/sqlite/open.ts"
import { newPath } from "../../fakes/client-stores.ts"
import { filled } from "../../fakes/fake-services.ts"
import { codeOf } from "../../fakes/refusal.ts"

const migrations = migrationsFolder("node")
const KEY = filled(32, 5)

/** Another program's database, open. */
function openForeign(path: string, key?: Uint8Array): Database.Database {
  const db = new Database(path)
  if (key) {
    db.pragma("cipher = 'sqlcipher'")
    db.pragma("legacy = 4")
    db.pragma(`key = "x'${Buffer.from(key).toString("hex")}'"`)
  }
  return db
}

/** A file with a table of another program. */
function foreign(key?: Uint8Array): string {
  const path = newPath()
  const db = openForeign(path, key)
  db.exec("CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES ('la')")
  db.close()
  return path
}

/** The files of `db` as a killed program leaves them: what was committed last stands in the log alone. */
function abandoned(db: Database.Database): string {
  const path = newPath()
  for (const suffix of ["", "-wal"]) copyFileSync(db.name + suffix, path + suffix)
  db.close()
  return path
}

function foreignWithLog(key?: Uint8Array): string {
  const db = openForeign(newPath(), key)
  db.pragma("journal_mode = WAL")
  db.exec("CREATE TABLE songs (name TEXT)")
  db.pragma("wal_checkpoint(TRUNCATE)")
  db.exec("INSERT INTO songs VALUES ('la')")
  return abandoned(db)
}

function oursWithLog(key?: Uint8Array): string {
  const db = openDatabase({ path: newPath(), migrations, ...(key && { key }) })
  db.exec("INSERT INTO settings VALUES ('kept', x'01')")
  return abandoned(db)
}

const bytesOf = (path: string): string[] =>
  ["", "-wal"].map((suffix) => (existsSync(path + suffix) ? readFileSync(path + suffix).toString("base64") : "none"))

test.each([
  ["in clear", undefined],
  ["encrypted with the same key", KEY],
])("another program's database, %s, is E060 and stays as it is byte for byte", (_, key) => {
  const path = foreign(key)
  const before = readFileSync(path)
  expect(codeOf(() => openDatabase({ path, migrations, ...(key && { key }) }))).toBe("E060")
  expect(readFileSync(path).equals(before)).toBe(true)
  for (const suffix of ["-wal", "-shm", "-journal"]) expect(existsSync(path + suffix)).toBe(false)
})

test("an empty file, and one with no table yet, are ours to fill", () => {
  const path = newPath()
  writeFileSync(path, "")
  openDatabase({ path, migrations }).close()
  openDatabase({ path, migrations }).close()
  const bare = newPath()
  const db = new Database(bare)
  db.pragma("user_version = 3")
  db.close()
  openDatabase({ path: bare, migrations }).close()
})

test.each([
  ["another program's", "E060", () => foreignWithLog(), undefined],
  ["another program's, encrypted with the same key", "E060", () => foreignWithLog(KEY), KEY],
  ["ours under another key", "E061", () => oursWithLog(KEY), filled(32, 6)],
  ["ours without its key", "E061", () => oursWithLog(KEY), undefined],
] as const)("a database with a log left beside it, %s, is %s, and both stay byte for byte", (_, code, make, key) => {
  const path = make()
  const before = bytesOf(path)
  expect(codeOf(() => openDatabase({ path, migrations, ...(key && { key }) }))).toBe(code)
  expect(bytesOf(path)).toEqual(before)
})

test.each([
  ["in clear", undefined],
  ["encrypted", KEY],
])("our own database, %s, gets back what stands in the log that a killed process left", (_, key) => {
  const path = oursWithLog(key)
  const db = openDatabase({ path, migrations, ...(key && { key }) })
  expect(db.prepare("SELECT count(*) FROM settings WHERE name = 'kept'").pluck().get()).toBe(1)
  db.close()
})

test.each([
  ["missing", (path: string) => rmSync(path)],
  ["empty", (path: string) => truncateSync(path, 0)],
])("a log whose database is %s is E060 and not deleted", (_, spoil) => {
  const path = oursWithLog()
  spoil(path)
  const before = bytesOf(path)
  expect(codeOf(() => openDatabase({ path, migrations }))).toBe("E060")
  expect(bytesOf(path)).toEqual(before)
})

test("a database is claimed once at a time, and one in memory without a file", () => {
  const path = newPath()
  const claim = claimDatabase(path)
  expect(codeOf(() => claimDatabase(path))).toBe("E060")
  claim.release()
  claimDatabase(path).release()
  for (const each of [1, 2].map(() => claimDatabase(":memory:"))) each.release()
  expect(existsSync(":memory:-claim")).toBe(false)
})
