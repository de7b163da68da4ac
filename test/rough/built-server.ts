/** The built qpq-server on one folder and one port, killed and started again as often as a programme likes. */
import { execFile, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { packageRoot } from "../../core/domain/package-root.ts"
import { parseServerAddress } from "../../core/domain/server-address.ts"

const READY = /^qpq-server ready (qpq:\/\/\S+) health (\S+)\n/
const READY_MS_MAX = 20_000
/** Many people here have one address, and say more than people do. */
const FLAGS = ["--rate-limit", "off", "--log-level", "warn"]
const ALONE = ["--supervise", "no"]

export class BuiltServer {
  readonly dataDir: string
  /** Besides this process's own. */
  env: Readonly<Record<string, string>> = {}
  /** From the spawn to the ready line, in milliseconds; one per start. */
  readonly startsMs: number[] = []
  /** What of it was its own work; on a busy machine the rest is waiting for others. Empty where there is no /proc. */
  readonly startsCpuMs: number[] = []
  address = ""
  healthUrl = ""
  readonly #flags: readonly string[]
  readonly #root: string
  #child: ChildProcess | undefined
  #port = 0

  /**
   * @param flags without them its process id is the server's own, and no parent's.
   * @param port 0 for any at its first start. @param root of the package whose server it is.
   */
  constructor(dataDir: string, flags: readonly string[] = ALONE, port = 0, root = packageRoot()) {
    this.dataDir = dataDir
    this.#root = root
    this.#flags = [...FLAGS, ...flags]
    this.#port = port
    mkdirSync(dataDir, { recursive: true })
  }

  /** 0 while there is none. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get isUp(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  get port(): number {
    return this.#port
  }

  get databasePath(): string {
    return join(this.dataDir, "node.sqlite")
  }

  /** Resolves when it says that it is ready; from the second time on at the same port. */
  async start(): Promise<void> {
    const at = ["--data-dir", this.dataDir, "--listen", `127.0.0.1:${this.#port}`, "--health", "127.0.0.1:0"]
    const log = openSync(join(this.dataDir, "server.log"), "a")
    const since = performance.now()
    const child = spawn(process.execPath, [join(this.#root, "dist/server/main.js"), ...at, ...this.#flags], {
      stdio: ["ignore", "pipe", log],
      env: { ...process.env, ...this.env },
    })
    closeSync(log)
    this.#child = child
    const line = await readyLine(child)
    this.startsMs.push(performance.now() - since)
    const cpuMs = cpuMsOf(child.pid ?? 0)
    if (cpuMs !== undefined) this.startsCpuMs.push(cpuMs)
    const [, address = "", healthUrl = ""] = READY.exec(line) ?? []
    this.address = address
    this.healthUrl = healthUrl
    this.#port = parseServerAddress(this.address).port
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`${this.healthUrl}${path}`)
    return { status: response.status, body: await response.text() }
  }

  /** As if it had never been asked: kill -9. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  /** Drained, so that its database can be looked at. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM")
  }

  /** Another command of the program on some folder. @throws when it fails, with what it printed. */
  static async administer(...argv: readonly string[]): Promise<void> {
    await promisify(execFile)(process.execPath, [join(packageRoot(), "dist/server/main.js"), ...argv])
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, "exit")
    child.kill(signal)
    await gone
  }
}

async function readyLine(child: ChildProcess): Promise<string> {
  let text = ""
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (bytes: Buffer) => {
      text += bytes.toString()
      if (READY.test(text)) resolve(text)
    })
    child.once("exit", (status) => reject(new Error(`the server ended with ${String(status)} instead of being ready`)))
    setTimeout(() => reject(new Error("the server was not ready in time")), READY_MS_MAX).unref()
  })
  return ready
}

const TICK_MS = 10

/** User and system time of all its threads (proc(5): fields 14 and 15, behind the name in brackets). */
function cpuMsOf(pid: number): number | undefined {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return undefined
  const fields = readFileSync(path, "utf8").split(") ")[1]?.split(" ") ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
