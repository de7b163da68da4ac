/** The testnet of deploy/compose.yaml without containers: its commands in its order, with folders for its volumes. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { parseServerAddress } from "../../core/domain/server-address.ts"
import { composeFile, DEPLOY, mountsOf } from "../fakes/compose.ts"
import type { Service } from "../fakes/compose.ts"
import { until } from "../fakes/until.ts"

const DEADLINE_MS = 120_000
const { services } = composeFile()
const folder = mkdtempSync(join(tmpdir(), "qpq-testnet-"))
const running: ChildProcess[] = []
afterAll(async () => {
  await Promise.all(running.map(ended))
  rmSync(folder, { recursive: true })
})

const volume = (name: string): string => join(folder, name)
/** `qpq` and `qpq-server` as the image has them. */
const bin = volume("bin")
/** What the scripts call the server, and where it is here. */
let address = "server:7000"

/** A path in a container as one here. */
function here(service: Service, text: string): string {
  const found = mountsOf(service)
    .toSorted((a, b) => b.target.length - a.target.length)
    .find(({ target }) => text === target || text.startsWith(`${target}/`))
  if (!found) return text.replace("server:7000", address)
  const { source, target, isFile } = found
  return (isFile ? join(DEPLOY, source) : volume(source)) + text.slice(target.length)
}

function start(
  name: string,
  more: readonly string[] = [],
): { readonly child: ChildProcess; readonly out: () => string } {
  const service = services[name]!
  const words = [...(service.entrypoint ?? ["qpq-server"]), ...(service.command ?? [])]
  const [program = "", ...args] = words.map((word) => here(service, word))
  const given = Object.entries({ QPQ_DATA_DIR: "/var/lib/qpq", ...service.environment })
  const env = Object.fromEntries(given.map(([key, value]) => [key, here(service, value)]))
  // In a session of its own, as in a container: it is ended with all that it started.
  const child = spawn(program, [...args, ...more], {
    cwd: folder,
    detached: true,
    env: { ...env, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let out = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (out += bytes.toString()))
  running.push(child)
  return { child, out: () => out }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = new Promise((resolve) => child.once("exit", resolve))
  process.kill(-child.pid!, "SIGTERM")
  await over
}

async function done(name: string): Promise<void> {
  const { child, out } = start(name)
  const status = await new Promise((resolve) => child.once("exit", resolve))
  expect([name, status, out()]).toEqual([name, 0, expect.any(String)])
}

const heard = (name: string): string => {
  const file = join(volume(name), "heard.json")
  return statSync(file, { throwIfNoEntry: false }) ? readFileSync(file, "utf8") : ""
}

test(
  "three people come onto it by invitation, and each hears the others; keys are for their owner alone",
  async () => {
    mkdirSync(bin)
    for (const [program, file] of [
      ["qpq-server", "server/main.js"],
      ["qpq", "tui/cli/main.js"],
    ] as const)
      symlinkSync(join(packageRoot(), "dist", file), join(bin, program))
    for (const name of Object.keys(composeFile().volumes)) mkdirSync(volume(name), { mode: 0o700 })

    await done("keys")
    const key = join(volume("keys"), "db-key")
    expect(readFileSync(key, "utf8")).toMatch(/^[0-9a-f]{64}$/)
    expect(statSync(key).mode & 0o777).toBe(0o600)
    await done("keys")

    const server = start("server", ["--listen", "127.0.0.1:0", "--health", "127.0.0.1:0"])
    await until("the server is ready", () => server.out().includes("qpq-server ready"))
    const { host, port } = parseServerAddress(/ready (qpq:\S+)/.exec(server.out())?.[1] ?? "")
    address = `${host}:${port}`
    const database = readFileSync(join(volume("server"), "node.sqlite"))
    expect(database.subarray(0, 6).toString()).not.toBe("SQLite")

    await done("tokens")
    const invitation = (name: string): string => readFileSync(join(volume("handout"), name), "utf8")
    const before = invitation("alice")
    await done("tokens")
    expect(invitation("alice")).toBe(before)

    const names = ["alice", "bob", "carol"]
    const people = names.map((name) => ({ name, ...start(name) }))
    const said = (): string => people.map(({ name, out }) => `${name}: ${out()}`).join("\n")
    await until("all hear", () => names.every((name) => heard(name).includes(" at 20")), DEADLINE_MS / 2).catch(
      (thrown: unknown) => expect.fail(`${String(thrown)}\n${said()}`),
    )
    for (const name of names) expect((JSON.parse(heard(name)) as { group: string }).group).toBeDefined()
    for (const { child } of people) await ended(child)
    // Who has been there goes on, without another registration.
    rmSync(join(volume("carol"), "heard.json"))
    const again = [start("alice"), start("carol")]
    await until("carol hears again", () => heard("carol").includes("alice at 20"), DEADLINE_MS / 2)
    for (const { out } of again) expect(out()).not.toMatch(/E\d{3}/)
  },
  DEADLINE_MS,
)
