/** Where the server's settings come from, and which are refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { CLIENT_VARIABLES } from "../../../core/domain/client-variables.ts"
import { packageRoot } from "../../../core/domain/package-root.ts"
import { readRequest } from "../../../server/config.ts"
import type { ServerConfig } from "../../../server/config.ts"
import { CHILD, OPTION_NAMES } from "../../../server/options.ts"
import { fresh } from "../../fakes/node-device.ts"
import { plain } from "../../fakes/node-stores.ts"
import { codeOf } from "../../fakes/refusal.ts"

const folder = mkdtempSync(join(tmpdir(), "qpq-config-"))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function file(content: string | Uint8Array): string {
  const path = join(folder, `file-${++files}`)
  writeFileSync(path, content)
  return path
}

function configOf(argv: readonly string[], env: Record<string, string> = {}): ServerConfig {
  const request = readRequest(argv, env)
  if (request.kind !== "run") throw new Error(request.kind)
  return request.config
}

test("by default the server listens everywhere on 7000 and shows its health on this computer only", () => {
  const { dataDir, listen, health, databasePath, logLevel, ...rest } = configOf([])
  expect([listen, health]).toEqual([
    { host: "0.0.0.0", port: 7000 },
    { host: "127.0.0.1", port: 9700 },
  ])
  expect(dataDir).toMatch(/qpq-server/)
  expect(databasePath).toBe(join(dataDir, "node.sqlite"))
  const blobLimits = { bytesMax: 104_857_600, quotaBytes: 1_073_741_824 }
  const mailboxQuota = { rows: 10_000, bytes: 67_108_864 }
  const rates = { requestsPerSecond: 50, loginsPerMinute: 10, registrationsPerHour: 60, bytesPerSecond: 8_388_608 }
  const rules = { production: false, isSupervised: true, trust: "ca", secretFiles: [], registration: "open" }
  expect([logLevel, rest]).toEqual(["info", { ...rules, openChannels: false, mailboxQuota, blobLimits, rates }])
})

test("a flag wins over the environment, that over the file, that over the default", () => {
  const config = file('listen = "127.0.0.1:1"\nhealth = "127.0.0.1:2"\nlog-level = "warn"\ndata-dir = "/from/file"\n')
  const env = { QPQ_CONFIG: config, QPQ_LISTEN: "127.0.0.1:3", QPQ_HEALTH: "127.0.0.1:4", QPQ_LOG_LEVEL: "" }
  const { listen, health, logLevel, dataDir } = configOf(["--listen", "[::1]:5"], env)
  expect({ listen, health, logLevel, dataDir }).toEqual({
    listen: { host: "::1", port: 5 },
    health: { host: "127.0.0.1", port: 4 },
    logLevel: "warn",
    dataDir: "/from/file",
  })
})

test("the file may say numbers and truths as TOML writes them", () => {
  const config = file("rate-limit = 500\nproduction = true\nsupervise = false\n")
  const { rates, production, isSupervised } = configOf(["--config", config])
  expect([rates?.requestsPerSecond, production, isSupervised]).toEqual([500, true, false])
})

test("config tells of every setting what it is and who said so", () => {
  const path = file('listen = "127.0.0.1:1"\nlog-level = "warn"\n')
  const request = readRequest(["config", "--config", path, "--health", "127.0.0.1:2"], { QPQ_LOG_LEVEL: "debug" })
  if (request.kind !== "config") throw new Error(request.kind)
  expect(request.order.settings.map(({ name }) => name)).toEqual(OPTION_NAMES)
  const told = request.order.settings.filter(({ source }) => source !== "default")
  expect(told).toEqual([
    { name: "config", value: path, source: "flag" },
    { name: "listen", value: "127.0.0.1:1", source: path },
    { name: "health", value: "127.0.0.1:2", source: "flag" },
    { name: "log-level", value: "debug", source: "environment" },
  ])
  const silent = request.order.settings.filter(({ value }) => value === undefined).map(({ name }) => name)
  expect(silent).toEqual([
    "health-token-file",
    "tls-cert",
    "tls-key",
    "db",
    "db-key-file",
    "auth-token-file",
    "audit-log",
  ])
  expect(request.order.read().logLevel).toBe("debug")
})

test("config shows what is set even if the server would not start with it, and no password", () => {
  const url = "postgres://user:hunter2@host/qpq"
  const request = readRequest(["config", "--json"], { QPQ_DB: url, QPQ_LISTEN: "nowhere" })
  if (request.kind !== "config") throw new Error(request.kind)
  expect(request.order.settings).toContainEqual({ name: "listen", value: "nowhere", source: "environment" })
  expect(request.order.settings).toContainEqual({ name: "db", value: "[secret]", source: "environment" })
  expect(request.order.json).toBe(true)
  expect(codeOf(() => request.order.read())).toBe("E071")
  expect(codeOf(() => readRequest(["config", "listen"], {}))).toBe("E070")
})

test("1:1 channels are for their members, unless the operator opens them", () => {
  const opened = (argv: readonly string[], env = {}) => configOf(argv, env).openChannels
  expect([opened(["--channel-access", "members"]), opened(["--channel-access", "anyone"])]).toEqual([false, true])
  expect(opened([], { QPQ_CHANNEL_ACCESS: "anyone" })).toBe(true)
  expect(opened(["--config", file('channel-access = "anyone"\n')])).toBe(true)
})

test("how large files may be, and all of an account, is the operator's to say, in MiB", () => {
  const config = file('file-quota = "7"\n')
  const { blobLimits } = configOf(["--file-size-max", "3", "--config", config], { QPQ_FILE_SIZE_MAX: "9" })
  expect(blobLimits).toEqual({ bytesMax: 3_145_728, quotaBytes: 7_340_032 })
})

test("how much may wait for a device is the operator's to say", () => {
  const quota = (...argv: readonly string[]) => configOf(argv).mailboxQuota
  expect(quota()).toEqual({ rows: 10_000, bytes: 67_108_864 })
  expect(quota("--mailbox-messages", "100", "--mailbox-bytes", "24")).toEqual({ rows: 100, bytes: 25_165_824 })
})

test("how much anybody may ask is the operator's to say", () => {
  const rates = (...argv: readonly string[]) => configOf(argv).rates
  const given = rates(
    "--rate-limit",
    "500",
    "--login-limit",
    "1",
    "--registration-limit",
    "1000000",
    "--ingress-limit",
    "2",
  )
  const most = { requestsPerSecond: 500, loginsPerMinute: 1, registrationsPerHour: 1_000_000 }
  expect(given).toEqual({ ...most, bytesPerSecond: 2_097_152 })
  expect(rates("--rate-limit", "off")).toBeUndefined()
})

test("keys and tokens are read from files", () => {
  const raw = fresh(32)
  const rawFile = file(raw)
  const hexFile = file(`${Buffer.from(raw).toString("hex").toUpperCase()}\n`)
  for (const path of [rawFile, hexFile]) expect(plain(configOf(["--db-key-file", path]).databaseKey)).toBe(plain(raw))
  const { staticToken } = configOf(["--auth-token-file", file("  sixteen letters!\n")])
  expect(Buffer.from(staticToken!).toString()).toBe("sixteen letters!")
  const { healthToken, secretFiles } = configOf(["--health-token-file", file("other letters 123\n")])
  expect(Buffer.from(healthToken!).toString()).toBe("other letters 123")
  expect(secretFiles.length).toBe(1)
})

test("the database is a path, with or without sqlite:", () => {
  expect(configOf(["--db", "/some/where.db"]).databasePath).toBe("/some/where.db")
  expect(configOf(["--db", "sqlite:/some/where.db"]).databasePath).toBe("/some/where.db")
})

test("help and version are asked for, whatever else is wrong", () => {
  expect(readRequest(["--version"], { QPQ_LISTEN: "nowhere" })).toEqual({ kind: "version" })
  const help = readRequest(["-h", "--listen", "nowhere"], {})
  expect(help).toMatchObject({ kind: "help" })
  expect(help.kind === "help" && help.text).toContain("--auth-token-file FILE")
})

test.each([["--nope"], ["backups"], ["--listen"], ["--help=yes"]])("wrong usage is refused: %s", (flag) => {
  expect(codeOf(() => readRequest([flag], {}))).toBe("E070")
})

test.each([
  ["listen", "7000"],
  ["listen", "example.org:7000"],
  ["listen", "127.0.0.1:65536"],
  ["listen", "127.0.0.1:-1"],
  ["health", "::1:80"],
  ["mailbox-messages", "99"],
  ["mailbox-bytes", "23"],
  ["file-size-max", "0"],
  ["file-size-max", "much"],
  ["file-quota", "1.5"],
  ["log-level", "loud"],
  ["production", "maybe"],
  ["trust", "me"],
  ["rate-limit", "0"],
  ["rate-limit", "none"],
  ["login-limit", "off"],
  ["registration-limit", "1.5"],
  ["channel-access", "off"],
  ["registration", "friends"],
  ["db", "postgres://user:password@host/qpq"],
  ["db", "sqlite:"],
  ["tls-cert", "cert.pem"],
  ["tls-key", "key.pem"],
])("a value that is not allowed is refused: --%s %s", (name, value) => {
  expect(codeOf(() => readRequest([`--${name}`, value], {}))).toBe("E071")
})

test("a database URL's password is not repeated", () => {
  expect(() => readRequest(["--db", "postgres://user:hunter2@host/qpq"], {})).toThrow(/^(?!.*hunter2)/)
})

test("secrets of the wrong size are refused without being shown", () => {
  for (const content of ["short", fresh(31), fresh(33), "zz".repeat(32)]) {
    expect(codeOf(() => readRequest(["--db-key-file", file(content)], {}))).toBe("E071")
  }
  const short = file("fifteen letters\n")
  for (const flag of ["--auth-token-file", "--health-token-file"]) {
    expect(codeOf(() => readRequest([flag, short], {}))).toBe("E071")
    expect(() => readRequest([flag, short], {})).toThrow(/^(?!.*fifteen letters)/)
  }
})

test("a misspelt variable is named; those of the clients are none of the server's", () => {
  expect(codeOf(() => readRequest([], { QPQ_LISTNE: "127.0.0.1:1" }))).toBe("E071")
  expect(() => readRequest([], { QPQ_LISTNE: "127.0.0.1:1" })).toThrow("QPQ_LISTNE")
  const ofClients = Object.fromEntries(CLIENT_VARIABLES.map((name) => [name, "x"]))
  expect(readRequest([], { ...ofClients, [CHILD]: "0", OTHER: "x", QPQ_LOG_LEVEL: "info" }).kind).toBe("run")
})

test("which variables the clients read is known", () => {
  const sources = readdirSync(join(packageRoot(), "tui"), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => readFileSync(join(packageRoot(), "tui", path), "utf8"))
  const read = sources.flatMap((text) => [...text.matchAll(/\bQPQ_[A-Z_]+[A-Z]\b(?<!QPQ_PASS)/g)].map(([name]) => name))
  expect([...new Set(read)].sort()).toEqual([...CLIENT_VARIABLES].sort())
})

test("unknown keys, other types and broken TOML are refused; a missing file is another matter", () => {
  for (const text of [
    'listn = "127.0.0.1:1"',
    'config = "other.toml"',
    "rate-limit = 1.5",
    "listen = [1]",
    "[listen]",
    "listen =",
  ]) {
    expect(codeOf(() => readRequest(["--config", file(text)], {}))).toBe("E071")
  }
  for (const name of ["config", "db-key-file", "auth-token-file", "health-token-file"]) {
    expect(codeOf(() => readRequest([`--${name}`, join(folder, "none")], {}))).toBe("E072")
  }
})
