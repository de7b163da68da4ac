/** What the server's settings say, and what its command line asks for. One table names them all. */
import { dirname, resolve } from "node:path"
import { parseArgs } from "node:util"
import { QpqError } from "../core/domain/errors.ts"
import {
  databaseKey,
  databasePath,
  hostPort,
  isOpen,
  isYes,
  logLevel,
  mailboxQuotaOf,
  mebibytes,
  ratesOf,
  registrationOf,
  tokenIn,
  tlsFilesOf,
  trustOf,
} from "./config-values.ts"
import type { HostPort, TlsFiles } from "./config-values.ts"
import type { AdminOrder } from "./admin.ts"
import type { RegistrationPolicy } from "./node/accounts.ts"
import type { RateSettings } from "./node/rate-limits.ts"
import { ADMIN_COMMANDS, OFFLINE_COMMANDS } from "./ops/admin-commands.ts"
import { OPTION_NAMES, OPTIONS } from "./options.ts"
import type { LogLevel, OptionRow, Settings } from "./options.ts"
import { settingsInForce, valuesOf } from "./settings.ts"
import type { SettingInForce } from "./settings.ts"

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
  /** Opens the sidecar's numbers to other computers. Secret. */
  readonly healthToken?: Uint8Array
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

/** To print what is in force. */
export interface ConfigOrder {
  /** In the order of the table; what may hold a secret is hidden. */
  readonly settings: readonly SettingInForce[]
  /** What the server would run with. @throws E071, E072 as its start would. */
  readonly read: () => ServerConfig
  /** As JSON lines. */
  readonly json: boolean
}

/** Of the data folder, with or without a server that runs on it. */
export interface UpkeepOrder {
  readonly command: string
  readonly args: readonly string[]
  /** Rows as JSON lines. */
  readonly json: boolean
  readonly dataDir: string
  /** What a server would run with. @throws E071, E072 */
  readonly config: () => ServerConfig
}

/** What the command line asks for: to run, or to print something and end. */
export type Request =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly config: ServerConfig }
  | { readonly kind: "config"; readonly order: ConfigOrder }
  | { readonly kind: "admin"; readonly order: AdminOrder }
  | { readonly kind: "upkeep"; readonly order: UpkeepOrder }

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
  if (command !== undefined && !isCommand(command)) throw wrongUsage(`unknown command ${command}`)
  if (command === undefined && json === true) throw wrongUsage("--json is for commands")
  const inForce = settingsInForce(flags, env)
  const settings = valuesOf(inForce)
  const config = (): ServerConfig => configOf(settings, env["CREDENTIALS_DIRECTORY"])
  if (command === undefined) return { kind: "run", config: config() }
  const order = { dataDir: dataDirOf(settings), command, args, json: json === true, config }
  if (UPKEEP.includes(command)) return { kind: "upkeep", order }
  if (command !== CONFIG) return { kind: "admin", order }
  if (args.length > 0) throw wrongUsage(`${CONFIG} takes no ${args[0]}`)
  const shown = Object.values(inForce).map(hidden)
  return { kind: CONFIG, order: { settings: shown, read: order.config, json: order.json } }
}

const CONFIG = "config"
/** What needs no server that runs. */
const UPKEEP = ["backup", "check", ...Object.keys(OFFLINE_COMMANDS)]

const isCommand = (word: string): boolean =>
  word === CONFIG || UPKEEP.includes(word) || Object.hasOwn(ADMIN_COMMANDS, word)

/** A database's address may hold a password. */
function hidden(setting: SettingInForce): SettingInForce {
  const isSecret = setting.name === "db" && setting.value?.includes("@") === true
  return isSecret ? { ...setting, value: "[secret]" } : setting
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

const dataDirOf = (settings: Settings): string => resolve(settings["data-dir"] ?? ".")

/** @param credentials folder that systemd has made for the service alone, whatever the modes in it say (0440 since 254). */
function configOf(settings: Settings, credentials?: string): ServerConfig {
  const { "db-key-file": keyFile, "auth-token-file": tokenFile, "health-token-file": healthTokenFile } = settings
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
    secretFiles: [keyFile, tokenFile, healthTokenFile, tlsFiles?.key]
      .filter((path) => path !== undefined)
      .filter((path) => credentials === undefined || dirname(resolve(path)) !== credentials),
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
    ...(tokenFile !== undefined && { staticToken: tokenIn("auth-token-file", tokenFile) }),
    ...(healthTokenFile !== undefined && { healthToken: tokenIn("health-token-file", healthTokenFile) }),
  }
}

function usage(): string {
  const rows = Object.entries<OptionRow>(OPTIONS).map(([name, row]) => {
    const byDefault = row.byDefault === undefined ? "" : ` (${row.byDefault})`
    return `  ${`--${name} ${row.value}`.padEnd(26)}${row.meaning}${byDefault}`
  })
  const [commands, offline] = [ADMIN_COMMANDS, OFFLINE_COMMANDS].map((table) =>
    Object.entries(table).map(([name, { usage: more, meaning }]) => `  ${`${name} ${more}`.padEnd(26)}${meaning}`),
  )
  return [
    "Usage: qpq-server [options]",
    "       qpq-server config [options] [--json]",
    "       qpq-server COMMAND [--data-dir DIR] [--json]",
    "",
    "The delivery server of quicproquo. Each option can also be given as QPQ_NAME in the environment",
    '(--data-dir is QPQ_DATA_DIR) or as name = "value" in the TOML file; docs/CONFIGURATION.md has them all.',
    "",
    ...rows,
    "",
    `${`  ${CONFIG}`.padEnd(28)}prints every setting, its value and who said so, and whether the server would start`,
    "",
    "Commands ask the server that runs on the data folder, through a socket that only its own user can open:",
    ...(commands ?? []),
    "",
    "backup and check also work while no server runs there, as these two only do:",
    ...(offline ?? []),
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
