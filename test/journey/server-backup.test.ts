/** Backups, restores, checks and new keys of a real server's data folder. */
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { qpqServer } from "../fakes/operator.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

const PLAIN_HEADER = "SQLite format 3\0"
const header = (path: string): string => readFileSync(path).subarray(0, PLAIN_HEADER.length).toString("latin1")

let folders: ReturnType<typeof dataFolder>[]
let shell: CommandLine
/** Of the backups and keys. */
let shelf: string

beforeEach(() => {
  folders = []
  shell = new CommandLine()
  shelf = newFolder()
})
afterEach(() => {
  shell[Symbol.dispose]()
  for (const folder of folders) folder.remove()
})

function newFolder(): string {
  const folder = dataFolder()
  folders.push(folder)
  return folder.path
}

const onShelf = (name: string): string => join(shelf, name)

function newKey(name: string, value: number): string {
  writeFileSync(onShelf(name), Buffer.alloc(32, value))
  return onShelf(name)
}

const register = (name: string, server: ServerProcess) =>
  shell.qpq(name, ["register-user", name, "--server", formatServerAddress(server.address)])

test("of a running server, restored to another folder: the same accounts, the same pin, and no second name for one file", async () => {
  const [first, second] = [newFolder(), newFolder()]
  const file = onShelf("monday")
  const server = await ServerProcess.start(first)
  const { pins, port } = server.address
  try {
    await register("alice", server)
    const made = await qpqServer(first, "backup", file, "--json")
    expect(made).toMatchObject({ status: 0, errors: "" })
    expect(JSON.parse(made.out)).toMatchObject({ file, bytes: statSync(file).size })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await qpqServer(first, "backup", file)).errors).toMatch(/E071 .* is there already/)
    expect((await qpqServer(first, "backup", onShelf("none/of/it"))).errors).toContain("E072")
    expect(await qpqServer(first, "check")).toMatchObject({ status: 0, out: "no fault found\n" })
    expect((await qpqServer(first, "restore", file)).errors).toMatch(/E060 .* in use by another process/)
    expect(await register("bob", server)).toMatchObject({ status: 0 })
  } finally {
    await server.stop()
  }
  expect((await qpqServer(first, "restore", file)).errors).toMatch(/E071 .* is there already/)
  const restored = await qpqServer(second, "restore", file)
  expect(restored).toMatchObject({ status: 0, errors: "" })
  expect(restored.out).toContain("with tls-cert.pem, tls-key.pem")
  expect(await qpqServer(second, "check")).toMatchObject({ status: 0 })
  await using next = await ServerProcess.start(second, "--listen", `127.0.0.1:${port}`)
  expect(next.address.pins).toEqual(pins)
  const { out } = await qpqServer(second, "accounts", "--json")
  expect(out.match(/"name":"\w+"/g)).toEqual(['"name":"alice"'])
  expect(await shell.qpq("alice", ["ping"])).toMatchObject({ status: 0 })
}, 60_000)

test("is made while no server runs, too; a server does not start on one, nor a restore on what is no store", async () => {
  const [first, second] = [newFolder(), newFolder()]
  expect((await qpqServer(first, "backup", onShelf("early"))).errors).toMatch(/E072 .*node\.sqlite is not there/)
  await (await ServerProcess.start(first)).stop()
  const file = onShelf("tuesday")
  expect(await qpqServer(first, "backup", file)).toMatchObject({ status: 0 })
  const { stderr, status } = await ServerProcess.refused(second, "--db", file, "--supervise", "no")
  expect(status).toBe(74)
  expect(stderr).toContain("is a backup: qpq-server restore makes a server of it")
  writeFileSync(onShelf("letter"), "Dear sir or madam")
  for (const name of ["letter", "nothing"])
    expect((await qpqServer(second, "restore", onShelf(name))).status).toBeGreaterThan(0)
  expect(existsSync(join(second, "node.sqlite"))).toBe(false)
  expect(await qpqServer(second, "restore", file)).toMatchObject({ status: 0 })
}, 60_000)

test("that is damaged is refused, by the backup and by the restore, and leaves nothing behind", async () => {
  const [first, second] = [newFolder(), newFolder()]
  await (await ServerProcess.start(first)).stop()
  const file = onShelf("wednesday")
  await qpqServer(first, "backup", file)
  spoil(file)
  const restored = await qpqServer(second, "restore", file)
  expect(restored).toMatchObject({ status: 74, out: "" })
  expect(restored.errors).toContain("E060")
  for (const name of ["node.sqlite", "node.sqlite.part", "tls-key.pem"])
    expect(existsSync(join(second, name))).toBe(false)
  spoil(join(first, "node.sqlite"))
  expect(await qpqServer(first, "check")).toMatchObject({ status: 74 })
  expect(await qpqServer(first, "backup", onShelf("thursday"))).toMatchObject({ status: 74 })
  for (const name of ["thursday", "thursday.part"]) expect(existsSync(onShelf(name))).toBe(false)
}, 60_000)

/** The middle of the file becomes noise: pages of tables and indexes. */
function spoil(path: string): void {
  const { size } = statSync(path)
  const file = openSync(path, "r+")
  for (let at = 8192; at < size; at += 8192) writeSync(file, Buffer.alloc(2048, 0xa5), 0, 2048, at)
  closeSync(file)
}

describe("keys", () => {
  test("an encrypted store stays encrypted in its backup and where it is restored, under the same key alone", async () => {
    const [first, second] = [newFolder(), newFolder()]
    const withKey = ["--db-key-file", newKey("key", 1)]
    const file = onShelf("friday")
    await (await ServerProcess.start(first, ...withKey)).stop()
    expect((await qpqServer(first, "backup", file)).errors).toContain("E061")
    expect(await qpqServer(first, "backup", file, ...withKey)).toMatchObject({ status: 0 })
    expect(header(file)).not.toBe(PLAIN_HEADER)
    for (const wrong of [[], ["--db-key-file", newKey("other", 2)]])
      expect((await qpqServer(second, "restore", file, ...wrong)).errors).toContain("E061")
    expect(await qpqServer(second, "restore", file, ...withKey)).toMatchObject({ status: 0 })
    expect(header(join(second, "node.sqlite"))).not.toBe(PLAIN_HEADER)
    await (await ServerProcess.start(second, ...withKey)).stop()
  }, 60_000)

  test("another key, a first one too: the store opens with that alone, and holds what it held", async () => {
    const folder = newFolder()
    const [one, two] = [newKey("one", 1), newKey("two", 2)]
    {
      await using server = await ServerProcess.start(folder)
      await register("alice", server)
      expect((await qpqServer(folder, "rekey", one)).errors).toMatch(/E060 .* in use/)
    }
    expect(await qpqServer(folder, "rekey", one)).toMatchObject({ status: 0, errors: "" })
    expect(header(join(folder, "node.sqlite"))).not.toBe(PLAIN_HEADER)
    expect((await qpqServer(folder, "rekey", two)).errors).toContain("E061")
    expect(await qpqServer(folder, "rekey", two, "--db-key-file", one)).toMatchObject({ status: 0 })
    expect((await ServerProcess.refused(folder, "--db-key-file", one, "--supervise", "no")).stderr).toContain("E061")
    await using server = await ServerProcess.start(folder, "--db-key-file", two)
    expect(server.readyLine).not.toBe("")
    expect((await qpqServer(folder, "accounts")).out).toContain("alice")
  }, 60_000)
})
