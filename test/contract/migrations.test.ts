/** What databases of earlier versions hold is there, row for row, in what today's program makes of them; no newer one is touched. */
import { fork } from "node:child_process"
import { appendFileSync, copyFileSync, existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { migrationsFolder, packageRoot } from "../../core/domain/package-root.ts"
import { faultsOf } from "../../core/sqlite/copy.ts"
import { openDatabase, openToRead } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { sqliteStore } from "../../core/store/sqlite-store.ts"
import { sqliteNodeStore } from "../../server/store/sqlite-node-store.ts"
import { storeFaults } from "../../server/store/store-check.ts"
import { newPath } from "../fakes/client-stores.ts"
import { filled } from "../fakes/fake-services.ts"
import { CLIENT_ROWS } from "../fakes/older-client-rows.ts"
import { CLIENT_STEPS } from "../fakes/older-client-steps.ts"
import {
  fillAll,
  inOrder,
  migrationsOf,
  olderDatabase,
  rowsOf,
  schemaOf,
  migrationsFor,
} from "../fakes/older-database.ts"
import type { Rows } from "../fakes/older-database.ts"
import { NODE_ROWS, NODE_STEPS } from "../fakes/older-node-rows.ts"
import { codeOf } from "../fakes/refusal.ts"
import { hashOf } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const SIDES = [
  {
    side: "node",
    file: {},
    rows: NODE_ROWS,
    steps: NODE_STEPS,
    faults: storeFaults,
    use: (db: SqliteDatabase): void => {
      expect(sqliteNodeStore(db, filled(8, 9)).run([])).toEqual([])
    },
  },
  {
    side: "client",
    file: { key: filled(32, 7) },
    rows: CLIENT_ROWS,
    steps: CLIENT_STEPS,
    faults: faultsOf,
    use: (db: SqliteDatabase): void => {
      db.exec("INSERT INTO line_words (line_words, rank) VALUES ('integrity-check', 1)")
      const store = sqliteStore(db)
      expect(store.search({ query: "harbour", limit: 9 })).toHaveLength(1)
      expect(store.search({ query: "港", limit: 9 })).toHaveLength(1)
    },
  },
] as const

const VERSIONS = SIDES.flatMap((kind) => migrationsOf(kind.side).map((last) => ({ ...kind, last })))
type Version = (typeof VERSIONS)[number]

/** A closed database with the migrations up to `last`, and what is in it. */
function filledUpTo({ side, file, rows, last }: Version): { readonly path: string; readonly rows: Rows } {
  let held: Rows = {}
  const path = olderDatabase({ side, has: (name) => name <= last, ...file }, (db) => {
    fillAll(db, rows)
    held = rowsOf(db)
  })
  return { path, rows: held }
}

/** By what the steps say, one after the other. */
function afterSteps({ side, steps, last }: Version, rows: Rows): Rows {
  const due = migrationsOf(side).filter((name) => name > last)
  const after = due.reduce((held, name) => steps[name]!(held), rows)
  return Object.fromEntries(Object.entries(after).map(([table, held]) => [table, inOrder(held)]))
}

const hashesOf = (path: string): readonly string[] =>
  ["", "-wal", "-journal"].map((suffix) => (existsSync(path + suffix) ? hashOf(path + suffix) : "none"))

test.each(SIDES)("each migration of $side databases says here what it makes of rows", ({ side, steps }) => {
  expect(Object.keys(steps)).toEqual(migrationsOf(side))
})

describe.each(VERSIONS)("a $side database up to $last", (version) => {
  const { side, file, last } = version
  const today = { migrations: migrationsFolder(side), ...file }

  test("holds what it held, with the schema of a new one, and is sound and usable", () => {
    const { path, rows } = filledUpTo(version)
    for (const [table, held] of Object.entries(rows)) expect(held.length, table).toBeGreaterThan(0)
    const db = openDatabase({ path, ...today })
    const fresh = openDatabase({ path: newPath(), ...today })
    expect(rowsOf(db)).toEqual(afterSteps(version, rows))
    expect(schemaOf(db)).toEqual(schemaOf(fresh))
    expect(db.prepare("SELECT name FROM migrations ORDER BY name").pluck().all()).toEqual(migrationsOf(side))
    expect(version.faults(db)).toEqual([])
    version.use(db)
    for (const each of [db, fresh]) each.close()
  })

  test("is whole, and what it was, when the next migration fails behind its last statement", () => {
    const { path, rows } = filledUpTo(version)
    const next = migrationsOf(side).find((name) => name > last) ?? "9999_later.sql"
    const migrations = migrationsFor({ side, has: (name) => name <= next })
    appendFileSync(join(migrations, next), "\nCREATE TABLE more (id INTEGER); SELECT no_such_function();")
    expect(codeOf(() => openDatabase({ path, migrations, ...file }))).toBe("E060")
    const db = openToRead({ path, ...file })
    expect(rowsOf(db)).toEqual(rows)
    expect(db.prepare("SELECT max(name) FROM migrations").pluck().get()).toBe(last)
    db.close()
    const later = openDatabase({ path, ...today })
    expect(rowsOf(later)).toEqual(afterSteps(version, rows))
    later.close()
  })

  test("that today's program has changed is refused by its own, E062, and keeps every byte", () => {
    const { path } = filledUpTo(version)
    openDatabase({ path, ...today }).close()
    const before = hashesOf(path)
    const migrations = migrationsFor({ side, has: (name) => name <= last })
    const isToday = migrationsOf(side).at(-1) === last
    expect(codeOf(() => openDatabase({ path, migrations, ...file }).close())).toBe(isToday ? "accepted" : "E062")
    expect(hashesOf(path)).toEqual(before)
  })
})

test.each(SIDES)("a newer $side database is E062 and keeps every byte, also of the log of a killed program", (kind) => {
  const { side, file } = kind
  const db = openDatabase({ path: newPath(), migrations: migrationsFolder(side), ...file })
  fillAll(db, kind.rows)
  db.pragma("wal_checkpoint(TRUNCATE)")
  db.exec("INSERT INTO migrations VALUES ('9999_later.sql'); ALTER TABLE settings ADD COLUMN later INTEGER")
  const path = newPath()
  for (const suffix of ["", "-wal"]) copyFileSync(db.name + suffix, path + suffix)
  db.close()
  for (const each of [path, db.name]) {
    const before = hashesOf(each)
    expect(codeOf(() => openDatabase({ path: each, migrations: migrationsFolder(side), ...file }))).toBe("E062")
    expect(hashesOf(each)).toEqual(before)
  }
})

/** Writes more than SQLite keeps in memory until it commits. */
const LARGE = `PRAGMA cache_size = 10; CREATE TABLE more (bytes BLOB);
  WITH RECURSIVE row (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM row LIMIT 300000)
  INSERT INTO more SELECT randomblob(1000) FROM row;`
const WRITTEN_BYTES = 1_000_000

test.each(SIDES)(
  "a $side program that is killed in the middle of a migration leaves the version before",
  async (kind) => {
    const { side, file } = kind
    const [first = "", second = ""] = migrationsOf(side)
    const version = { ...kind, last: first }
    const { path, rows } = filledUpTo(version)
    const migrations = migrationsFor({ side, has: (name) => name <= second })
    appendFileSync(join(migrations, second), LARGE)
    const keys = "key" in file ? [Buffer.from(file.key).toString("hex")] : []
    const program = join(packageRoot(), "test/fakes/migrating-child.ts")
    const child = fork(program, [path, migrations, ...keys], { execArgv: ["--import", "tsx"] })
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)))
    const log = `${path}-wal`
    await until("half a migration", () => existsSync(log) && statSync(log).size > WRITTEN_BYTES)
    child.kill("SIGKILL")
    expect(await ended).toBe("SIGKILL")
    const db = openToRead({ path, ...file })
    expect(rowsOf(db)).toEqual(rows)
    expect(db.prepare("SELECT name FROM migrations").pluck().all()).toEqual([first])
    db.close()
    const later = openDatabase({ path, migrations: migrationsFolder(side), ...file })
    expect(rowsOf(later)).toEqual(afterSteps(version, rows))
    later.close()
  },
)
