/** What can be set at the start: flag before environment before config.toml before default. One table behind usage and settings. */
import { parseArgs } from "node:util"
import { QpqError } from "../../core/domain/errors.ts"
import { isOn as isOnFor } from "../config.ts"
import { LOG_LEVELS } from "../../core/client/core-log.ts"
import type { LogLevel } from "../../core/client/core-log.ts"
import type { Recovery } from "../../core/client/recovery.ts"
import { NOTIFICATIONS } from "./notifications.ts"
import type { Notifications } from "./notifications.ts"
import { OPTION_ROWS } from "./option-table.ts"
import type { Option, OptionName } from "./option-table.ts"
import { colourDepth } from "./terminal-colours.ts"
import { THEME_NAMES } from "./themes.ts"
import type { ColourDepth, ThemeName } from "./themes.ts"

export interface ScreenOptions {
  /** undefined: the platform's data folder. */
  readonly home: string | undefined
  readonly server: string | undefined
  /** File of the CA certificates to trust. */
  readonly ca: string | undefined
  /** undefined: the profile's key file, if there is one. */
  readonly keys: string | undefined
  readonly user: string | undefined
  readonly passwordFile: string | undefined
  readonly password: string | undefined
  readonly local: boolean
  /** Of a new account; undefined: not said. */
  readonly recovery: Recovery | undefined
  /** End the server on this computer, and nothing else. */
  readonly stopLocal: boolean
  readonly ascii: boolean
  /** Nothing moves by itself. */
  readonly still: boolean
  /** Plain lines instead of the screen; undefined: not said here. */
  readonly screenReader: boolean | undefined
  /** In plain lines: say when the server has a message. */
  readonly saySent: boolean
  readonly theme: ThemeName
  readonly notifications: Notifications
  /** Commands of the profile need no password while this is open. */
  readonly share: boolean
  /** undefined: in the profile's folder; "off": none. */
  readonly logFile: string | undefined
  readonly logLevel: LogLevel
  readonly depth: ColourDepth
  readonly help: boolean
  /** Of what was given; the rest is as it is without. */
  readonly sources: Readonly<Partial<Record<OptionName, Source>>>
}

export type Source = "default" | "chosen with /theme" | "profile" | "file" | "environment" | "flag"

const FLAG_CELLS = 24

const usageLine = ([name, { value, variable, file, help }]: (typeof OPTION_ROWS)[number]): string => {
  const flag = `--${name}${value === undefined ? "" : ` ${value}`}`
  const others = [...(variable === undefined ? [] : [variable]), ...(file ? ["config.toml"] : [])]
  return `  ${flag.padEnd(FLAG_CELLS)}${help}${others.length === 0 ? "" : ` (${others.join(", ")})`}`
}

export const USAGE = `Usage: qpq-tui [OPTION]...
       qpq-tui --stop-local

${OPTION_ROWS.map(usageLine).join("\n")}

NO_COLOR=1 switches colours off. Use \`qpq\` in scripts.
`

type Environment = Readonly<Record<string, string | undefined>>

/**
 * @param file the settings of config.toml.
 * @throws E070 for a flag that it does not know, E071 for a value that is not accepted, with those that are.
 */
export function screenOptions(argv: readonly string[], env: Environment, file: Environment = {}): ScreenOptions {
  const flags = parse(argv)
  const given = new Map(OPTION_ROWS.map(([name, option]) => [name, givenFor(name, option, { flags, env, file })]))
  const text = (name: OptionName): string | undefined => given.get(name)?.value
  const isOn = (name: OptionName): boolean => isOnFor(text(name) ?? "", name)
  return {
    home: text("home"),
    server: text("server"),
    ca: text("ca"),
    keys: text("keys"),
    user: text("user"),
    passwordFile: text("password-file"),
    password: env["QPQ_PASSWORD"] === "" ? undefined : env["QPQ_PASSWORD"],
    local: isOn("local"),
    recovery: recoveryOf(isOn("no-recovery"), isOn("recovery-code")),
    stopLocal: isOn("stop-local"),
    ascii: isOn("ascii"),
    still: isOn("no-animation"),
    screenReader: text("screen-reader") === undefined ? undefined : isOn("screen-reader"),
    saySent: isOn("say-sent"),
    theme: THEME_NAMES.find((name) => name === text("theme")) ?? "auto",
    notifications: NOTIFICATIONS.find((name) => name === text("notifications")) ?? "auto",
    share: !isOn("no-share"),
    logFile: text("log-file"),
    logLevel: LOG_LEVELS.find((level) => level === text("log-level")) ?? "info",
    depth: colourDepth(env),
    help: isOn("help"),
    sources: Object.fromEntries([...given].flatMap(([name, one]) => (one ? [[name, one.source]] : []))),
  }
}

function recoveryOf(isNone: boolean, isCode: boolean): Recovery | undefined {
  if (isNone && isCode) throw new QpqError("E070", "--no-recovery and --recovery-code exclude each other")
  if (isNone) return "none"
  return isCode ? "code" : undefined
}

interface Given {
  readonly value: string
  readonly source: Source
}

interface Places {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly env: Environment
  readonly file: Environment
}

/** @throws E071 */
function givenFor(name: OptionName, option: Option, { flags, env, file }: Places): Given | undefined {
  const flag = flags[name]
  const variable = option.variable === undefined ? undefined : env[option.variable]
  const found: readonly (readonly [string | undefined, Source])[] = [
    [flag === undefined ? undefined : String(flag), "flag"],
    [variable === "" ? undefined : variable, "environment"],
    [option.file ? file[name] : undefined, "file"],
  ]
  const [first] = found.flatMap(([value, source]) => (value === undefined ? [] : [{ value, source }]))
  if (first && option.accepted && !option.accepted.includes(first.value))
    throw new QpqError("E071", `${name} ${JSON.stringify(first.value)}; accepted: ${option.accepted.join(", ")}`)
  return first
}

/** @throws E070 */
function parse(argv: readonly string[]): Places["flags"] {
  const options = Object.fromEntries(
    OPTION_ROWS.map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  )
  try {
    const args = argv.map((arg) => (arg === "-h" ? "--help" : arg))
    return parseArgs({ args, strict: true, allowPositionals: false, options }).values
  } catch (cause) {
    throw new QpqError("E070", cause instanceof Error ? cause.message : undefined, { cause })
  }
}
