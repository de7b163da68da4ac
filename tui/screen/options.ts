/** What can be set at the start: flag before environment before config.toml before default. One table behind usage and settings. */
import { parseArgs } from "node:util"
import { QpqError } from "../../core/domain/errors.ts"
import { NOTIFICATIONS } from "./notifications.ts"
import type { Notifications } from "./notifications.ts"
import { colourDepth } from "./terminal-colours.ts"
import { THEME_NAMES } from "./themes.ts"
import type { ColourDepth, ThemeName } from "./themes.ts"

export interface ScreenOptions {
  /** undefined: the platform's data folder. */
  readonly home: string | undefined
  readonly server: string | undefined
  /** undefined: the profile's key file, if there is one. */
  readonly keys: string | undefined
  readonly user: string | undefined
  readonly passwordFile: string | undefined
  readonly password: string | undefined
  readonly local: boolean
  /** End the server on this computer, and nothing else. */
  readonly stopLocal: boolean
  readonly ascii: boolean
  /** Plain lines instead of the screen; undefined: not said here. */
  readonly screenReader: boolean | undefined
  /** In plain lines: say when the server has a message. */
  readonly saySent: boolean
  readonly theme: ThemeName
  readonly notifications: Notifications
  readonly depth: ColourDepth
  readonly help: boolean
  /** Of what was given; the rest is as it is without. */
  readonly sources: Readonly<Partial<Record<OptionName, Source>>>
}

export type Source = "default" | "profile" | "file" | "environment" | "flag"

type OptionName =
  | "home"
  | "server"
  | "user"
  | "password-file"
  | "local"
  | "stop-local"
  | "keys"
  | "theme"
  | "notifications"
  | "ascii"
  | "screen-reader"
  | "say-sent"
  | "help"

interface Option {
  /** What stands for its value; a flag without one is on or off. */
  readonly value?: string
  readonly variable?: string
  /** Also a key of config.toml. */
  readonly file?: true
  readonly accepted?: readonly string[]
  readonly help: string
}

const OPTIONS: Readonly<Record<OptionName, Option>> = {
  home: { value: "DIR", variable: "QPQ_HOME", help: "where keys and history are kept" },
  server: { value: "URL", variable: "QPQ_SERVER", file: true, help: "qpq://host:port?pin=..." },
  user: { value: "NAME", help: "register with this name when the profile is new" },
  "password-file": {
    value: "FILE",
    variable: "QPQ_PASSWORD_FILE",
    help: "read the password from a file; else QPQ_PASSWORD",
  },
  local: { help: "start a server on this computer without asking" },
  "stop-local": { help: "end the server on this computer, and say whether one ran" },
  keys: {
    value: "FILE",
    variable: "QPQ_KEYS",
    help: "keys to use instead of keys.toml in that folder, docs/KEYS.md",
  },
  theme: { value: "NAME", variable: "QPQ_THEME", file: true, accepted: THEME_NAMES, help: THEME_NAMES.join(", ") },
  notifications: {
    value: "HOW",
    variable: "QPQ_NOTIFICATIONS",
    file: true,
    accepted: NOTIFICATIONS,
    help: NOTIFICATIONS.join(", "),
  },
  ascii: { variable: "QPQ_ASCII", file: true, help: "no box drawing, no symbols" },
  "screen-reader": {
    variable: "QPQ_SCREEN_READER",
    file: true,
    help: "plain lines, one under the other, to be read out",
  },
  "say-sent": { variable: "QPQ_SAY_SENT", file: true, help: "in plain lines: say when the server has a message" },
  help: { help: "this text" },
}

const ROWS = Object.entries(OPTIONS) as readonly (readonly [OptionName, Option])[]

const FLAG_CELLS = 24

const usageLine = ([name, { value, variable, file, help }]: (typeof ROWS)[number]): string => {
  const flag = `--${name}${value === undefined ? "" : ` ${value}`}`
  const others = [...(variable === undefined ? [] : [variable]), ...(file ? ["config.toml"] : [])]
  return `  ${flag.padEnd(FLAG_CELLS)}${help}${others.length === 0 ? "" : ` (${others.join(", ")})`}`
}

export const USAGE = `Usage: qpq-tui [OPTION]...
       qpq-tui --stop-local

${ROWS.map(usageLine).join("\n")}

NO_COLOR=1 switches colours off. Use \`qpq\` in scripts.
`

type Environment = Readonly<Record<string, string | undefined>>

/**
 * @param file the settings of config.toml.
 * @throws E070 for a flag that it does not know, E071 for a value that is not accepted, with those that are.
 */
export function screenOptions(argv: readonly string[], env: Environment, file: Environment = {}): ScreenOptions {
  const flags = parse(argv)
  const given = new Map(ROWS.map(([name, option]) => [name, givenFor(name, option, { flags, env, file })]))
  const text = (name: OptionName): string | undefined => given.get(name)?.value
  const isOn = (name: OptionName): boolean => onOrOff(name, text(name))
  return {
    home: text("home"),
    server: text("server"),
    keys: text("keys"),
    user: text("user"),
    passwordFile: text("password-file"),
    password: env["QPQ_PASSWORD"] === "" ? undefined : env["QPQ_PASSWORD"],
    local: isOn("local"),
    stopLocal: isOn("stop-local"),
    ascii: isOn("ascii"),
    screenReader: text("screen-reader") === undefined ? undefined : isOn("screen-reader"),
    saySent: isOn("say-sent"),
    theme: THEME_NAMES.find((name) => name === text("theme")) ?? "auto",
    notifications: NOTIFICATIONS.find((name) => name === text("notifications")) ?? "auto",
    depth: colourDepth(env),
    help: isOn("help"),
    sources: Object.fromEntries([...given].flatMap(([name, one]) => (one ? [[name, one.source]] : []))),
  }
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

const ON_OR_OFF: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false }

/** @throws E071 */
function onOrOff(name: OptionName, value: string | undefined): boolean {
  if (value === undefined) return false
  const on = ON_OR_OFF[value]
  if (on === undefined) throw new QpqError("E071", `${name} ${JSON.stringify(value)}; accepted: true, false`)
  return on
}

/** @throws E070 */
function parse(argv: readonly string[]): Places["flags"] {
  const options = Object.fromEntries(
    ROWS.map(([name, { value }]) => [name, { type: value === undefined ? ("boolean" as const) : ("string" as const) }]),
  )
  try {
    const args = argv.map((arg) => (arg === "-h" ? "--help" : arg))
    return parseArgs({ args, strict: true, allowPositionals: false, options }).values
  } catch (cause) {
    throw new QpqError("E070", cause instanceof Error ? cause.message : undefined, { cause })
  }
}
