/** The server's settings: flag, then QPQ_* environment, then TOML file, then default. One table names them all. */
import envPaths from "env-paths"
import { readFileSync } from "node:fs"
import { isIP } from "node:net"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { parse as parseToml } from "smol-toml"
import { textFrom, unhex, utf8 } from "../core/domain/bytes.ts"
import { QpqError } from "../core/domain/errors.ts"
import { STATIC_TOKEN_CHARACTERS_MIN } from "../core/domain/limits.ts"

export interface HostPort {
  /** IPv4 or IPv6 address, without brackets. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface ServerConfig {
  readonly dataDir: string
  readonly listen: HostPort
  readonly health: HostPort
  /** PEM files of the operator; without them the server makes its own certificate. */
  readonly tlsFiles?: { readonly certificate: string; readonly key: string }
  readonly databasePath: string
  /** 32 bytes; the database is then encrypted. Secret. */
  readonly databaseKey?: Uint8Array
  /** Bytes of the static token. Secret. */
  readonly staticToken?: Uint8Array
  /** Lets anybody who is logged in use any 1:1 channel. */
  readonly openChannels: boolean
  /** What a file, and all files of an account, may take here. */
  readonly blobLimits: { readonly bytesMax: number; readonly quotaBytes: number }
  readonly logLevel: LogLevel
}

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What the command line asks for: to run, or to print something and end. */
export type Request =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly config: ServerConfig }

interface OptionRow {
  readonly value: string
  readonly meaning: string
  readonly byDefault?: string
}

/** Flag `--name`, environment QPQ_NAME, key `name` of the TOML file. */
export const OPTIONS = {
  config: { value: "FILE", meaning: "TOML file with any of the settings below" },
  "data-dir": { value: "DIR", meaning: "folder of the database and the certificate" },
  listen: {
    value: "HOST:PORT",
    meaning: "UDP address to serve on; port 0 takes a free one",
    byDefault: "0.0.0.0:7000",
  },
  health: { value: "HOST:PORT", meaning: "HTTP address of /healthz, /readyz, /metrics", byDefault: "127.0.0.1:9700" },
  "tls-cert": { value: "FILE", meaning: "certificate chain (PEM) instead of the server's own; needs --tls-key" },
  "tls-key": { value: "FILE", meaning: "private key (PEM) of --tls-cert" },
  db: { value: "URL", meaning: "sqlite:PATH or a path; by default node.sqlite in the data folder" },
  "db-key-file": { value: "FILE", meaning: "32 bytes, or 64 hex digits, that encrypt the database" },
  "auth-token-file": { value: "FILE", meaning: "static token of services, at least 16 characters" },
  registration: { value: "POLICY", meaning: "who may register; this version knows open", byDefault: "open" },
  "channel-access": {
    value: "WHO",
    meaning: "who may use a 1:1 channel: members, or anyone",
    byDefault: "members",
  },
  "file-size-max": { value: "MIB", meaning: "largest encrypted file that is taken, in MiB", byDefault: "100" },
  "file-quota": {
    value: "MIB",
    meaning: "all files that one account may have here at once, in MiB",
    byDefault: "1024",
  },
  "log-level": { value: "LEVEL", meaning: LOG_LEVELS.join(", "), byDefault: "info" },
} as const satisfies Readonly<Record<string, OptionRow>>

type OptionName = keyof typeof OPTIONS
type Settings = Readonly<Partial<Record<OptionName, string>>>

const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]
const DATABASE_FILE = "node.sqlite"
const DATABASE_KEY_BYTES = 32
const PORT_MAX = 65_535
const MEBIBYTE = 1_048_576
const MEBIBYTES_MAX = 1_048_576

/**
 * @param argv what follows the program's name.
 * @throws E070 wrong usage, E071 a value that is not allowed, E072 a file that cannot be read.
 */
export function readRequest(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Request {
  const { help, version, ...flags } = parseFlags(argv)
  if (help === true) return { kind: "help", text: usage() }
  if (version === true) return { kind: "version" }
  const outer: Settings = { ...fromEnvironment(env), ...(flags as Settings) }
  const file = outer.config === undefined ? {} : fromFile(outer.config)
  return { kind: "run", config: configOf({ ...defaults(), ...file, ...outer }) }
}

function parseFlags(argv: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const options = Object.fromEntries(OPTION_NAMES.map((name) => [name, { type: "string" as const }]))
  const asked = { help: { type: "boolean", short: "h" }, version: { type: "boolean" } } as const
  try {
    return parseArgs({ args: [...argv], options: { ...options, ...asked }, strict: true }).values
  } catch (cause) {
    const [reason = ""] = cause instanceof Error ? cause.message.split("\n") : []
    throw new QpqError("E070", `${reason}; see qpq-server --help`, { cause })
  }
}

const environmentName = (name: OptionName): string => `QPQ_${name.toUpperCase().replaceAll("-", "_")}`

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = OPTION_NAMES.map((name) => [name, env[environmentName(name)]] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ""))
}

function fromFile(path: string): Settings {
  const table = parsedToml(path)
  for (const [name, value] of Object.entries(table)) {
    if (name === "config" || !Object.hasOwn(OPTIONS, name)) throw new QpqError("E071", `${path}: unknown key ${name}`)
    if (typeof value !== "string") throw new QpqError("E071", `${path}: ${name} is not a string`)
  }
  return table
}

