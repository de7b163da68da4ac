/** Drivers (driver.ts) as their programme sees them: started on a folder, asked, killed -9, started again. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import type { Client, Delivery, LinkView } from "../../core/client/client-api.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { packageRoot } from "../../core/domain/package-root.ts"
import type { TransportLimits } from "../../core/transport/transport.ts"
import type { Ledger } from "./ledger.ts"

export interface DriverSetting {
  readonly home: string
  readonly name: string
  readonly password: string
  /** qpq://… */
  readonly server: string
  /** How often this person was started. */
  readonly life: number
  readonly liveness: Pick<TransportLimits, "keepAliveMs" | "idleMs">
}

type Method = Exclude<keyof Client, "events">

export type DriverOrder =
  | { readonly kind: "call"; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly kind: "talk"; readonly groupId: string; readonly everyMs: number }

export type DriverReport =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly code: ErrorCode }
  | { readonly kind: "queued"; readonly id: string; readonly text: string }
  | { readonly kind: "unsaid"; readonly code: ErrorCode }
  | { readonly kind: "delivery"; readonly id: string; readonly delivery: Delivery }
  | { readonly kind: "heard"; readonly text: string }
  | { readonly kind: "trouble"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "link"; readonly state: LinkView["state"] }

const READY_MS_MAX = 60_000

/** Bundled once per programme, so that a client that was killed is back in a fraction of a second. */
export async function builtDriver(): Promise<{ readonly path: string; remove(): void }> {
  const folder = mkdtempSync(join(packageRoot(), "dist/rough-"))
  const path = join(folder, "driver.mjs")
  await build({
    absWorkingDir: packageRoot(),
    entryPoints: ["test/rough/driver.ts"],
    outfile: path,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  })
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface DrivenOptions extends Omit<DriverSetting, "life"> {
  readonly driver: string
  readonly ledger: Ledger
}

/** A call ended with the process that was asked, or was refused with a code. */
export class NoAnswer extends Error {
  readonly code: ErrorCode | "killed"

  constructor(code: ErrorCode | "killed") {
    super(code)
    this.code = code
  }
}

export class Driven {
  readonly options: DrivenOptions
  /** Codes of the troubles that its client told, with their counts. */
  readonly troubles = new Map<string, number>()
  link: LinkView["state"] = "connecting"
  lives = 0
  /** Texts of others in this life. */
  readonly heard = new Set<string>()
  onReport: (report: DriverReport) => void = () => undefined
  #child: ChildProcess | undefined
  #asked = 0
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (reason: Error) => void }
  >()

  constructor(options: DrivenOptions) {
    this.options = options
  }

  get name(): string {
    return this.options.name
  }

  get isUp(): boolean {
    return this.#child !== undefined
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when its session follows; registers at the first start. */
  async start(): Promise<void> {
    const { driver, ledger, ...setting } = this.options
    const life: DriverSetting = { ...setting, life: ++this.lives }
    this.link = "connecting"
    this.heard.clear()
    const child = fork(driver, [JSON.stringify(life)], { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] })
    this.#child = child
    const ready = new Promise<void>((resolve, reject) => {
      child.on("message", (report: DriverReport) => {
        if (report.kind === "ready") resolve()
        else this.#take(report, ledger)
      })
      child.once("exit", (status, signal) => {
        this.#ended(child)
        reject(new Error(`${this.name} ended with ${String(status ?? signal)} at its start`))
      })
      setTimeout(() => reject(new Error(`${this.name} was not ready in time`)), READY_MS_MAX).unref()
    })
    await ready
  }

  call<Name extends Method>(method: Name, ...args: Parameters<Client[Name]>): ReturnType<Client[Name]> {
    const id = ++this.#asked
    const answer = new Promise<unknown>((resolve, reject) => {
      if (!this.#child) {
        reject(new NoAnswer("killed"))
        return
      }
      this.#waiting.set(id, { resolve, reject })
      this.#order({ kind: "call", id, method, args })
    })
    return answer as ReturnType<Client[Name]>
  }

  /** Says something new again and again; 0 stops. */
  talk(groupId: string, everyMs: number): void {
    this.#order({ kind: "talk", groupId, everyMs })
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  /** Closes its profile first, so that nothing waits in a log of the database. */
  async stop(): Promise<void> {
    const bye = this.isUp ? this.call("close").catch(() => undefined) : undefined
    await bye
    await this.#end("SIGKILL")
  }

  #order(order: DriverOrder): void {
    const child = this.#child
    if (child?.connected === true) child.send(order, () => undefined)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child) return
    const gone = once(child, "exit")
    child.kill(signal)
    await gone
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child) return
    this.#child = undefined
    for (const { reject } of this.#waiting.values()) reject(new NoAnswer("killed"))
    this.#waiting.clear()
  }

  #take(report: DriverReport, ledger: Ledger): void {
    if (report.kind === "answer") this.#settle(report.id)?.resolve(report.value)
    if (report.kind === "refusal") this.#settle(report.id)?.reject(new NoAnswer(report.code))
    if (report.kind === "queued") ledger.queued(this.name, report)
    if (report.kind === "delivery") ledger.delivered(report.id, report.delivery)
    if (report.kind === "link") this.link = report.state
    if (report.kind === "heard") this.heard.add(report.text)
    if (report.kind === "trouble") {
      const what = `${report.code} ${report.message}`
      this.troubles.set(what, (this.troubles.get(what) ?? 0) + 1)
    }
    this.onReport(report)
  }

  #settle(id: number) {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }
}
