/** The server on this computer: started once, reused by every app, outlives them; its address never changes. */
import envPaths from "env-paths"
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { hasCode, QpqError } from "../core/domain/errors.ts"
import { parseServerAddress } from "../core/domain/server-address.ts"
import { startServer } from "./server-child.ts"
import type { StartedServer, Surroundings } from "./server-child.ts"

const RECORD = "local-server.json"
const PORT_FIRST = 7000
const HEALTH_MS_MAX = 2000
const HTTP_OK = 200

export interface LocalServer {
  /** qpq://127.0.0.1:port?pin=… */
  readonly address: string
  readonly pid: number
}

interface LocalRecord extends LocalServer {
  readonly health: string
}

export const localServerFolder = (): string => envPaths("qpq-server", { suffix: "" }).data

/** Starts it, or finds it running. @throws E053 when it cannot be started. */
export async function startLocalServer(around: Surroundings, dataDir = localServerFolder()): Promise<LocalServer> {
  const known = readRecord(dataDir)
  if (known && (await isHealthy(known.health))) return known
  const started = await startOnPort(around, dataDir, known)
  const { address, health, pid } = started
  const record: LocalRecord = { address, health, pid }
  const draft = join(dataDir, `${RECORD}.new`)
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 })
  renameSync(draft, join(dataDir, RECORD))
  return record
}

/** Whether this address is the one of the server on this computer. */
export function isLocalServer(address: string, dataDir = localServerFolder()): boolean {
  return readRecord(dataDir)?.address === address
}

/** Ends the running server, if there is one of ours. @returns whether there was. */
export async function stopLocalServer(
  kill: (pid: number, signal: NodeJS.Signals) => void,
  dataDir = localServerFolder(),
): Promise<boolean> {
  const known = readRecord(dataDir)
  if (!known || !(await isHealthy(known.health))) return false
  kill(known.pid, "SIGTERM")
  return true
}

/** Profiles keep the address, so the port of the first start is taken again. */
async function startOnPort(
  around: Surroundings,
  dataDir: string,
  known: LocalRecord | undefined,
): Promise<StartedServer> {
  const start = (port: number) =>
    startServer({ dataDir, listen: `127.0.0.1:${port}`, health: "127.0.0.1:0", detached: true }, around)
  if (known) return start(parseServerAddress(known.address).port)
  return start(PORT_FIRST).catch((thrown: unknown) => {
    if (!hasCode(thrown, "E053")) throw thrown
    return start(0)
  })
}

function readRecord(dataDir: string): LocalRecord | undefined {
  const path = join(dataDir, RECORD)
  if (!existsSync(path)) return undefined
  const read: unknown = JSON.parse(readFileSync(path, "utf8"))
  if (typeof read !== "object" || read === null) throw new QpqError("E071", path)
  const { address, health, pid } = read as Partial<LocalRecord>
  if (address === undefined || health === undefined || pid === undefined) throw new QpqError("E071", path)
  return { address, health, pid }
}

const isHealthy = (health: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(`${health}/healthz`, { timeout: HEALTH_MS_MAX }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === HTTP_OK)
    })
    asked.on("timeout", () => asked.destroy())
    asked.on("error", () => {
      resolve(false)
    })
    asked.end()
  })
