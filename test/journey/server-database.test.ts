/** Starts that must be refused: the reason in one line, the exit status of the table, and the database untouched. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ERRORS } from "../../core/domain/errors.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { fresh } from "../fakes/node-device.ts"
import { dataFolder, hashOf, ServerProcess } from "../fakes/server-process.ts"

const DEADLINE_MS = 60_000
const parent = dataFolder()
const keyFile = join(parent.path, "key")
const otherKeyFile = join(parent.path, "other-key")

beforeAll(() => {
  writeFileSync(keyFile, fresh(32))
  writeFileSync(otherKeyFile, `${Buffer.from(fresh(32)).toString("hex")}\n`)
})
afterAll(() => parent.remove())

/** Opens the database once as a server would, without one. */
function madeDatabase(name: string, change: { key?: Uint8Array; sql?: string } = {}): string {
  const path = join(parent.path, `${name}.sqlite`)
  const db = openDatabase({ path, migrations: migrationsFolder("node"), ...(change.key && { key: change.key }) })
  if (change.sql !== undefined) db.exec(change.sql)
  db.close()
  return path
}

async function expectRefused(path: string, code: ErrorCode, ...more: readonly string[]): Promise<string> {
  const before = hashOf(path)
  const { status, stdout, stderr } = await ServerProcess.refused(join(parent.path, code), "--db", path, ...more)
  expect(stderr.trimEnd().split("\n")).toHaveLength(1)
  expect(stderr).toContain(`qpq-server: ${code} `)
  expect(status).toBe(ERRORS[code].exit)
  expect(stdout).toBe("")
  expect(hashOf(path)).toBe(before)
  return stderr
}

test(
  "a wrong key is refused, and with the right one the database opens",
  async () => {
    const path = madeDatabase("keyed", { key: new Uint8Array(readFileSync(keyFile)) })
    expect(readFileSync(path).subarray(0, 15).toString("latin1")).not.toBe("SQLite format 3")
    await expectRefused(path, "E061", "--db-key-file", otherKeyFile)
    await expectRefused(path, "E061")
    await using server = await ServerProcess.start(join(parent.path, "right"), "--db", path, "--db-key-file", keyFile)
    expect((await server.get("/readyz")).status).toBe(200)
  },
  DEADLINE_MS,
)

test(
  "a plain database is not opened with a key",
  async () => {
    expect(await expectRefused(madeDatabase("plain"), "E061", "--db-key-file", keyFile)).toContain("not encrypted")
  },
  DEADLINE_MS,
)

test(
  "a database of a newer version is refused",
  async () => {
    const path = madeDatabase("newer", { sql: "INSERT INTO migrations VALUES ('9999_later.sql')" })
    expect(await expectRefused(path, "E062")).toContain("9999_later.sql")
  },
  DEADLINE_MS,
)

test(
  "a truncated database is refused",
  async () => {
    const path = madeDatabase("cut")
    truncateSync(path, 5000)
    await expectRefused(path, "E060")
  },
  DEADLINE_MS,
)

test(
  "a database whose schema is damaged is refused",
  async () => {
    const path = madeDatabase("damaged")
    const bytes = readFileSync(path)
    bytes.fill(0x5a, 100, 400)
    writeFileSync(path, bytes)
    await expectRefused(path, "E060")
  },
  DEADLINE_MS,
)

test(
  "a file that is no database is refused",
  async () => {
    const path = join(parent.path, "noise.sqlite")
    writeFileSync(path, fresh(20_000))
    await expectRefused(path, "E061")
  },
  DEADLINE_MS,
)

test(
  "a second server on the same folder is refused, and the first goes on",
  async () => {
    const path = join(parent.path, "shared")
    await using first = await ServerProcess.start(path)
    const second = await ServerProcess.refused(path)
    expect(second.status).toBe(ERRORS.E060.exit)
    expect(second.stderr).toContain("in use by another process")
    expect((await first.get("/readyz")).status).toBe(200)
    expect(readdirSync(path).filter((name) => name.endsWith(".new"))).toEqual([])
  },
  DEADLINE_MS,
)
