/** A profile's backup: made beside its use, restored in another folder, and let in again by the others without anybody's doing. */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openKeyFile } from "../../core/client/key-file.ts"
import { DATABASE, KEY_FILE } from "../../core/client/profile-files.ts"
import { utf8 } from "../../core/domain/bytes.ts"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { openToRead } from "../../core/sqlite/open.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

let folder: ReturnType<typeof dataFolder>
let shell: CommandLine
let server: ServerProcess
/** Bob's, of a time before the newest messages. */
let backup: string

/** The backup is under Bob's password, wherever it is restored. */
const AS_BOB = { env: { QPQ_PASSWORD: "pw-bob" } }
const BYTES_MIN = 100_000

async function ok(name: string, ...argv: readonly string[]) {
  const done = await shell.qpq(name, argv, name.startsWith("bob") ? AS_BOB : {})
  expect(done, `${name}: ${argv.join(" ")}: ${done.errors}`).toMatchObject({ status: 0 })
  return done.json
}

const texts = async (name: string): Promise<readonly unknown[]> =>
  (await ok(name, "history", "team")).filter(({ type }) => type === "message").map(({ text }) => text)

/** By text, as the profile's database has them. */
async function deliveries(home: string): Promise<Readonly<Record<string, unknown>>> {
  const key = await openKeyFile(join(home, KEY_FILE), utf8("pw-bob"))
  const db = openToRead({ path: join(home, DATABASE), key })
  try {
    return Object.fromEntries(db.prepare("SELECT body, delivery FROM timeline").raw().all() as [string, unknown][])
  } finally {
    db.close()
  }
}

beforeAll(async () => {
  folder = dataFolder()
  shell = new CommandLine()
  backup = `${shell.folder}/bob.qpq`
  server = await ServerProcess.start(folder.path)
  for (const name of ["alice", "bob"])
    await ok(name, "register-user", name, "--server", formatServerAddress(server.address))
  await ok("alice", "create-group", "team")
  await ok("alice", "invite", "team", "bob")
  await ok("bob", "join", "team")
  await ok("alice", "send", "team", "one")
  await ok("bob", "recv")
  await ok("bob", "send", "team", "two")
  const { port } = server.address
  await server.stop()
  expect(await ok("bob", "send", "team", "waits")).toMatchObject([{ type: "sent", state: "queued" }])
  expect(await ok("bob", "backup", backup)).toMatchObject([{ type: "backup", file: backup }])
  server = await ServerProcess.start(folder.path, "--listen", `127.0.0.1:${port}`)
}, 120_000)
afterAll(async () => {
  await server.stop()
  shell[Symbol.dispose]()
  folder.remove()
})

test("is one file for its owner alone, and leaves nothing else behind", () => {
  expect(statSync(backup).mode & 0o777).toBe(0o600)
  expect(statSync(backup).size).toBeGreaterThan(BYTES_MIN)
  expect(readdirSync(shell.folder).filter((name) => name.startsWith("bob.qpq"))).toEqual(["bob.qpq"])
})

describe("is refused, and nothing is left of it,", () => {
  const refused = async (name: string, file: string, env: Readonly<Record<string, string>> = AS_BOB.env) => {
    const { status, errors } = await shell.qpq(name, ["restore", file], { env })
    expect(status).not.toBe(0)
    return errors.slice(0, "qpq: E000".length)
  }
  const changed = (name: string, change: (bytes: Buffer) => Uint8Array): string => {
    const file = `${shell.folder}/${name}.qpq`
    writeFileSync(file, change(readFileSync(backup)))
    return file
  }
  const isGone = (name: string): boolean =>
    !existsSync(shell.home(name)) && !existsSync(`${shell.home(name)}.restoring`)

  test("with another password", async () => {
    expect(await refused("other", backup, { QPQ_PASSWORD: "pw-other" })).toBe("qpq: E061")
    expect(isGone("other")).toBe(true)
  })

  test.each<readonly [string, (bytes: Buffer) => Uint8Array]>([
    ["that is no backup", () => Buffer.from("hello, this is not one")],
    ["that is empty", () => Buffer.alloc(0)],
    ["that ends within its key file", (bytes) => bytes.subarray(0, 40)],
    ["that ends within its database", (bytes) => bytes.subarray(0, bytes.length >> 1)],
    [
      "whose database is damaged",
      (bytes) => {
        bytes.fill(0x55, bytes.length - 20_000, bytes.length - 12_000)
        return bytes
      },
    ],
    [
      "whose key file has an absurd length",
      (bytes) => {
        bytes.fill(0xff, 22, 26)
        return bytes
      },
    ],
  ])("a file %s", async (_, change) => {
    expect(await refused("damaged", changed("damaged", change))).toBe("qpq: E060")
    expect(isGone("damaged")).toBe(true)
  })

  test("where there is a profile", async () => {
    const before = readFileSync(`${shell.home("alice")}/profile.key`)
    expect(await refused("alice", backup)).toBe("qpq: E071")
    expect(readFileSync(`${shell.home("alice")}/profile.key`)).toEqual(before)
  })

  test("a backup onto a file that is there", async () => {
    const before = readFileSync(backup)
    const { status, errors } = await shell.qpq("bob", ["backup", backup])
    expect([status === 0, errors.slice(0, 9)]).toEqual([false, "qpq: E071"])
    expect(readFileSync(backup)).toEqual(before)
  })
})

test("comes back into its groups by itself, is told what it missed, and what had waited is marked as not sent", async () => {
  await ok("alice", "recv")
  await ok("alice", "send", "team", "three")
  await ok("alice", "update", "team")
  await ok("bob", "recv")
  await ok("alice", "send", "team", "four")
  mkdirSync(shell.home("bob-restored"))
  expect(await ok("bob-restored", "restore", backup)).toMatchObject([{ type: "restored", name: "bob" }])
  expect(await texts("bob-restored")).toEqual(["one", "two", "waits"])
  expect(await deliveries(shell.home("bob-restored"))).toMatchObject({ two: "stored", waits: "failed" })
  await ok("bob-restored", "login", "bob")
  for (let round = 0; round < 3; round++) {
    await shell.qpq("bob-restored", ["recv"], AS_BOB)
    await shell.qpq("alice", ["recv"])
    await delay(2500)
  }
  await ok("bob-restored", "recv")
  expect([...(await texts("bob-restored"))].sort()).toEqual(["four", "one", "three", "two", "waits"])
  await ok("bob-restored", "send", "team", "five")
  expect((await ok("alice", "recv")).filter(({ type }) => type === "message")).toMatchObject([{ text: "five" }])
  expect(await texts("alice")).toEqual(["one", "two", "three", "waits", "four", "five"])
}, 180_000)
