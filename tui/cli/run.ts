/** One call of `qpq`: arguments against the table, then the command, then an exit status. Never throws. */
import { Command, CommanderError } from "commander"
import { ProfileGate } from "../../core/client/gate.ts"
import { ERRORS, QpqError, toQpqError } from "../../core/domain/errors.ts"
import type { World } from "../../core/domain/world.ts"
import { doorSurroundings, faceConfig, givenPassword } from "../config.ts"
import type { Environment, FaceConfig, Flags } from "../config.ts"
import type { CommandContext, CommandRow, OptionValues, Terminal, UnlockedBy } from "./command.ts"
import { COMMANDS } from "./commands.ts"
import { GLOBAL_OPTIONS } from "./global-options.ts"
import { Out } from "./out.ts"
import type { LineSink } from "./out.ts"

const USAGE = 2

export interface Invocation {
  readonly argv: readonly string[]
  readonly env: Environment
  readonly execPath: string
  readonly terminal: Terminal
  readonly stdout: LineSink
  readonly stderr: LineSink
  readonly world: World
  readonly signal: AbortSignal
  readonly version: string
}

/** @returns the exit status. */
export async function runQpq(invocation: Invocation): Promise<number> {
  const chosen: { run?: () => Promise<number> } = {}
  const program = programOf(invocation, (row, args, options) => {
    chosen.run = () => runRow(invocation, { row, args, options })
  })
  try {
    await program.parseAsync([...invocation.argv], { from: "user" })
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : usage(invocation, thrown)
    throw thrown
  }
  return chosen.run ? chosen.run() : 0
}

function usage({ argv, env, stdout }: Invocation, error: CommanderError): number {
  if (argv.includes("--json") || env["QPQ_JSON"] === "1") {
    const failure = new QpqError("E070", error.message.replace(/^error: /, ""))
    const { code, message, retryable } = failure
    stdout.write(JSON.stringify({ type: "error", code, message, retryable }))
  }
  return USAGE
}

type Choose = (row: CommandRow, args: readonly string[], options: OptionValues & Flags) => void

function programOf({ stdout, stderr, version }: Invocation, choose: Choose): Command {
  const trimmed = (sink: LineSink) => (text: string) => {
    sink.write(text.replace(/\n$/, ""))
  }
  const program = new Command("qpq")
    .description("private group chat from the command line")
    .version(version, "--version")
    .exitOverride()
    .configureOutput({ writeOut: trimmed(stdout), writeErr: trimmed(stderr) })
    .showSuggestionAfterError()
  for (const row of COMMANDS) {
    const command = program.command(row.name).summary(row.summary).description(row.summary).exitOverride()
    for (const argument of row.args.split(" ").filter((part) => part !== "")) command.argument(argumentOf(argument))
    for (const { flags, meaning } of row.options ?? []) command.option(optionOf(flags), meaning)
    for (const { flags, variable, meaning } of GLOBAL_OPTIONS) {
      command.option(optionOf(flags), variable === undefined ? meaning : `${meaning} (${variable})`)
    }
    command.addHelpText("after", `\nExample:\n  ${row.example}`)
    command.action(() => {
      choose(row, command.args, command.opts())
    })
  }
  return program
}

/** "USER..." and "[GROUP]" of the table as commander writes them. */
const argumentOf = (text: string): string => (text.startsWith("[") ? text : `<${text}>`)
const optionOf = (flags: string): string => flags.replace(/ (\S+)$/, " <$1>")

interface Chosen {
  readonly row: CommandRow
  readonly args: readonly string[]
  readonly options: OptionValues & Flags
}

async function runRow(invocation: Invocation, { row, args, options }: Chosen): Promise<number> {
  const { env, stdout, stderr, world, signal } = invocation
  let out = new Out(options.json === true || env["QPQ_JSON"] === "1", stdout, stderr)
  let gate: ProfileGate | undefined
  try {
    const config = await faceConfig(options, env)
    out = new Out(config.json, stdout, stderr)
    const tiny = env["QPQ_UNSAFE_TESTING_STRETCHING"] === "tiny"
    gate = new ProfileGate({ home: config.home, world, ...(tiny && { unsafeTestingTinyStretching: true }) })
    const run = await row.load()
    await run(contextOf(invocation, { config, options, gate, out }), args, options)
    return signal.aborted ? ERRORS.E076.exit : 0
  } catch (thrown) {
    const error = signal.aborted ? new QpqError("E076") : toQpqError(thrown)
    out.failure(error)
    return ERRORS[error.code].exit
  } finally {
    await gate?.close().catch(() => undefined)
  }
}

interface Prepared {
  readonly config: FaceConfig
  readonly options: Flags
  readonly gate: ProfileGate
  readonly out: Out
}

function contextOf(invocation: Invocation, { config, options, gate, out }: Prepared): CommandContext {
  const { env, execPath, terminal, world, signal } = invocation
  const sharing = config.share ? doorSurroundings(env) : undefined
  let known: string | undefined
  const given = (): string | undefined =>
    (known ??= givenPassword(options.passwordFile ?? env["QPQ_PASSWORD_FILE"], env["QPQ_PASSWORD"]))
  const password = async (confirm: boolean): Promise<string> => (known = given() ?? (await asked(terminal, confirm)))
  const ownPassphrase = (): string | undefined =>
    givenPassword(options.passphraseFile ?? env["QPQ_PASSPHRASE_FILE"], undefined) ?? given()
  const passphrase = async (): Promise<string> => ownPassphrase() ?? (await password(false))
  const unlock = async (): Promise<UnlockedBy> => {
    if ((await gate.profile()).state === "new" && !(await isNewAllowed())) throw new QpqError("E065", config.home)
    const isGiven = ownPassphrase() !== undefined
    const byApp = !isGiven && sharing ? await gate.unlockByApp(sharing, signal) : undefined
    const { server } = byApp ?? (await gate.unlock(await passphrase()))
    // The account lives on one server.
    if (server !== undefined && config.server !== undefined) gate.renewServer(config.server)
    return byApp ? "app" : "password"
  }
  const isNewAllowed = async (): Promise<boolean> => MAKES_PROFILES.includes(invocation.argv[0] ?? "")
  const client = async () => {
    await unlock()
    await gate.open()
    return gate.client
  }
  const rooms = { commands: COMMANDS, config, env, execPath, gate, out, terminal, world, signal, sharing }
  return { ...rooms, password, passphrase, unlock, client }
}

/** Only these may make a profile where there is none. */
const MAKES_PROFILES: readonly string[] = ["register-user", "register-state", "login"]

async function asked(terminal: Terminal, confirm: boolean): Promise<string> {
  const password = await terminal.secret("Password: ")
  if (password === "") throw new QpqError("E071", "the password is empty")
  if (confirm && (await terminal.secret("Again: ")) !== password) throw new QpqError("E071", "the two differ")
  return password
}
