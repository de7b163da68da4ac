/** Where a face's settings come from: flag > environment > file > default (docs/CLI.md). */
import envPaths from "env-paths"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { DoorSurroundings } from "../core/client/key-door-place.ts"
import { QpqError } from "../core/domain/errors.ts"

export type Environment = Readonly<Record<string, string | undefined>>

export interface Flags {
  readonly home?: string
  readonly server?: string
  readonly ca?: string
  readonly passwordFile?: string
  readonly passphraseFile?: string
  readonly json?: boolean
  /** Seconds, as typed. */
  readonly timeout?: string
  /** False with --no-share. */
  readonly share?: boolean
}

export interface FaceConfig {
  readonly home: string
  readonly server: string | undefined
  /** PEM of the CA certificates to trust. */
  readonly ca: string | undefined
  readonly json: boolean
  /** undefined: each command has its own. */
  readonly timeoutMs: number | undefined
  /** Whether an open app may unlock the profile. */
  readonly share: boolean
}

export const configFile = (home: string): string => join(home, "config.toml")

const SECONDS_MAX = 86_400

/** For programs that are started from here: the password is not theirs. */
export const withoutPassword = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => name !== "QPQ_PASSWORD"))

export const defaultHome = (): string => envPaths("qpq", { suffix: "" }).data

/** @throws E071 for a value that is not allowed, E072 for a file that cannot be read. */
export async function faceConfig(flags: Flags, env: Environment): Promise<FaceConfig> {
  const home = flags.home ?? env["QPQ_HOME"] ?? defaultHome()
  const file = await fileSettings(configFile(home))
  const caFile = flags.ca ?? env["QPQ_CA"] ?? file["ca"]
  const timeout = flags.timeout ?? file["timeout"]
  return {
    home,
    server: flags.server ?? env["QPQ_SERVER"] ?? file["server"],
    ca: caFile === undefined ? undefined : readText(caFile),
    json: flags.json ?? env["QPQ_JSON"] === "1",
    timeoutMs: timeout === undefined ? undefined : secondsToMs(timeout, "--timeout"),
    share: isShared(flags, env, file),
  }
}

const isShared = (flags: Flags, env: Environment, file: Environment): boolean =>
  flags.share !== false && !isOn(env["QPQ_NO_SHARE"] || file["no-share"] || "", "no-share")

const ON_OR_OFF: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false, "": false }

/** @throws E071 */
export function isOn(value: string, what: string): boolean {
  const on = ON_OR_OFF[value]
  if (on === undefined) throw new QpqError("E071", `${what} ${JSON.stringify(value)}; accepted: true, false`)
  return on
}

/** Where the door of an open app is looked for. */
export const doorSurroundings = (env: Environment): DoorSurroundings => ({
  runtime: env["XDG_RUNTIME_DIR"],
  temporary: env["TMPDIR"] ?? "/tmp",
})

/** @throws E071 */
export function secondsToMs(text: string, what: string): number {
  const seconds = Number(text)
  if (text.trim() === "" || !(seconds >= 0 && seconds <= SECONDS_MAX)) {
    throw new QpqError("E071", `${what} is a number of seconds from 0 to ${SECONDS_MAX}`)
  }
  return seconds * 1000
}

/** The first line of a password file, or a variable; undefined when neither is given. @throws E072, E071 when empty */
export function givenPassword(file: string | undefined, variable: string | undefined): string | undefined {
  const password = file === undefined ? variable : readText(file).split(/\r?\n/, 1)[0]
  if (password === "") throw new QpqError("E071", "the password is empty")
  return password
}

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (cause) {
    throw new QpqError("E072", path, { cause })
  }
}

/** The last ones are of the terminal app. */
const FILE_KEYS: readonly string[] = [
  "server",
  "ca",
  "timeout",
  "theme",
  "notifications",
  "ascii",
  "no-share",
  "log-file",
  "log-level",
  "no-animation",
  "screen-reader",
  "say-sent",
]

/** @throws E071 for what is no setting, E072 */
export async function fileSettings(path: string): Promise<Environment> {
  if (!existsSync(path)) return {}
  const { parse } = await import("smol-toml")
  const settings: Record<string, string> = {}
  for (const [key, value] of Object.entries(parsed(parse, path))) {
    if (!FILE_KEYS.includes(key)) throw new QpqError("E071", `${path}: ${key} is not known`)
    if (!["string", "number", "boolean"].includes(typeof value)) throw new QpqError("E071", `${path}: ${key}`)
    settings[key] = String(value)
  }
  return settings
}

function parsed(parse: (text: string) => Record<string, unknown>, path: string): Record<string, unknown> {
  const text = readText(path)
  try {
    return parse(text)
  } catch (cause) {
    throw new QpqError("E071", `${path} is not TOML`, { cause })
  }
}
