/** The server's settings: flag, then QPQ_* environment, then TOML file, then default. One table names them all. */
import envPaths from "env-paths"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { parse as parseToml } from "smol-toml"
import { textFrom } from "../core/domain/bytes.ts"
import { QpqError } from "../core/domain/errors.ts"
import {
  databaseKey,
  databasePath,
  fileBytes,
  hostPort,
  isOpen,
  isYes,
  logLevel,
  mailboxQuotaOf,
  mebibytes,
  ratesOf,
  registrationOf,
  staticToken,
  tlsFilesOf,
  trustOf,
} from "./config-values.ts"
import type { HostPort, TlsFiles } from "./config-values.ts"
import type { AdminOrder } from "./admin.ts"
import type { RegistrationPolicy } from "./node/accounts.ts"
import type { RateSettings } from "./node/rate-limits.ts"
import { ADMIN_COMMANDS } from "./ops/admin-commands.ts"
import { OPTION_NAMES, OPTIONS } from "./options.ts"
import type { LogLevel, OptionName, OptionRow, Settings } from "./options.ts"

export interface ServerConfig {
  /** What is not fit for the open internet is refused: see `productionRefusals`. */
  readonly production: boolean
  readonly dataDir: string
  readonly listen: HostPort
  readonly health: HostPort
  /** PEM files of the operator; without them the server makes its own certificate. */
  readonly tlsFiles?: TlsFiles
  /** pin: whoever signs the certificate, clients know its key. */
  readonly trust: "ca" | "pin"
  readonly databasePath: string
  /** 32 bytes; the database is then encrypted. Secret. */
  readonly databaseKey?: Uint8Array
  /** Bytes of the static token. Secret. */
  readonly staticToken?: Uint8Array
  /** Files that only the server's user should be able to read. */
  readonly secretFiles: readonly string[]
  /** Who may make an account. */
  readonly registration: RegistrationPolicy
  /** Lets anybody who is logged in use any 1:1 channel. */
  readonly openChannels: boolean
  /** What may wait for one device. */
  readonly mailboxQuota: { readonly rows: number; readonly bytes: number }
  /** What a file, and all files of an account, may take here. */
  readonly blobLimits: { readonly bytesMax: number; readonly quotaBytes: number }
  /** undefined: nobody is limited. */
  readonly rates?: RateSettings
  readonly auditPath?: string
  /** Another process replaces this one when it is dead or silent. */
  readonly isSupervised: boolean
  readonly logLevel: LogLevel
}

/** What the command line asks for: to run, or to print something and end. */
export type Request =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly config: ServerConfig }
  | { readonly kind: "admin"; readonly order: AdminOrder }

/**
 * @param argv what follows the program's name.
 * @throws E070 wrong usage, E071 a value that is not allowed, E072 a file that cannot be read.
 */
export function readRequest(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Request {
  const { flags: given, words } = parseFlags(argv)
  const { help, version, json, ...flags } = given
  if (help === true) return { kind: "help", text: usage() }
  if (version === true) return { kind: "version" }
  const [command, ...args] = words
  if (command !== undefined && !Object.hasOwn(ADMIN_COMMANDS, command)) throw wrongUsage(`unknown command ${command}`)
  if (command === undefined && json === true) throw wrongUsage("--json is for commands")
  const outer: Settings = { ...fromEnvironment(env), ...(flags as Settings) }
  const file = outer.config === undefined ? {} : fromFile(outer.config)
  const settings = { ...defaults(), ...file, ...outer }
  if (command === undefined) return { kind: "run", config: configOf(settings) }
  return { kind: "admin", order: { dataDir: dataDirOf(settings), command, args, json: json === true } }
}

const wrongUsage = (why: string, options?: ErrorOptions): QpqError =>
  new QpqError("E070", `${why}; see qpq-server --help`, options)

interface Words {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly words: readonly string[]
}

function parseFlags(argv: readonly string[]): Words {
  const options = Object.fromEntries(OPTION_NAMES.map((name) => [name, { type: "string" as const }]))
  const asked = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean" },
    json: { type: "boolean" },
  } as const
  try {
    const config = { args: [...argv], options: { ...options, ...asked }, strict: true, allowPositionals: true } as const
    const { values, positionals } = parseArgs(config)
    return { flags: values, words: positionals }
  } catch (cause) {
    const [reason = ""] = cause instanceof Error ? cause.message.split("\n") : []
    throw wrongUsage(reason, { cause })
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
  const bytes = fileBytes(path)
  try {
    return parseToml(textFrom(bytes))
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

const dataDirOf = (settings: Settings): string => resolve(settings["data-dir"] ?? ".")

function configOf(settings: Settings): ServerConfig {
  const { "db-key-file": keyFile, "auth-token-file": tokenFile } = settings
  const dataDir = dataDirOf(settings)
  const tlsFiles = tlsFilesOf(settings)
  const rates = ratesOf(settings)
  return {
    production: isYes(settings, "production"),
    dataDir,
    listen: hostPort("listen", settings.listen ?? ""),
    health: hostPort("health", settings.health ?? ""),
    databasePath: databasePath(settings.db, dataDir),
    trust: trustOf(settings),
    secretFiles: [keyFile, tokenFile, tlsFiles?.key].filter((path) => path !== undefined),
    registration: registrationOf(settings),
    openChannels: isOpen(settings["channel-access"]),
    blobLimits: { bytesMax: mebibytes(settings, "file-size-max"), quotaBytes: mebibytes(settings, "file-quota") },
    mailboxQuota: mailboxQuotaOf(settings),
    isSupervised: isYes(settings, "supervise"),
    logLevel: logLevel(settings["log-level"]),
    ...(rates && { rates }),
    ...(settings["audit-log"] !== undefined && { auditPath: resolve(settings["audit-log"]) }),
    ...(tlsFiles && { tlsFiles }),
    ...(keyFile !== undefined && { databaseKey: databaseKey(keyFile) }),
    ...(tokenFile !== undefined && { staticToken: staticToken(tokenFile) }),
  }
}

function usage(): string {
  const rows = Object.entries<OptionRow>(OPTIONS).map(([name, row]) => {
    const byDefault = row.byDefault === undefined ? "" : ` (${row.byDefault})`
    return `  ${`--${name} ${row.value}`.padEnd(26)}${row.meaning}${byDefault}`
  })
  const commands = Object.entries(ADMIN_COMMANDS).map(
    ([name, { usage: more, meaning }]) => `  ${`${name} ${more}`.padEnd(26)}${meaning}`,
  )
  return [
    "Usage: qpq-server [options]",
    "       qpq-server COMMAND [--data-dir DIR] [--json]",
    "",
    "The delivery server of quicproquo. Each option can also be given as QPQ_NAME in the environment",
    '(--data-dir is QPQ_DATA_DIR) or as name = "value" in the TOML file.',
    "",
    ...rows,
    "",
    "Commands ask the server that runs on the data folder, through a socket that only its own user can open:",
    ...commands,
    "",
    `  ${"--json".padEnd(26)}rows of a command as JSON lines`,
    `  ${"--help".padEnd(26)}this text`,
    `  ${"--version".padEnd(26)}the version`,
    "",
    "Examples: qpq-server --data-dir ./data --listen 127.0.0.1:7000",
    "          qpq-server invite-token --data-dir ./data",
    "",
  ].join("\n")
}
