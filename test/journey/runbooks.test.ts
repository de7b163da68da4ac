/** The commands of two runbooks, word for word, on a real server: folders are temporary ones, systemd and users are stood in for. */
import { spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { parseServerAddress } from "../../core/domain/server-address.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { qpqServer } from "../fakes/operator.ts"
import { runbook, shellOf } from "../fakes/runbooks.ts"
import { until } from "../fakes/until.ts"

const DEADLINE_MS = 120_000
const root = mkdtempSync(join(tmpdir(), "qpq-runbooks-"))
const inRoot = (path: string): string => join(root, path)
const DATA = inRoot("var/lib/qpq")
const KEY = inRoot("etc/qpq/db.key")

/** What a test can neither have nor ask for. */
const STAND_INS = {
  systemctl: `case $1 in
  start)
    nohup qpq-server --data-dir ${DATA} --db-key-file ${KEY} --listen 127.0.0.1:$(cat ${root}/port) --health 127.0.0.1:0 >${root}/said 2>&1 &
    echo $! >${root}/pid ;;
  stop) kill $(cat ${root}/pid); while kill -0 $(cat ${root}/pid) 2>/dev/null; do sleep 0.1; done; rm ${root}/said ;;
  restart) systemctl stop && systemctl start ;;
  kill) kill -HUP $(cat ${root}/pid) ;;
  *) exit 64 ;;
esac`,
  runuser: 'shift 3; exec "$@"',
  // Without an owner.
  install: 'kind=; while [ "$1" != -m ]; do [ "$1" = -d ] && kind=-d; shift; done; exec /usr/bin/install $kind "$@"',
}

function sh(script: string): Promise<{ readonly status: number | null; readonly out: string }> {
  const here = script.replaceAll(/(?<![\w/])\/(?=(?:var\/(?:lib|backups|tmp)|etc)\/qpq)/g, `${root}/`)
  const env = { ...process.env, PATH: `${inRoot("bin")}:${process.env["PATH"] ?? ""}` }
  const child = spawn("sh", ["-eu", "-c", here], { cwd: root, env })
  let out = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (out += bytes.toString()))
  // What it started in the background may hold its output open.
  return new Promise((resolve) => child.once("exit", (status) => resolve({ status, out })))
}

const address = (): string =>
  /ready (qpq:\S+)/.exec(existsSync(inRoot("said")) ? readFileSync(inRoot("said"), "utf8") : "")?.[1] ?? ""
const shell = new CommandLine()

beforeAll(async () => {
  for (const folder of ["bin", "etc/qpq", "var/lib", "var/tmp", "var/backups"])
    mkdirSync(inRoot(folder), { recursive: true })
  symlinkSync(join(packageRoot(), "dist/server/main.js"), inRoot("bin/qpq-server"))
  for (const [name, text] of Object.entries(STAND_INS)) {
    writeFileSync(inRoot(`bin/${name}`), `#!/bin/sh\n${text}\n`)
    chmodSync(inRoot(`bin/${name}`), 0o755)
  }
  writeFileSync(KEY, Buffer.alloc(32, 1), { mode: 0o600 })
  writeFileSync(inRoot("port"), "0")
  expect(await sh("systemctl start")).toMatchObject({ status: 0 })
  await until("the server is ready", () => address() !== "")
  // From now on the same one, as in life.
  writeFileSync(inRoot("port"), parseServerAddress(address()).port.toString())
  expect(await shell.qpq("alice", ["register-user", "alice", "--server", address()])).toMatchObject({ status: 0 })
})
afterAll(async () => {
  await sh("systemctl stop")
  shell[Symbol.dispose]()
  rmSync(root, { recursive: true })
})

test(
  "backup-and-restore.md makes a backup, tries it, and restores a server that clients know",
  async () => {
    const before = address()
    const { status, out } = await sh(shellOf(runbook("backup-and-restore.md")).join("\n"))
    expect([status, out]).toEqual([0, expect.stringContaining("no fault found")])
    expect(out.match(/no fault found/g)).toHaveLength(2)
    expect(out.match(/the backup of .* with tls-cert\.pem, tls-key\.pem/g)).toHaveLength(2)
    expect(readdirSync(inRoot("var/backups/qpq"))).toEqual([expect.stringMatching(/\.backup$/)])
    for (const path of ["var/lib/qpq.before", "var/tmp/qpq-trial"]) expect(existsSync(inRoot(path))).toBe(false)
    expect(address()).toBe(before)
    expect((await qpqServer(DATA, "accounts")).out).toContain("alice")
    expect(await shell.qpq("alice", ["ping"])).toMatchObject({ status: 0 })
  },
  DEADLINE_MS,
)

test(
  "key-rotation.md changes the database's key, the certificate and the token, and ends all logins",
  async () => {
    const [before, first] = [address(), readFileSync(KEY)]
    const { status, out } = await sh(shellOf(runbook("key-rotation.md")).join("\n"))
    expect([status, out]).toEqual([0, expect.stringContaining("opens with the key in")])
    expect(out).toContain("no fault found")
    expect(readFileSync(KEY).equals(first)).toBe(false)
    expect(existsSync(`${KEY}.before`)).toBe(false)
    writeFileSync(inRoot("first-key"), first, { mode: 0o600 })
    const backup = inRoot("var/backups/qpq/rekeyed.backup")
    const trial = (key: string) => qpqServer(inRoot("trial"), "restore", backup, "--db-key-file", key)
    expect((await trial(inRoot("first-key"))).errors).toContain("E061")
    expect(await trial(KEY)).toMatchObject({ status: 0 })
    const pin = (text: string): string => /pin=[^&]*/.exec(text)?.[0] ?? ""
    expect(pin(address())).not.toBe(pin(before))
    expect(out).toContain(`${pin(before)}&${pin(address())}`)
    expect(readFileSync(inRoot("etc/qpq/health.token"), "utf8")).toMatch(/^[0-9a-f]{64}$/)
    const { out: logins } = await qpqServer(DATA, "sessions", "alice")
    expect(logins).toBe("")
  },
  DEADLINE_MS,
)
