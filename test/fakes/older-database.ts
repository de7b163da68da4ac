/** Databases of earlier versions, made by the migrations that they had, and everything that a database holds. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { newPath } from "./client-stores.ts"

export type Side = "node" | "client"
/** Bytes as SQL writes them: x'00ff'. */
export type Cell = number | string | null
export type Row = Readonly<Record<string, Cell>>
/** All rows by table. */
export type Rows = Readonly<Record<string, readonly Row[]>>

export interface OlderVersion {
  readonly side: Side
  /** Which of its migrations it has, by their names. */
  readonly has: (name: string) => boolean
  readonly key?: Uint8Array
}

export const migrationsOf = (side: Side): readonly string[] => readdirSync(migrationsFolder(side)).sort()

/** A folder with some of today's migrations, which is gone when the process ends. */
export function migrationsFor({ side, has }: OlderVersion): string {
  const folder = newPath()
  mkdirSync(folder)
  for (const name of migrationsOf(side).filter(has))
    copyFileSync(join(migrationsFolder(side), name), join(folder, name))
  return folder
}

/** @returns path of the closed file. */
export function olderDatabase(version: OlderVersion, fill: (db: SqliteDatabase) => void): string {
  const path = newPath()
  const db = openDatabase({ path, migrations: migrationsFor(version), ...(version.key && { key: version.key }) })
  fill(db)
  db.close()
  return path
}

/** Of one's own: neither views nor virtual tables and what these are made of. SQLite's table of row numbers counts. */
const tablesOf = (db: SqliteDatabase): readonly string[] =>
  db
    .prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
       AND name NOT IN ('sqlite_schema', 'migrations') ORDER BY name`,
    )
    .pluck()
    .all() as string[]

/** Every column of every row, those that SQLite computes included. */
export const rowsOf = (db: SqliteDatabase): Rows =>
  Object.fromEntries(
    tablesOf(db).map((table) => [
      table,
      inOrder((db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]).map(shown)),
    ]),
  )

/** As `rowsOf` puts them: by what they hold. */
export function inOrder(rows: readonly Row[]): readonly Row[] {
  const sign = (row: Row): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
  return rows.toSorted((a, b) => (sign(a) < sign(b) ? -1 : 1))
}

/** What a migration does that only adds columns. */
export const withColumns = (rows: readonly Row[] = [], more: Row): readonly Row[] =>
  rows.map((row) => ({ ...row, ...more }))

const shown = (row: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      Buffer.isBuffer(value) ? `x'${value.toString("hex")}'` : (value as Cell),
    ]),
  )

/** Tables, indexes, views and triggers, word by word. */
export const schemaOf = (db: SqliteDatabase): readonly unknown[] =>
  db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all()

/**
 * Puts `rows` into every table that there is, in their order, with the columns that the table has.
 * @throws when a table or a column has no value there, or one has no value but NULL.
 */
export function fillAll(db: SqliteDatabase, rows: Readonly<Record<string, readonly Record<string, unknown>[]>>): void {
  const missing = tablesOf(db).filter((table) => table !== "sqlite_sequence" && !(table in rows))
  if (missing.length > 0) throw new Error(`no rows for ${missing.join(", ")}`)
  db.pragma("foreign_keys = OFF")
  for (const table of Object.keys(rows).filter((name) => tablesOf(db).includes(name))) {
    const columns = db.prepare(`SELECT name FROM pragma_table_info(?)`).pluck().all(table) as string[]
    const empty = columns.filter((column) => !rows[table]!.some((row) => row[column] !== null && column in row))
    if (empty.length > 0) throw new Error(`no value for ${table}.${empty.join(", ")}`)
    db.exec(`DELETE FROM ${table}`)
    const add = db.prepare(
      `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((name) => `@${name}`).join(", ")})`,
    )
    for (const row of rows[table]!) add.run(row)
  }
  db.pragma("foreign_keys = ON")
}
