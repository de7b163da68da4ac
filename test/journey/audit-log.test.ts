/** The audit log of a real server: who did what when, in a file of its own, without a secret and without a word of what was said. */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startLogin } from "../../core/opaque/login.ts"
import { userName } from "../../core/domain/user-name.ts"
import { CommandHouse } from "../fakes/command-house.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const folder = dataFolder()
const path = join(folder.path, "audit.log")
const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team"], flags: ["--audit-log", path] })
const { shell } = house
beforeAll(() => house.open())
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  folder.remove()
})

type Line = Readonly<Record<string, unknown>>

const linesIn = (file: string): readonly Line[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]))
    : []

const told = async (wanted: Line, file = path): Promise<Line> => {
  const find = (): Line | undefined =>
    linesIn(file).find((line) => Object.entries(wanted).every(([name, value]) => line[name] === value))
  await until(`${JSON.stringify(wanted)} is told`, () => find() !== undefined)
  return find() ?? {}
}

test("tells of accounts, logins, keys, mail, commits and the end of a login, each with its time and its outcome", async () => {
  const device = expect.stringMatching(/^[\da-f]{8}$/) as string
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string
  const about = { time, outcome: "ok", address: "127.0.0.1" }
  expect(await told({ event: "register", name: "alice" })).toEqual({ ...about, event: "register", name: "alice" })
  expect(await told({ event: "login", name: "bob" })).toEqual({ ...about, event: "login", name: "bob", device })
  expect(await told({ event: "upload keys", name: "bob" })).toMatchObject({ outcome: "ok", device })
  expect(await told({ event: "take key", name: "alice" })).toMatchObject({ outcome: "ok", of: device })
  expect(await told({ event: "commit", name: "alice" })).toMatchObject({ outcome: "ok", accepted: true, tag: device })
  await shell.qpq("alice", ["send", "team", "nobody but bob reads this"])
  expect(await told({ event: "enqueue", name: "alice" })).toMatchObject({ outcome: "ok", items: 1 })
  await shell.qpq("bob", ["recv"])
  expect(await told({ event: "fetch", name: "bob" })).toMatchObject({ outcome: "ok" })
  await shell.qpq("bob", ["logout"])
  await told({ event: "logout", name: "bob", outcome: "ok" })
  expect(await shell.qpq("bob", ["login", "bob"])).toMatchObject({ status: 0 })
})

test("tells of a change of the password and of the end of all logins", async () => {
  const file = join(folder.path, "new-password")
  writeFileSync(file, "another one")
  const change = ["password", "--new-password-file", file]
  expect(await shell.qpq("bob", change)).toMatchObject({ status: 0 })
  await told({ event: "password change", name: "bob", outcome: "ok" })
  const env = { QPQ_PASSWORD: "another one" }
  writeFileSync(file, "pw-bob")
  expect(await shell.qpq("bob", [...change, "--logout-others"], { env })).toMatchObject({ status: 0 })
  expect(await told({ event: "logout everywhere", name: "bob", outcome: "ok" })).toMatchObject({ keepThis: true })
  const text = readFileSync(path, "utf8")
  for (const secret of ["another one", "pw-bob"]) expect(text).not.toContain(secret)
})

test("tells of what was refused: a taken name, a wrong password, a token of nobody, a command of the operator", async () => {
  const { status } = await shell.qpq("mallory", ["register-user", "alice", "--server", house.address])
  expect(status).not.toBe(0)
  await told({ event: "register", name: "alice", outcome: "E008" })
  const env = { QPQ_PASSWORD: "not the password" }
  const begun = (): number =>
    linesIn(path).filter(({ event, name }) => event === "login begun" && name === "alice").length
  const before = begun()
  expect(await shell.qpq("eve", ["login", "alice", "--server", house.address], { env })).toMatchObject({ status: 77 })
  await until("an attempt that nothing follows", () => begun() === before + 1)
  const { node, connection } = await house.server.dial({
    accessToken: new Uint8Array(32),
    deviceId: new Uint8Array(32),
  })
  await node.resolveUser(userName("alice")).catch(() => undefined)
  expect(await told({ event: "token", outcome: "E002" })).toMatchObject({ device: "00000000", address: "127.0.0.1" })
  connection.close(0, "done")
})

test("counts who comes too soon instead of writing a line for each", async () => {
  const { node, connection } = await house.server.dial()
  const { request } = await startLogin("a password")
  const attempts = Array.from({ length: 30 }, () => node.loginStart(userName("nobody"), request).catch(() => undefined))
  await Promise.all(attempts)
  const line = await told({ event: "limited", limit: "login", whom: "nobody" })
  expect(line).toMatchObject({ outcome: "E050", times: 20 })
  connection.close(0, "done")
}, 30_000)

test("is the owner's alone, holds no secret, and goes on in a new file when it was rotated", async () => {
  expect(statSync(path).mode & 0o777).toBe(0o600)
  renameSync(path, `${path}.1`)
  house.server.signal("SIGHUP")
  await until("there is a new one", () => existsSync(path))
  await shell.qpq("alice", ["send", "team", "after the rotation"])
  await told({ event: "enqueue", name: "alice" })
  const all = readFileSync(path, "utf8") + readFileSync(`${path}.1`, "utf8")
  for (const word of ["nobody but bob", "rotation", "pw-alice", "pw-bob", "team"]) expect(all).not.toContain(word)
  expect(all).not.toMatch(/[\da-f]{16}|[\w-]{43}/)
})

test("a file that cannot be opened is refused before anything is served", async () => {
  const data = dataFolder()
  const { status, stderr } = await ServerProcess.refused(
    data.path,
    "--audit-log",
    join(folder.path, "none", "audit.log"),
  )
  expect([status, stderr]).toEqual([66, expect.stringContaining("E072")])
  data.remove()
})
