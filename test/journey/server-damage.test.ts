/** A server whose database is damaged, or is none of its own: said clearly, never worsened, never overwritten. */
import Database from "better-sqlite3"
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { ERRORS } from "../../core/domain/errors.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { fetchOf, fresh, joined, letterTo } from "../fakes/node-device.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { dataFolder, hashOf, ServerProcess } from "../fakes/server-process.ts"

const DEADLINE_MS = 120_000
const LETTERS = 40
const PAGE_BYTES = 4096
const parent = dataFolder()
afterAll(() => parent.remove())

const keyFile = join(parent.path, "key")
writeFileSync(keyFile, fresh(32))
const key = new Uint8Array(readFileSync(keyFile))

/** Turns over bytes in the first page of a table of a closed database. @returns that page's bytes, to compare. */
function damage(path: string, table: string, withKey: boolean): () => Buffer {
  const db = openDatabase({ path, migrations: migrationsFolder("node"), ...(withKey && { key }) })
  const page = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(table) as number
  db.close()
  const at = (page - 1) * PAGE_BYTES
  const bytes = readFileSync(path)
  for (let byte = at; byte < at + 16; byte++) bytes[byte] = (bytes[byte] ?? 0) ^ 0xff
  writeFileSync(path, bytes)
  return () => readFileSync(path).subarray(at, at + PAGE_BYTES)
}

interface Filled {
  readonly path: string
  readonly database: string
  readonly options: readonly string[]
  readonly alice: Awaited<ReturnType<typeof joined>>
  readonly bob: Awaited<ReturnType<typeof joined>>
}

/** A stopped server's folder with two people and mail. */
async function filled(name: string, withKey: boolean): Promise<Filled> {
  const path = join(parent.path, name)
  const options = withKey ? ["--db-key-file", keyFile] : []
  const server = await ServerProcess.start(path, ...options)
  const { door } = await server.dial()
  const [alice, bob] = [await joined(door, "alice"), await joined(door, "bob")]
  const { node } = await server.dial(alice.auth)
  const letters = Array.from({ length: LETTERS }, () => letterTo(bob.identity.deviceKey, { payload: fresh(3000) }))
  await Promise.all(letters.map((letter) => node.enqueue(letter)))
  expect((await server.stop()).status).toBe(0)
  return { path, database: join(path, "node.sqlite"), options, alice, bob }
}

const linesOf = (stderr: string): { level: string; msg: string; error?: { code: string; message: string } }[] =>
  stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as ReturnType<typeof linesOf>[number])

test.each([
  ["plain", false],
  ["encrypted", true],
])(
  "damage in the middle of a %s database is told in the log and by both health pages, and nothing is written over it",
  async (name, withKey) => {
    const { path, database, options, alice, bob } = await filled(name, withKey)
    const damagedPage = damage(database, "mail", withKey)
    const before = damagedPage()
    // The second start shows that the first made nothing worse and hid nothing.
    for (const start of [1, 2]) {
      await using server = await ServerProcess.start(path, ...options)
      const { node } = await server.dial(bob.auth)
      expect(await codeOfAsync(() => node.fetch(fetchOf(bob.identity.deviceKey)))).toBe("E063")
      for (const page of ["/healthz", "/readyz"]) {
        const { status, body } = await server.get(page)
        expect([start, page, status]).toEqual([start, page, 503])
        expect(body).toContain("E060 ")
      }
      const sender = await server.dial(alice.auth)
      expect(await codeOfAsync(() => sender.node.enqueue(letterTo(alice.identity.deviceKey)))).toBe("E063")
      expect(await codeOfAsync(() => sender.node.resolveUser(alice.identity.name))).toBe("E063")
      expect(await node.ping()).toBeGreaterThan(0)
      const { status, stderr } = await server.stop()
      expect(status).toBe(0)
      const fatal = linesOf(stderr).filter((line) => line.level === "fatal")
      expect(fatal).toMatchObject([{ error: { code: "E060" }, msg: expect.stringContaining("damaged") as string }])
      expect(fatal[0]?.error?.message).toContain(database)
      expect(damagedPage().equals(before)).toBe(true)
    }
  },
  DEADLINE_MS,
)

test.each([
  ["plain", false],
  ["encrypted", true],
])(
  "damage that shows at the start of a %s server refuses it with E060, and the file stays as it is",
  async (name, withKey) => {
    const { path, database, options } = await filled(`start-${name}`, withKey)
    damage(database, "settings", withKey)
    const before = hashOf(database)
    for (let start = 0; start < 2; start++) {
      const { status, stderr } = await ServerProcess.refused(path, ...options)
      expect(stderr).toContain("qpq-server: E060 ")
      expect(status).toBe(ERRORS.E060.exit)
      expect(hashOf(database)).toBe(before)
    }
  },
  DEADLINE_MS,
)

test(
  "another program's database with its log beside it is refused, and both files stay as they are",
  async () => {
    const path = join(parent.path, "foreign")
    mkdirSync(path)
    const db = new Database(join(parent.path, "songs.sqlite"))
    db.pragma("journal_mode = WAL")
    db.exec("CREATE TABLE songs (name TEXT)")
    db.pragma("wal_checkpoint(TRUNCATE)")
    db.exec("INSERT INTO songs VALUES ('la')")
    const database = join(path, "node.sqlite")
    const files = [database, `${database}-wal`]
    copyFileSync(db.name, database)
    copyFileSync(`${db.name}-wal`, `${database}-wal`)
    db.close()
    const before = files.map(hashOf)
    const { status, stderr } = await ServerProcess.refused(path)
    expect(stderr).toContain("qpq-server: E060 ")
    expect(stderr).toContain("is no qpq database")
    expect(status).toBe(ERRORS.E060.exit)
    expect(files.map(hashOf)).toEqual(before)
  },
  DEADLINE_MS,
)