function parsedToml(path: string): Readonly<Record<string, unknown>> {
  const text = textFrom(fileBytes(path))
  try {
    return parseToml(text)
  } catch (cause) {
    const [reason = ""] = cause instanceof Error ? cause.message.split("\n") : []
    throw new QpqError("E071", `${path}: ${reason}`, { cause })
  }
}

function defaults(): Settings {
  const rows = Object.entries<OptionRow>(OPTIONS).map(([name, row]) => [name, row.byDefault] as const)
  const dataDir = envPaths("qpq-server", { suffix: "" }).data
  return { "data-dir": dataDir, ...Object.fromEntries(rows.filter(([, value]) => value !== undefined)) }
}

function configOf(settings: Settings): ServerConfig {
  const { registration, "db-key-file": keyFile, "auth-token-file": tokenFile } = settings
  if (registration !== "open") {
    throw new QpqError("E071", `registration ${registration ?? ""}: this version only knows open`)
  }
  const dataDir = resolve(settings["data-dir"] ?? ".")
  const tlsFiles = tlsFilesOf(settings)
  return {
    dataDir,
    listen: hostPort("listen", settings.listen ?? ""),
    health: hostPort("health", settings.health ?? ""),
    databasePath: databasePath(settings.db, dataDir),
    openChannels: isOpen(settings["channel-access"]),
    blobLimits: { bytesMax: mebibytes(settings, "file-size-max"), quotaBytes: mebibytes(settings, "file-quota") },
    logLevel: logLevel(settings["log-level"]),
    ...(tlsFiles && { tlsFiles }),
    ...(keyFile !== undefined && { databaseKey: databaseKey(keyFile) }),
    ...(tokenFile !== undefined && { staticToken: staticToken(tokenFile) }),
  }
}

function tlsFilesOf(settings: Settings): ServerConfig["tlsFiles"] {
  const { "tls-cert": certificate, "tls-key": key } = settings
  if (certificate !== undefined && key !== undefined) return { certificate, key }
  if (certificate !== undefined || key !== undefined) throw new QpqError("E071", "tls-cert and tls-key go together")
  return undefined
}

function hostPort(name: OptionName, text: string): HostPort {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const given = bracketed ?? plain
  const host = given === "localhost" ? "127.0.0.1" : given
  const port = Number(digits)
  if (host === undefined || isIP(host) === 0 || port > PORT_MAX) {
    throw new QpqError("E071", `${name} ${text}: expected ADDRESS:PORT, such as 0.0.0.0:7000 or [::]:7000`)
  }
  return { host, port }
}

function databasePath(url: string | undefined, dataDir: string): string {
  if (url === undefined) return join(dataDir, DATABASE_FILE)
  const path = url.replace(/^sqlite:/, "")
  // The value may hold a password, so it is not repeated.
  if (path === "" || /^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw new QpqError("E071", "db: this version only knows sqlite:PATH or a path")
  }
  return resolve(path)
}

function databaseKey(path: string): Uint8Array {
  const bytes = fileBytes(path)
  if (bytes.length === DATABASE_KEY_BYTES) return bytes
  const text = Buffer.from(bytes).toString("latin1").trim()
  if (/^[0-9a-f]{64}$/i.test(text)) return unhex(text)
  throw new QpqError("E071", "db-key-file: neither 32 bytes nor 64 hex digits")
}

function staticToken(path: string): Uint8Array {
  const token = textFrom(fileBytes(path)).trim()
  if (token.length < STATIC_TOKEN_CHARACTERS_MIN) {
    throw new QpqError("E071", `auth-token-file: fewer than ${STATIC_TOKEN_CHARACTERS_MIN} characters`)
  }
  return utf8(token)
}

function mebibytes(settings: Settings, name: OptionName): number {
  const count = Number(settings[name])
  if (!Number.isInteger(count) || count < 1 || count > MEBIBYTES_MAX) {
    throw new QpqError("E071", `${name} ${settings[name] ?? ""}: a whole number from 1 to ${MEBIBYTES_MAX}`)
  }
  return count * MEBIBYTE
}

function isOpen(access: string | undefined): boolean {
  if (access !== "members" && access !== "anyone") {
    throw new QpqError("E071", `channel-access ${access ?? ""}: expected members or anyone`)
  }
  return access === "anyone"
}

function logLevel(text: string | undefined): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text)
  if (!level) throw new QpqError("E071", `log-level ${text ?? ""}: expected ${LOG_LEVELS.join(", ")}`)
  return level
}

function fileBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw new QpqError("E072", path, { cause })
  }
}

function usage(): string {
  const rows = Object.entries<OptionRow>(OPTIONS).map(([name, row]) => {
    const byDefault = row.byDefault === undefined ? "" : ` (${row.byDefault})`
    return `  ${`--${name} ${row.value}`.padEnd(26)}${row.meaning}${byDefault}`
  })
  return [
    "Usage: qpq-server [options]",
    "",
    "The delivery server of quicproquo. Each option can also be given as QPQ_NAME in the environment",
    '(--data-dir is QPQ_DATA_DIR) or as name = "value" in the TOML file.',
    "",
    ...rows,
    `  ${"--help".padEnd(26)}this text`,
    `  ${"--version".padEnd(26)}the version`,
    "",
    "Example: qpq-server --data-dir ./data --listen 127.0.0.1:7000",
    "",
  ].join("\n")
}
