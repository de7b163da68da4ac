/** What the command line and the environment say: flag before environment before default. */
import { parseArgs } from "node:util"
import { QpqError } from "../../core/domain/errors.ts"

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
  readonly colour: boolean
  readonly help: boolean
  /** Of what was given; the rest is as it is without. */
  readonly sources: { readonly home: Source | undefined; readonly keys: Source | undefined }
}

export type Source = "default" | "profile" | "file" | "environment" | "flag"

export const USAGE = `Usage: qpq-tui [--home DIR] [--server URL] [--user NAME] [--password-file FILE] [--local] [--ascii]
               [--keys FILE]
       qpq-tui --stop-local

  --home DIR            where keys and history are kept (QPQ_HOME)
  --server URL          qpq://host:port?pin=... (QPQ_SERVER)
  --user NAME           register with this name when the profile is new
  --password-file FILE  read the password from a file (QPQ_PASSWORD_FILE, QPQ_PASSWORD)
  --local               start a server on this computer without asking
  --stop-local          end the server on this computer, and say whether one ran
  --keys FILE           keys to use instead of keys.toml in that folder (QPQ_KEYS, docs/KEYS.md)
  --ascii               no box drawing, no symbols
  --help                this text

NO_COLOR=1 switches colours off. Use \`qpq\` in scripts.
`

type Environment = Readonly<Record<string, string | undefined>>

/** @throws E070 for what it does not know. */
export function screenOptions(argv: readonly string[], env: Environment): ScreenOptions {
  const {
    home,
    server,
    keys,
    user,
    local,
    ascii,
    help,
    "password-file": passwordFile,
    "stop-local": stopLocal,
  } = flags(argv)
  const set = (name: string): string | undefined => (env[name] === "" ? undefined : env[name])
  return {
    home: home ?? set("QPQ_HOME"),
    server: server ?? set("QPQ_SERVER"),
    keys: keys ?? set("QPQ_KEYS"),
    user,
    passwordFile: passwordFile ?? set("QPQ_PASSWORD_FILE"),
    password: set("QPQ_PASSWORD"),
    local: local === true,
    stopLocal: stopLocal === true,
    ascii: ascii === true,
    colour: set("NO_COLOR") === undefined,
    help: help === true,
    sources: { home: sourceOf(home, set("QPQ_HOME")), keys: sourceOf(keys, set("QPQ_KEYS")) },
  }
}

const sourceOf = (flag: string | undefined, variable: string | undefined): Source | undefined =>
  flag !== undefined ? "flag" : variable !== undefined ? "environment" : undefined

type Flags = ReturnType<typeof parse>

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      home: { type: "string" },
      server: { type: "string" },
      keys: { type: "string" },
      user: { type: "string" },
      "password-file": { type: "string" },
      local: { type: "boolean" },
      "stop-local": { type: "boolean" },
      ascii: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  }).values

function flags(argv: readonly string[]): Flags {
  try {
    return parse(argv)
  } catch (cause) {
    throw new QpqError("E070", cause instanceof Error ? cause.message : undefined, { cause })
  }
}
