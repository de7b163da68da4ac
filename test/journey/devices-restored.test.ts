/** A restored server learns again which devices an account has, and how its key is kept, from a device that knows it. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { qpqServer } from "../fakes/operator.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

let folders: ReturnType<typeof dataFolder>[]
let shell: CommandLine
let server: ServerProcess

/** The second device has the password of the first. */
const LAPTOP = "laptop"
const REVOKED = "E092"

beforeEach(async () => {
  folders = [dataFolder(), dataFolder()]
  shell = new CommandLine()
  server = await ServerProcess.start(folderAt(0))
})
afterEach(async () => {
  await server.stop()
  shell[Symbol.dispose]()
  for (const folder of folders) folder.remove()
})

const folderAt = (at: number): string => folders[at]?.path ?? ""
const address = (): string => formatServerAddress(server.address)

const qpq = (name: string, ...argv: readonly string[]) =>
  shell.qpq(name, argv, name === LAPTOP ? { env: { QPQ_PASSWORD: "pw-alice" } } : {})

async function ok(name: string, ...argv: readonly string[]) {
  const done = await qpq(name, ...argv)
  expect(done, `${name}: ${argv.join(" ")}: ${done.errors}`).toMatchObject({ status: 0 })
  return done.json
}

const backUp = async (): Promise<void> =>
  expect(await qpqServer(folderAt(0), "backup", join(folderAt(0), "backup"))).toMatchObject({ status: 0 })

async function restore(): Promise<void> {
  const { port } = server.address
  await server.stop()
  expect(await qpqServer(folderAt(1), "restore", join(folderAt(0), "backup"))).toMatchObject({ status: 0 })
  server = await ServerProcess.start(folderAt(1), "--listen", `127.0.0.1:${port}`)
}

async function states(): Promise<readonly unknown[]> {
  const devices = (await ok("alice", "devices")).filter(({ type }) => type === "device")
  return devices.map(({ status, current }) => [status, current])
}

test("a device that was added since the backup is listed again, and logs in as the one it was", async () => {
  await ok("alice", "register-user", "alice", "--server", address())
  await backUp()
  await ok(LAPTOP, "login", "alice", "--server", address())
  expect(await states()).toHaveLength(2)
  await restore()
  await ok("alice", "recv")
  expect(await states()).toEqual([
    ["active", true],
    ["active", false],
  ])
  await ok(LAPTOP, "login", "alice")
  await ok(LAPTOP, "recv")
  expect(await states()).toHaveLength(2)
})

test("a device that was revoked since the backup is revoked again, before it can do anything", async () => {
  await ok("alice", "register-user", "alice", "--server", address())
  await ok("bob", "register-user", "bob", "--server", address())
  await ok(LAPTOP, "login", "alice", "--server", address())
  await ok(LAPTOP, "recv")
  await backUp()
  const [lost] = (await ok("alice", "devices")).filter(({ current }) => current === false)
  await ok("alice", "devices", "revoke", String(lost?.["id"]))
  await restore()
  await ok("alice", "recv")
  expect(await states()).toEqual([
    ["active", true],
    ["revoked", false],
  ])
  expect((await qpq(LAPTOP, "recv")).status).not.toBe(0)
  expect((await qpq(LAPTOP, "login", "alice")).errors).toContain(REVOKED)
})

test("an account that is younger than the backup is taken up again under its recovery code", async () => {
  await ok("bob", "register-user", "bob", "--server", address())
  await backUp()
  await ok("alice", "register-user", "alice", "--recovery-code", "--server", address())
  await restore()
  expect((await qpq("alice", "recv")).status).not.toBe(0)
  const again = await ok("alice", "register-user", "alice", "--server", address())
  const code = again.find(({ type }) => type === "recoveryCode")?.["code"]
  expect(code).toMatch(/^[0-9A-Z-]+/)
  expect((await qpq(LAPTOP, "login", "alice", "--server", address())).errors).toContain("E097")
  const file = join(shell.folder, "code")
  writeFileSync(file, String(code), { mode: 0o600 })
  await ok(LAPTOP, "login", "alice", "--server", address(), "--recovery-code-file", file)
  expect(await states()).toHaveLength(2)
})
