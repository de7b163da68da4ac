/** The real server as a process of its own, and clients that dial it. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Auth } from "../../core/contract/caller.ts"
import type { Envelope } from "../../core/contract/node-service.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { formatPin, parseServerAddress } from "../../core/domain/server-address.ts"
import type { ServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { attach } from "../../core/rpc/attach.ts"
import { remoteNode } from "../../core/rpc/remote-node.ts"
import type { RemoteNode } from "../../core/rpc/remote-node.ts"
import { packageRoot } from "../../core/domain/package-root.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import type { Connection } from "../../core/transport/transport.ts"
import { fetchOf } from "./node-device.ts"
import type { AccountDoor } from "./node-device.ts"

const READY = /^qpq-server ready (qpq:\/\/\S+) health (http:\/\/\S+)\n$/
const SHOWS_MS_MAX = 20_000

export interface Ended {
  /** null when a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder for one test's server; removed by `remove`. */
export function dataFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "qpq-server-"))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export const hashOf = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex")

export class ServerProcess implements AsyncDisposable {
  readonly readyLine: string
  readonly address: ServerAddress
  readonly healthUrl: string
  readonly #child: ChildProcess
  readonly #ended: Promise<Ended>

  private constructor(child: ChildProcess, ended: Promise<Ended>, readyLine: string) {
    const [, address = "", healthUrl = ""] = READY.exec(readyLine) ?? []
    this.readyLine = readyLine
    this.address = parseServerAddress(address)
    this.healthUrl = healthUrl
    this.#child = child
    this.#ended = ended
  }

  /** Resolves when the server says that it is ready. */
  static async start(dataDir: string, ...more: readonly string[]): Promise<ServerProcess> {
    const { child, ended, output } = launch(dataDir, more)
    const ready = new Promise<string>((resolve) => {
      child.stdout.on("data", () => {
        if (output.stdout.includes("\n")) resolve(output.stdout)
      })
    })
    const first = await Promise.race([ready, ended])
    if (typeof first === "string") return new ServerProcess(child, ended, first)
    throw new Error(`the server ended with ${first.status}: ${first.stderr}`)
  }

  /** For a start that must fail. */
  static async refused(dataDir: string, ...more: readonly string[]): Promise<Ended> {
    const { child, ended, output } = launch(dataDir, more)
    child.stdout.on("data", () => child.kill("SIGKILL"))
    const end = await ended
    if (output.stdout !== "") throw new Error("the server started")
    return end
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  get ended(): Promise<Ended> {
    return this.#ended
  }

  async stop(name: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.signal(name)
    return this.#ended
  }

  async get(path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`${this.healthUrl}${path}`)
    return { status: response.status, body: await response.text() }
  }

  /** Asks for the metrics until one of their lines is `line`. */
  async shows(line: string): Promise<void> {
    const giveUpAt = performance.now() + SHOWS_MS_MAX
    while (!(await this.get("/metrics")).body.split("\n").includes(line)) {
      if (performance.now() > giveUpAt) throw new Error(`in vain: ${line}`)
    }
  }

  /** A fresh connection with the pin of the ready line. */
  async dial(auth?: Auth): Promise<Dialled> {
    const connection = await new QuicDialer(realWorld).connect({
      host: this.address.host,
      port: this.address.port,
      trust: { kind: "pins", pins: this.address.pins },
      timeoutMs: 15_000,
    })
    const endpoint = attach(connection.openStream(), { world: realWorld })
    const node = remoteNode(endpoint, () => auth)
    return { connection, node, door: { service: node, serverName: formatPin(connection.serverPin) } }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL")
  }
}

export interface Dialled {
  readonly connection: Connection
  readonly node: RemoteNode
  readonly door: AccountDoor
}

/** As it is shipped; the sources start three times as slowly. */
export const SERVER_PROGRAM = join(packageRoot(), "dist/server/main.js")

function launch(dataDir: string, more: readonly string[]) {
  // Its process id is the server's own, to be killed or stopped; flags that come later count.
  const at = ["--data-dir", dataDir, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0", "--supervise", "no"]
  const child = spawn(process.execPath, [SERVER_PROGRAM, ...at, ...more], {
    cwd: packageRoot(),
    stdio: ["ignore", "pipe", "pipe"],
  })
  const output = { stdout: "", stderr: "" }
  child.stdout.on("data", (text: Buffer) => (output.stdout += text.toString()))
  child.stderr.on("data", (text: Buffer) => (output.stderr += text.toString()))
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (status) => resolve({ status, ...output }))
  })
  return { child, ended, output }
}

/** The whole mailbox, a page at a time. */
export async function allRows(node: RemoteNode, deviceKey: DeviceKey): Promise<readonly Envelope[]> {
  const rows: Envelope[] = []
  let page = await node.fetch(fetchOf(deviceKey))
  rows.push(...page.envelopes)
  while (page.more) {
    const { generation } = page
    page = await node.fetch(fetchOf(deviceKey, { generation, after: rows.at(-1)!.position }))
    rows.push(...page.envelopes)
  }
  return rows
}
