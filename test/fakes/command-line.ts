/** `qpq` as scripts see it: arguments in, lines and an exit status out; the code runs in this process. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { realWorld } from "../../core/domain/world.ts"
import type { Terminal } from "../../tui/cli/command.ts"
import { until } from "./until.ts"
import { runQpq } from "../../tui/cli/run.ts"

export interface Finished {
  readonly status: number
  readonly lines: readonly string[]
  /** Standard output read as JSON lines. */
  readonly json: readonly Readonly<Record<string, unknown>>[]
  readonly errors: string
}

export interface CallOptions {
  /** Standard input. */
  readonly input?: string
  readonly signal?: AbortSignal
  readonly env?: Readonly<Record<string, string>>
}

/** A folder with profiles; each name has the password "pw-" and the name. */
export class CommandLine implements Disposable {
  /** What the newest command of each profile has printed. */
  readonly #running = new Map<string, readonly string[]>()
  readonly folder = mkdtempSync(join(tmpdir(), "qpq-homes-"));

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  home(name: string): string {
    return join(this.folder, name)
  }

  /** A field of the first line of this type that a command of this profile prints, while it still runs. */
  async printed(name: string, type: string, field: string): Promise<string> {
    let found: unknown
    await until(`${name} prints ${type}`, () => {
      const lines = (this.#running.get(name) ?? []).map((line) => JSON.parse(line) as Record<string, unknown>)
      found = lines.find((line) => line["type"] === type)?.[field]
      return found !== undefined
    })
    return String(found)
  }

  /** With --json. */
  async qpq(name: string, argv: readonly string[], options: CallOptions = {}): Promise<Finished> {
    return this.plain(name, [...argv, "--json"], options)
  }

  async plain(name: string, argv: readonly string[], options: CallOptions = {}): Promise<Finished> {
    const out: string[] = []
    this.#running.set(name, out)
    const errors: string[] = []
    const env = { QPQ_PASSWORD: `pw-${name}`, QPQ_UNSAFE_TESTING_STRETCHING: "tiny", QPQ_HOME: this.home(name) }
    const status = await runQpq({
      argv,
      env: { ...env, PATH: process.env["PATH"], ...options.env },
      execPath: process.execPath,
      terminal: withInput(options.input ?? ""),
      stdout: { write: (line) => void out.push(line) },
      stderr: { write: (line) => void errors.push(line) },
      world: realWorld,
      signal: options.signal ?? new AbortController().signal,
      version: "0.0.0",
    })
    const lines = out.join("\n").split("\n")
    const json = argv.includes("--json") ? out.map((line) => JSON.parse(line) as Record<string, unknown>) : []
    return { status, lines, json, errors: errors.join("\n") }
  }
}

function withInput(input: string): Terminal {
  return {
    interactive: false,
    secret: () => Promise.reject(new Error("no terminal")),
    ask: () => Promise.reject(new Error("no terminal")),
    readAll: () => Promise.resolve(input),
    async *lines() {
      for (const line of input.split("\n")) yield line
    },
  }
}
