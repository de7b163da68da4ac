/** The built `qpq` as real processes: one per command, with a barrier that releases many at once. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"
import type { ProfilePlace } from "./profile-record.ts"

export interface CommandEnd {
  /** -1 when it was killed. */
  readonly status: number
  readonly json: readonly Readonly<Record<string, unknown>>[]
  readonly stderr: string
  readonly ms: number
}

export interface RunningCommand {
  readonly end: Promise<CommandEnd>
  readonly kill: () => void
}

const ENTRY = "dist/tui/cli/main.js"

export class QpqProcesses {
  /** Besides this process's own. */
  env: Readonly<Record<string, string>> = {}
  readonly #tiny: boolean
  readonly #entry: string
  readonly #running = new Set<ChildProcess>()

  /** @param tiny whether the password is stretched at a test's cost. @param root of the package whose `qpq` it is. */
  constructor(tiny: boolean, root = packageRoot()) {
    this.#tiny = tiny
    this.#entry = join(root, ENTRY)
  }

  /** `qpq` with --json. */
  run(place: ProfilePlace, argv: readonly string[]): Promise<CommandEnd> {
    return this.start(place, argv).end
  }

  /** The same, to be killed before it ends. */
  start(place: ProfilePlace, argv: readonly string[]): RunningCommand {
    const child = this.#spawn(place, process.execPath, [this.#entry, ...argv, "--json"])
    return { end: this.#ended(child), kill: () => void child.kill("SIGKILL") }
  }

  /** @throws when it does not end with 0. */
  async done(place: ProfilePlace, argv: readonly string[]): Promise<CommandEnd> {
    const end = await this.run(place, argv)
    if (end.status !== 0) throw new Error(`${place.name}: qpq ${argv.join(" ")}: ${end.status} ${end.stderr}`)
    return end
  }

  /** Starts a shell that turns into `qpq` when it is released. */
  held(place: ProfilePlace, argv: readonly string[]): { release(): Promise<CommandEnd> } {
    const words = ["-c", 'read go; exec "$@"', "sh", process.execPath, this.#entry, ...argv, "--json"]
    const child = this.#spawn(place, "sh", words)
    return {
      release: () => {
        child.stdin?.end("go\n")
        return this.#ended(child)
      },
    }
  }

  kill(): void {
    for (const child of this.#running) child.kill("SIGKILL")
  }

  #spawn({ home, password }: ProfilePlace, program: string, words: readonly string[]): ChildProcess {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("QPQ_"))
    const env = {
      ...Object.fromEntries(own),
      ...this.env,
      QPQ_HOME: home,
      QPQ_PASSWORD: password,
      ...(this.#tiny && { QPQ_UNSAFE_TESTING_STRETCHING: "tiny" }),
    }
    const child = spawn(program, words, { env, stdio: ["pipe", "pipe", "pipe"] })
    child.stdin.on("error", () => undefined)
    this.#running.add(child)
    return child
  }

  async #ended(child: ChildProcess): Promise<CommandEnd> {
    const since = performance.now()
    let [stdout, stderr] = ["", ""]
    child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()))
    child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()))
    const status = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)))
    this.#running.delete(child)
    // What was killed may have left a line unfinished.
    const lines = stdout.split("\n").slice(0, -1)
    const json = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    return { status, json, stderr, ms: performance.now() - since }
  }
}
