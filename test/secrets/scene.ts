/** Real programs on folders of their own: what they print is kept, what they are started with is watched. */
import { spawn } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { SERVER_PROGRAM } from "../fakes/server-process.ts"
import type { Canary, Place } from "./canary.ts"
import { ProcessWatch } from "./process-watch.ts"

const QPQ = join(packageRoot(), "dist/tui/cli/main.js")
/** What the person wrote: files with passwords and files to send; and what the person saved. */
const OWN_FOLDERS = ["input", "saved"]

export interface Someone {
  readonly name: string
  readonly password: Canary
  /** The password stands in this variable, or in a file that a flag names. */
  readonly by: "QPQ_PASSWORD" | "file"
}

export interface Said {
  readonly status: number
  readonly out: string
  readonly errors: string
}

export class Scene implements AsyncDisposable {
  readonly folder: string
  readonly watch = new ProcessWatch()
  readonly #outputs: Place[] = []
  readonly #apps: { readonly name: string; readonly app: AppTerminal }[] = []
  #runs = 0

  constructor(folder: string) {
    this.folder = folder
    for (const name of [...OWN_FOLDERS, "homes", "server", "tmp"]) mkdirSync(join(folder, name))
    // Of every program that is started from here.
    process.env["TMPDIR"] = join(folder, "tmp")
  }

  home(name: string): string {
    return join(this.folder, "homes", name)
  }

  get dataDir(): string {
    return join(this.folder, "server")
  }

  /** A file of the person's own. */
  input(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, "input", name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }

  /** `qpq` as somebody. @param stdin what is piped into it. */
  async qpq(who: Someone, argv: readonly string[], stdin = ""): Promise<Said> {
    const password = who.password.bytes.toString()
    const isVariable = who.by === "QPQ_PASSWORD"
    const file = isVariable ? [] : ["--password-file", this.input(`${who.name}-${this.#runs}`, `${password}\n`)]
    return this.#run(`qpq ${argv[0] ?? ""} of ${who.name}`, [QPQ, ...argv, ...file], {
      stdin,
      env: { QPQ_HOME: this.home(who.name), ...(isVariable && { QPQ_PASSWORD: password }) },
    })
  }

  /** `qpq-server` as the operator types it. */
  administer(...argv: readonly string[]): Promise<Said> {
    return this.#run(`qpq-server ${argv[0] ?? ""}`, [SERVER_PROGRAM, ...argv, "--data-dir", this.dataDir], {
      stdin: "",
      env: {},
    })
  }

  /** The app in a pseudo-terminal. */
  app(name: string, flags: readonly string[]): AppTerminal {
    const app = new AppTerminal({ home: this.home(name), flags, env: { XDG_RUNTIME_DIR: "" } })
    this.#apps.push({ name, app })
    return app
  }

  keep(place: Place): void {
    this.#outputs.push(place)
  }

  /** As the files are now: what a database has not moved out of its WAL, what a killed server left. */
  keepFiles(when: string): void {
    for (const file of filesIn(this.folder)) this.keep({ ...file, name: `${file.name} ${when}` })
  }

  /** Everything but what the person wrote and saved. */
  get places(): readonly Place[] {
    this.watch.look()
    const screens = this.#apps.map(({ name, app }, at) => ({
      name: `screen ${at} of ${name}`,
      kind: "screen" as const,
      bytes: Buffer.from(app.bytes),
    }))
    return [...filesIn(this.folder), ...this.#outputs, ...screens, ...this.watch.places]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.watch.end()
    for (const { app } of this.#apps) await app[Symbol.asyncDispose]()
  }

  async #run(
    what: string,
    words: readonly string[],
    given: { readonly stdin: string; readonly env: Readonly<Record<string, string>> },
  ): Promise<Said> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("QPQ_"))
    const env = {
      ...Object.fromEntries(inherited),
      QPQ_UNSAFE_TESTING_STRETCHING: "tiny",
      XDG_RUNTIME_DIR: "",
      ...given.env,
    }
    const child = spawn(process.execPath, words, { env, cwd: join(this.folder, "saved") })
    this.watch.given(child.pid ?? 0, "QPQ_PASSWORD")
    let [out, errors] = ["", ""]
    child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()))
    child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()))
    child.stdin.end(given.stdin)
    const status = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)))
    const name = `${what} (${++this.#runs})`
    this.keep({ name: `output of ${name}`, kind: "output", bytes: Buffer.from(out) })
    this.keep({ name: `errors of ${name}`, kind: "errors", bytes: Buffer.from(errors) })
    return { status, out, errors }
  }
}

/** Every file below `folder` but the person's own; logs are files by their names. */
export function filesIn(folder: string): readonly Place[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name))
  const searched = paths.filter((path) => !OWN_FOLDERS.includes(relative(folder, path).split("/")[0] ?? ""))
  return searched.map((path) => ({
    name: relative(folder, path),
    kind: /\.(log|audit)(\.1)?$/.test(path) ? ("log" as const) : ("disk" as const),
    bytes: readFileSync(path),
  }))
}
