/** Which SQLite files are taken for ours, and that no other is touched. */
import Database from "better-sqlite3"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { expect, test } from "vitest"
import { migrationsFolder } from "../../../core/domain/package-root.ts"
import { openDatabase } from "../../../core/sqlite/open.ts"
import { newPath } from "../../fakes/client-stores.ts"
import { filled } from "../../fakes/fake-services.ts"
import { codeOf } from "../../fakes/refusal.ts"

const migrations = migrationsFolder("node")
const KEY = filled(32, 5)

/** A file with a table of another program. */
function foreign(key?: Uint8Array): string {
  const path = newPath()
  const db = new Database(path)
  if (key) {
    db.pragma("cipher = 'sqlcipher'")
    db.pragma("legacy = 4")
    db.pragma(`key = "x'${Buffer.from(key).toString("hex")}'"`)
  }
  db.exec("CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES ('la')")
  db.close()
  return path
}

test.each([
  ["in clear", undefined],
  ["encrypted with the same key", KEY],
])("another program's database, %s, is E060 and stays as it is byte for byte", (_, key) => {
  const path = foreign(key)
  const before = readFileSync(path)
  for (const exclusive of [false, true]) {
    expect(codeOf(() => openDatabase({ path, migrations, exclusive, ...(key && { key }) }))).toBe("E060")
    expect(readFileSync(path).equals(before)).toBe(true)
  }
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
