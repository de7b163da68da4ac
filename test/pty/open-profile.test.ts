/** While the built app is open, the built command line needs no password; when it is gone, however it went, it does. */
import { spawn } from "node:child_process"
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { packageRoot } from "../../core/domain/package-root.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const folder = dataFolder()
const home = join(folder.path, "alice")
const passwordFile = join(folder.path, "password")
let server: ServerProcess
let address: string

beforeAll(async () => {
  writeFileSync(passwordFile, "a password of alice\n")
  server = await ServerProcess.start(join(folder.path, "server"))
  address = formatServerAddress(server.address)
  await using app = opened("--server", address, "--user", "alice")
  await app.shows("You are alice", "[Start: enter]")
  await app.press("enter", "[Start: enter]")
  await app.shows("No groups yet.")
  await leave(app)
}, 60_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  folder.remove()
})

const opened = (...flags: readonly string[]): AppTerminal =>
  new AppTerminal({ home, flags: ["--password-file", passwordFile, ...flags], env: { XDG_RUNTIME_DIR: "" } })

async function leave(app: AppTerminal): Promise<void> {
  app.type("\u0011")
  expect(await app.ended).toBe(0)
}

interface End {
  readonly status: number | null
  readonly out: string
  readonly errors: string
}

/** `qpq`, without a password and without a terminal. */
function qpq(...argv: readonly string[]): Promise<End> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("QPQ_"))
  const env = { ...Object.fromEntries(own), XDG_RUNTIME_DIR: "", QPQ_HOME: home }
  const child = spawn(process.execPath, [join(packageRoot(), "dist/tui/cli/main.js"), ...argv], { env })
  let [out, errors] = ["", ""]
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()))
  child.stdin.end()
  return new Promise((resolve) => {
    child.once("close", (status) => {
      resolve({ status, out, errors })
    })
  })
}

const doors = (): readonly string[] => {
  const place = join(home, "open")
  return existsSync(place) ? readdirSync(place) : []
}

const ASKS = { status: 2, errors: expect.stringContaining("no password") as string }

test("commands work without a password while the app is open, and ask for it when it was quit", async () => {
  await using app = opened()
  await app.shows("No groups yet.")
  expect(doors()).toHaveLength(1)
  expect(statSync(join(home, "open")).mode & 0o777).toBe(0o700)
  expect(await qpq("whoami")).toMatchObject({ status: 0, out: expect.stringContaining("alice at") as string })
  expect(await qpq("create-group", "team")).toMatchObject({ status: 0 })
  expect(await qpq("groups")).toMatchObject({ status: 0, out: expect.stringContaining("team") as string })
  const { out } = await qpq("doctor")
  expect(out).toContain("ok    open app: found")
  expect(out).toContain("ok    database: opens with the key of the open qpq-tui")

  expect(await qpq("groups", "--no-share")).toMatchObject(ASKS)
  expect(await qpq("login", "alice")).toMatchObject(ASKS)
  const wrong = join(folder.path, "wrong")
  writeFileSync(wrong, "not the password\n")
  expect(await qpq("groups", "--password-file", wrong)).toMatchObject({ status: 77 })

  await leave(app)
  expect(doors()).toEqual([])
  expect(await qpq("groups")).toMatchObject(ASKS)
}, 60_000)

test("an app that was killed leaves a socket that does no harm, and the next app opens its own", async () => {
  await using first = opened()
  await first.shows("team")
  await until("the door", () => doors().length === 1)
  first.signal("SIGKILL")
  await first.ended
  expect(doors()).toHaveLength(1)
  expect(await qpq("groups")).toMatchObject(ASKS)
  expect(doors()).toEqual([])

  await using second = opened()
  await second.shows("team")
  expect(await qpq("groups")).toMatchObject({ status: 0 })
  await leave(second)
}, 60_000)

test("an app that is stopped gives nothing; continued, it does again", async () => {
  await using app = opened()
  await app.shows("team")
  app.signal("SIGSTOP")
  expect(await qpq("groups")).toMatchObject(ASKS)
  app.signal("SIGCONT")
  expect(await qpq("groups")).toMatchObject({ status: 0 })
  await leave(app)
}, 60_000)

test("an app with --no-share gives nothing", async () => {
  await using app = opened("--no-share")
  await app.shows("team")
  expect(doors()).toEqual([])
  expect(await qpq("groups")).toMatchObject(ASKS)
  await leave(app)
}, 60_000)

test("of two apps of one profile either is enough", async () => {
  await using first = opened()
  await using second = opened()
  await first.shows("team")
  await second.shows("team")
  await until("both doors", () => doors().length === 2)
  await leave(first)
  expect(await qpq("groups")).toMatchObject({ status: 0 })
  await leave(second)
  expect(await qpq("groups")).toMatchObject(ASKS)
}, 60_000)

test("an open app shows what commands do, without being asked", async () => {
  await using app = opened()
  await app.shows("team")
  expect(await qpq("create-group", "made-outside")).toMatchObject({ status: 0 })
  await app.shows("made-outside")
  expect(await qpq("send", "team", "said-by-a-command")).toMatchObject({ status: 0 })
  await app.shows("said-by-a-command")
  await leave(app)
}, 60_000)

test("in plain lines it is said once", async () => {
  await using app = opened("--screen-reader")
  await app.shows("# team")
  for (const text of ["first-of-two", "second-of-two"]) {
    expect(await qpq("send", "team", text)).toMatchObject({ status: 0 })
    await app.shows(text)
  }
  const said = app.lines.join("\n")
  for (const text of ["first-of-two", "second-of-two"]) expect(said.split(text)).toHaveLength(2)
  await leave(app)
}, 60_000)
