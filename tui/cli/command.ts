/** What a command of `qpq` is: a row of the table, and a run that speaks only to the core and to `out`. */
import type { Client } from "../../core/client/client-api.ts"
import type { ProfileGate } from "../../core/client/gate.ts"
import type { DoorSurroundings } from "../../core/client/key-door-place.ts"
import type { World } from "../../core/domain/world.ts"
import type { Environment, FaceConfig } from "../config.ts"
import type { Out } from "./out.ts"

export type UnlockedBy = "password" | "app"

export interface Terminal {
  /** Whether somebody sits in front of it. */
  readonly interactive: boolean
  /** Asks without echo. @throws E070 without a terminal, E076 on ctrl+c. */
  secret(question: string): Promise<string>
  ask(question: string): Promise<string>
  /** All of standard input as text. @throws E026 when it is not UTF-8. */
  readAll(): Promise<string>
  /** Standard input line by line, until its end or the signal. */
  lines(signal: AbortSignal): AsyncIterable<string>
}

export interface CommandContext {
  /** The whole table. */
  readonly commands: readonly CommandRow[]
  readonly config: FaceConfig
  readonly env: Environment
  /** process.execPath, to start a server with. */
  readonly execPath: string
  readonly gate: ProfileGate
  readonly out: Out
  readonly terminal: Terminal
  readonly world: World
  /** Fires on ctrl+c and SIGTERM. */
  readonly signal: AbortSignal
  /** The account password, given or asked for. @param confirm asks twice. */
  password(confirm: boolean): Promise<string>
  /** What the profile's database is locked with: the account's password, unless there is a file of its own for it. */
  passphrase(): Promise<string>
  /** Unlocks the profile's database: by a password that was given, else by an open app, else by asking for it. */
  unlock(): Promise<UnlockedBy>
  /** Where an open app is looked for; undefined when it is not to be asked. */
  readonly sharing: DoorSurroundings | undefined
  /** Unlocks, and opens the account's session. @throws E065 */
  client(): Promise<Client>
}

/** Values of the command's own options by their long names, without dashes. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

export type Run = (context: CommandContext, args: readonly string[], options: OptionValues) => Promise<void>

export interface CommandRow {
  readonly name: string
  /** Usage of the positional arguments: "GROUP USER..." or "[GROUP]". */
  readonly args: string
  readonly summary: string
  readonly example: string
  readonly options?: readonly { readonly flags: string; readonly meaning: string }[]
  /** Loaded only when it runs. */
  readonly load: () => Promise<Run>
}
