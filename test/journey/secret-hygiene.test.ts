/** After a whole journey no secret stands anywhere but in the encrypted profiles: not in logs, files, metrics or processes. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { ProfileGate } from "../../core/client/gate.ts"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { fresh } from "../fakes/node-device.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

const DEADLINE_MS = 120_000
/** What a profile keeps that opens an account or a session. */
const SECRET_SETTINGS = ["access-token", "refresh-token", "account-seed", "device-seed"]
const PEOPLE = ["alice", "bob"] as const

const shell = new CommandLine()
const data = dataFolder()
afterAll(() => {
  shell[Symbol.dispose]()
  data.remove()
})

const canary = (what: string): string => `${what}-${Buffer.from(fresh(12)).toString("hex")}`
const PASSWORDS = { alice: canary("pw-a"), bob: canary("pw-b") }
const [TEXT, REPLY, GROUP, SAID] = [canary("hello"), canary("reply"), canary("team"), canary("said")]
const NOBODY = canary("nobody").slice(0, 24)

async function qpq(name: (typeof PEOPLE)[number], ...argv: string[]): Promise<readonly Record<string, unknown>[]> {
  const { status, json, errors } = await shell.qpq(name, argv, { env: { QPQ_PASSWORD: PASSWORDS[name] } })
  expect([argv[0], status], errors).toEqual([argv[0], 0])
  return json
}

async function journey(address: string): Promise<void> {
  for (const name of PEOPLE) await qpq(name, "register-user", name, "--server", address)
  await qpq("alice", "create-group", GROUP)
  await qpq("alice", "invite", GROUP, "bob")
  await qpq("bob", "join")
  await qpq("alice", "send", GROUP, TEXT)
  expect(await qpq("bob", "recv", "--wait", "10")).toMatchObject([{ group: GROUP, text: TEXT }])
  await qpq("bob", "send", GROUP, REPLY)
  expect(await qpq("alice", "recv", "--wait", "10")).toMatchObject([{ text: REPLY }])
  await qpq("bob", "logout")
  await qpq("bob", "login", "bob")
  const wrong = await shell.qpq("bob", ["whoami"], { env: { QPQ_PASSWORD: PASSWORDS.alice } })
  expect(wrong.json.at(-1)).toMatchObject({ code: "E061" })
}

/** In the app too, whose log says as much as it can: what is sent, a command that fails, a server that is gone. */
async function inTheApp(): Promise<void> {
  const passwordFile = join(data.path, "..", canary("file"))
  writeFileSync(passwordFile, PASSWORDS.alice)
  const flags = ["--password-file", passwordFile, "--log-level", "debug"]
  await using app = new AppTerminal({ home: shell.home("alice"), flags })
  await app.shows(GROUP, "● online")
  rmSync(passwordFile)
  app.type(SAID)
  await app.press("enter", "enter send")
  await app.shows(new RegExp(`${SAID} +✓`))
  app.type(`/dm ${NOBODY}`)
  await app.press("enter", "enter")
  await app.shows(/no such user/i)
  app.type("\u0011")
  expect(await app.ended).toBe(0)
}

/** The secret settings of a profile, by name. */
async function secretsOf(name: (typeof PEOPLE)[number]): Promise<readonly (readonly [string, Buffer])[]> {
  const gate = new ProfileGate({ home: shell.home(name), world: realWorld })
  await gate.unlock(PASSWORDS[name])
  const found = SECRET_SETTINGS.map((setting) => {
    const value = gate.store.setting(setting)
    if (!value) throw new Error(`no ${setting} in the profile`)
    return [`${name}'s ${setting}`, Buffer.from(value)] as const
  })
  await gate.close()
  return found
}

/** How bytes could be written: as they are, in hex, and in both base64 alphabets at each of their three alignments. */
function formsOf(secret: Buffer): readonly Buffer[] {
  const hexes = [secret.toString("hex"), secret.toString("hex").toUpperCase()]
  const based = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), secret])
    const from = Math.ceil((offset * 8) / 6)
    const to = Math.floor((shifted.length * 8) / 6)
    return [shifted.toString("base64"), shifted.toString("base64url")].map((text) => text.slice(from, to))
  })
  return [secret, ...[...hexes, ...based].map((text) => Buffer.from(text))]
}

const isIn = (place: Buffer, secret: Buffer): boolean => formsOf(secret).some((form) => place.includes(form))

/** Every file below `path`. */
const filesIn = (path: string): readonly (readonly [string, Buffer])[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [file, readFileSync(file)] as const)

function processOf(pid: number): readonly (readonly [string, Buffer])[] {
  if (!existsSync(`/proc/${pid}`)) return []
  return ["cmdline", "environ"].map((name) => [name, readFileSync(`/proc/${pid}/${name}`)] as const)
}

test("the search finds a secret in every form it looks for", () => {
  const secret = Buffer.from(fresh(20))
  for (const before of ["", "x", "xy"]) {
    const around = Buffer.concat([Buffer.from(before), secret, Buffer.from("z")])
    for (const encoding of ["hex", "base64", "base64url", "latin1"] as const) {
      expect(isIn(Buffer.from(around.toString(encoding), "latin1"), secret)).toBe(true)
    }
  }
  expect(isIn(Buffer.from(fresh(4000)), secret)).toBe(false)
})

test(
  "passwords, texts, group names, tokens and seeds stand nowhere in clear",
  async () => {
    await using server = await ServerProcess.start(data.path, "--log-level", "trace")
    const running = processOf(server.pid)
    await journey(formatServerAddress(server.address))
    await inTheApp()
    const metrics = Buffer.from((await server.get("/metrics")).body)
    const live = [...filesIn(data.path), ...processOf(server.pid)]
    const { stdout, stderr } = await server.stop()
    expect(stderr).toContain('"method":"enqueueMany"')

    const output: readonly (readonly [string, Buffer])[] = [
      ["stdout", Buffer.from(stdout)],
      ["stderr", Buffer.from(stderr)],
      ["metrics", metrics],
    ]
    const profiles = PEOPLE.flatMap((name) => filesIn(shell.home(name)))
    const places = [...running, ...live, ...output, ...filesIn(data.path), ...profiles]
    expect(places.length).toBeGreaterThan(10)
    const canaries = Object.entries({ ...PASSWORDS, TEXT, REPLY, GROUP, SAID, NOBODY }).map(
      ([name, text]) => [name, Buffer.from(text)] as const,
    )
    const secrets = [...canaries, ...(await secretsOf("alice")), ...(await secretsOf("bob"))]
    const leaks = secrets.flatMap(([what, secret]) =>
      places.filter(([, bytes]) => isIn(bytes, secret)).map(([place]) => `${what} in ${place}`),
    )
    expect(leaks).toEqual([])
    const log = readFileSync(join(shell.home("alice"), "qpq-tui.log"), "utf8")
    for (const event of ["start", "link", "line", "delivery", "call failed", "stop"]) {
      expect(log).toContain(`"event":"${event}"`)
    }
    expect(log).not.toMatch(/alice|bob/)
    expect(live.some(([, bytes]) => bytes.includes("alice"))).toBe(true)
  },
  DEADLINE_MS,
)
