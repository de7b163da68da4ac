/** The server on this computer: started once, reused by every app, outlives them; its address never changes. */
import envPaths from "env-paths"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { hasCode, QpqError } from "../core/domain/errors.ts"
import { parseServerAddress } from "../core/domain/server-address.ts"
import { startServer } from "./server-child.ts"
import type { StartedServer, Surroundings } from "./server-child.ts"

const RECORD = "local-server.json"
/** In the profile's folder. */
const MARK = "local-server"
const PORT_FIRST = 7000
const HEALTH_MS_MAX = 2000
const HTTP_OK = 200
/** How long another start that was first may take until its server answers. */
const ANOTHERS_MS_MAX = 8000
const POLL_MS = 100

export interface LocalServer {
  /** qpq://127.0.0.1:port?pin=… */
  readonly address: string
  readonly pid: number
}

interface LocalRecord extends LocalServer {
  readonly health: string
}

export const localServerFolder = (): string => envPaths("qpq-server", { suffix: "" }).data

/**
 * Starts it, or finds it running. Of two starts at once the database lets one win; the other one uses that server.
 * @throws E053 when it cannot be started.
 */
export async function startLocalServer(around: Surroundings, dataDir = localServerFolder()): Promise<LocalServer> {
  const running = await findRunning(dataDir)
  if (running) return running
  try {
    return writeRecord(dataDir, await startOnPort(around, dataDir, readRecord(dataDir)))
  } catch (thrown) {
    if (!hasCode(thrown, "E053")) throw thrown
    const another = await waitForAnother(around, dataDir)
    if (another) return another
    throw thrown
  }
}

/** Notes in a profile's folder that its server is the one on this computer. */
export function rememberLocalServer(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  writeFileSync(join(home, MARK), "")
}

export const usesLocalServer = (home: string): boolean => existsSync(join(home, MARK))

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

async function findRunning(dataDir: string): Promise<LocalServer | undefined> {
  const known = readRecord(dataDir)
  return known && (await isHealthy(known.health)) ? known : undefined
}

async function waitForAnother({ world }: Surroundings, dataDir: string): Promise<LocalServer | undefined> {
  const giveUpAt = world.clock.monotonic() + ANOTHERS_MS_MAX
  for (;;) {
    const running = await findRunning(dataDir)
    if (running || world.clock.monotonic() > giveUpAt) return running
    await world.clock.sleep(POLL_MS)
  }
}

function writeRecord(dataDir: string, { address, health, pid }: StartedServer): LocalServer {
  const record: LocalRecord = { address, health, pid }
  const draft = join(dataDir, `${RECORD}.new`)
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 })
  renameSync(draft, join(dataDir, RECORD))
  return record
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
