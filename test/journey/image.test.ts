/** What deploy/Dockerfile makes, as far as it can be without an engine: its files, its commands, its user, its rights. */
import { spawn, spawnSync } from "node:child_process"
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { dockerInstructions, imageFiles } from "../fakes/compose.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const DEADLINE_MS = 60_000
const lines = dockerInstructions()
const instruction = (name: string): string => lines.findLast((line) => line.startsWith(`${name} `)) ?? ""
const argumentsOf = (line: string): readonly string[] => JSON.parse(line.slice(line.indexOf("["))) as string[]
const health = argumentsOf(instruction("HEALTHCHECK"))
const entry = argumentsOf(instruction("ENTRYPOINT"))

/** The image's root: its files in `app`, its programs in `bin`. */
const root = mkdtempSync(join(tmpdir(), "qpq-image-"))
const inRoot = (path: string): string => join(root, path)
afterAll(() => rmSync(root, { recursive: true }))

beforeAll(() => {
  chmodSync(root, 0o755)
  for (const [to, from] of Object.entries(imageFiles())) {
    mkdirSync(dirname(inRoot(to)), { recursive: true })
    if (from === "node_modules") symlinkSync(join(packageRoot(), from), inRoot(to))
    else cpSync(join(packageRoot(), from), inRoot(to), { recursive: true })
  }
  mkdirSync(inRoot("bin"))
  for (const [, to = "", name = ""] of lines.join(" ").matchAll(/ln -s (\S+) \/usr\/local\/bin\/(\S+)/g))
    symlinkSync(inRoot(to), inRoot(`bin/${name}`))
})

/** The image's check, run beside a server whose health address is `address`. */
async function checked(address: string): Promise<{ readonly status: number | null; readonly out: string }> {
  const [program = "", ...args] = health
  const env = { PATH: process.env["PATH"], QPQ_HEALTH: address }
  const child = spawn(
    program,
    args.map((path) => inRoot(path)),
    { env },
  )
  let out = ""
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()))
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, out })))
}

test(
  "the health check ends with 0 for a server that is well, and with 1 for one that says it is not, or says nothing",
  async () => {
    const folder = dataFolder()
    const server = await ServerProcess.start(folder.path)
    const { port } = new URL(server.healthUrl)
    expect(await checked(`0.0.0.0:${port}`)).toEqual({
      status: 0,
      out: expect.stringContaining('200 {"status":"ok"') as string,
    })
    await server.stop()
    expect((await checked(`0.0.0.0:${port}`)).status).toBe(1)
    folder.remove()
    const ill = createServer((_, answer) => answer.writeHead(503).end("unavailable")).listen(0, "127.0.0.1")
    await until("it listens", () => ill.listening)
    expect(await checked(`[::]:${(ill.address() as AddressInfo).port}`)).toEqual({
      status: 1,
      out: "503 unavailable\n",
    })
    ill.close()
  },
  DEADLINE_MS,
)

/** A new mount and process namespace: nothing can be written but the data folder, and the server has process id 1. */
const CONTAINED = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro /
mount --bind /tmp /tmp
mount -o remount,bind,ro /tmp
user=$2; shift 2
exec setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all env -i "$@"`
const UNSHARED = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
const canUnshare = spawnSync("unshare", [...UNSHARED, "setpriv", "--version"]).status === 0

describe.skipIf(!canUnshare)("as root, who may make namespaces", () => {
  test(
    "the entry point runs with the image's user, files and variables, writes to its volume alone, and drains as process 1",
    async () => {
      const user = Number(instruction("USER").split(/[ :]/)[1])
      const data = mkdtempSync("/var/tmp/qpq-image-data-")
      chmodSync(data, 0o700)
      chownSync(data, user, user)
      const variables = instruction("ENV")
        .slice(4)
        .replaceAll("/var/lib/qpq", data)
        .replace("0.0.0.0:7000", "127.0.0.1:0")
      const env = [
        ...variables.split(" "),
        "QPQ_HEALTH=127.0.0.1:0",
        `PATH=${inRoot("bin")}:${process.env["PATH"] ?? ""}`,
      ]
      const words = ["sh", "-c", CONTAINED, "sh", data, String(user), ...env, ...entry]
      const child = spawn("unshare", [...UNSHARED, ...words], { cwd: "/" })
      let out = ""
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (out += bytes.toString()))
      const ended = new Promise((resolve) => child.once("close", resolve))
      await until("it is ready, or over", () => out.includes("qpq-server ready") || child.exitCode !== null)
      expect(out).toContain("qpq-server ready")
      const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim()
      const status = readFileSync(`/proc/${first}/status`, "utf8")
      expect(status).toMatch(/^NSpid:.*\s1$/m)
      expect(status).toMatch(new RegExp(`^Uid:\\s${user}\\s`, "m"))
      expect(status).toMatch(/^CapBnd:\s0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\s1$/m)
      const inside = [
        "--target",
        first,
        "--mount",
        "sh",
        "-c",
        'for each; do touch "$each/x" && echo "$each"; done',
        "sh",
      ]
      const written = spawnSync("nsenter", [...inside, root, "/tmp", "/etc", "/var/tmp", data], { encoding: "utf8" })
      expect(written.stdout).toBe(`${data}\n`)
      process.kill(Number(first), "SIGTERM")
      expect(await ended).toBe(0)
      expect(out).toContain('"drained"')
      rmSync(data, { recursive: true })
    },
    DEADLINE_MS,
  )
})
