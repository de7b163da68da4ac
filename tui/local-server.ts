/** The server on this computer: started once, reused by every app, outlives them, ended on request; its address stays. */
import envPaths from "env-paths"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Gate } from "../core/client/client-api.ts"
import { hasCode, QpqError } from "../core/domain/errors.ts"
import { formatPin, parseServerAddress } from "../core/domain/server-address.ts"
import type { World } from "../core/domain/world.ts"
import { pidHolder } from "./pid-holder.ts"
import { startServer } from "./server-child.ts"
import type { StartedServer, Surroundings } from "./server-child.ts"

const RECORD = "local-server.json"
/** In the profile's folder. */
const MARK = "local-server"
const PORT_FIRST = 7000
/** How long a server of ours that is there may take until it answers, or has ended. */
const ANSWER_MS_MAX = 8000
/** The server itself cuts its drain off after 5.5 s. */
const STOP_MS_MAX = 6500
const POLL_MS = 100
/** Whoever was first writes its record right after its server answers. */
const RECORD_MS_MAX = 1000

export interface LocalServer {
  /** qpq://127.0.0.1:port?pin=… */
  readonly address: string
  readonly pid: number
}

/** As it stands in the file. */
interface LocalRecord extends LocalServer {
  /** It was told to end: it may answer for a moment still, and is not used any more. */
  readonly isEnding?: boolean
}

export interface LocalSurroundings extends Surroundings {
  /** Shakes hands with a server and tells its pin. */
  readonly inspect: Gate["inspect"]
}

export interface StopSurroundings {
  readonly world: World
  /** process.kill. */
  readonly kill: (pid: number, signal: "SIGTERM") => void
}

const localServerFolder = (): string => envPaths("qpq-server", { suffix: "" }).data

/**
 * Starts it, or finds it running; whoever answers must show the recorded pin. Of two starts at once the database lets
 * one win; the other one uses that server.
 * @throws E053 when it cannot be started or does not answer, E056 when another server answers in its place, E071 for a
 * damaged record.
 */
export async function startLocalServer(around: LocalSurroundings, folder?: string): Promise<LocalServer> {
  const dataDir = folderOf(folder)
  const known = readRecord(dataDir)
  const running = known && (await answering(known, around, dataDir))
  if (running) return running
  try {
    return writeRecord(dataDir, await startOnPort(around, dataDir, known))
  } catch (thrown) {
    if (!hasCode(thrown, "E053")) throw thrown
    const another = await waitForAnother(around, dataDir)
    if (another) return another
    throw thrown
  }
}

/**
 * Ends it with SIGTERM and waits until it has drained.
 * @returns the server that ran; undefined when none did.
 * @throws E055 when it has not ended after 6.5 s, E071 for a damaged record, E077 when the recorded process is another
 * program, which is left alone.
 */
export async function stopLocalServer(around: StopSurroundings, folder?: string): Promise<LocalServer | undefined> {
  const { clock } = around.world
  const dataDir = folderOf(folder)
  const known = readRecord(dataDir)
  if (!known) return undefined
  const holder = pidHolder(known.pid, dataDir)
  if (holder === "nobody") return undefined
  if (holder === "another") throw new QpqError("E077", `process ${known.pid}, recorded in ${join(dataDir, RECORD)}`)
  writeRecord(dataDir, { ...known, isEnding: true })
  terminate(known.pid, around)
  const giveUpAt = clock.monotonic() + STOP_MS_MAX
  while (pidHolder(known.pid, dataDir) === "server") {
    if (clock.monotonic() > giveUpAt) throw new QpqError("E055", `process ${known.pid} was told to end and still runs`)
    await clock.sleep(POLL_MS)
  }
  return toServer(known)
}

/** Notes in a profile's folder that its server is the one on this computer. */
export function rememberLocalServer(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  writeFileSync(join(home, MARK), "")
}

export const usesLocalServer = (home: string): boolean => existsSync(join(home, MARK))

const folderOf = (folder: string | undefined): string => resolve(folder ?? localServerFolder())

/** Profiles keep the address, so the port of the first start is taken again. */
async function startOnPort(
  around: Surroundings,
  dataDir: string,
  known: LocalServer | undefined,
): Promise<StartedServer> {
  const start = (port: number) =>
    startServer({ dataDir, listen: `127.0.0.1:${port}`, health: "127.0.0.1:0", detached: true }, around)
  if (known) return start(parseServerAddress(known.address).port)
  return start(PORT_FIRST).catch((thrown: unknown) => {
    if (!hasCode(thrown, "E053")) throw thrown
    return start(0)
  })
}

/**
 * The recorded server once it answers; undefined when its process is over, or ends while it is waited for.
 * @throws E053 when it runs and does not answer, E056.
 */
async function answering(
  known: LocalRecord,
  around: LocalSurroundings,
  dataDir: string,
): Promise<LocalServer | undefined> {
  const { clock } = around.world
  const giveUpAt = clock.monotonic() + ANSWER_MS_MAX
  while (pidHolder(known.pid, dataDir) === "server") {
    if (clock.monotonic() > giveUpAt) {
      throw new QpqError("E053", `process ${known.pid} runs and does not answer; end it with \`qpq-tui --stop-local\``)
    }
    const over = new AbortController()
    const ended = untilEnded(known, dataDir, around.world, over.signal)
    const answers = await Promise.race(known.isEnding === true ? [ended] : [showsItsPin(known, around), ended]).finally(
      () => {
        over.abort()
      },
    )
    if (answers) return toServer(known)
    await clock.sleep(POLL_MS)
  }
  return undefined
}

/** A server that drains answers no more; it is not waited for longer than it lives. */
async function untilEnded(
  { pid }: LocalServer,
  dataDir: string,
  { clock }: World,
  signal: AbortSignal,
): Promise<false> {
  while (!signal.aborted && pidHolder(pid, dataDir) === "server") {
    await clock.sleep(POLL_MS, signal).catch(() => undefined)
  }
  return false
}

/** Whether the server at the recorded address answers. @throws E056 when it is another one. */
async function showsItsPin({ address }: LocalServer, { inspect }: LocalSurroundings): Promise<boolean> {
  const { host, port, pins } = parseServerAddress(address)
  const seen = await inspect(address).catch(() => undefined)
  if (!seen) return false
  if (pins.some((pin) => formatPin(pin) === seen.pin)) return true
  throw new QpqError("E056", `another server answers at ${host}:${port}, the place of the one on this computer`)
}

/** When the start failed, another one may have been first, or somebody may have started it by hand. */
async function waitForAnother(around: LocalSurroundings, dataDir: string): Promise<LocalServer | undefined> {
  const { clock } = around.world
  const giveUpAt = clock.monotonic() + ANSWER_MS_MAX
  let answersSince: number | undefined
  for (;;) {
    const known = readRecord(dataDir)
    if (known && known.isEnding !== true && (await showsItsPin(known, around))) {
      answersSince ??= clock.monotonic()
      // At the address of before: the record may still name the process that ended.
      const isNew = pidHolder(known.pid, dataDir) === "server"
      if (isNew || clock.monotonic() - answersSince > RECORD_MS_MAX) return toServer(known)
    }
    if (clock.monotonic() > giveUpAt) return undefined
    await clock.sleep(POLL_MS)
  }
}

function terminate(pid: number, { kill }: StopSurroundings): void {
  try {
    kill(pid, "SIGTERM")
  } catch (cause) {
    // Over in this very moment: nothing is left to end.
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw new QpqError("E077", `process ${pid}`, { cause })
  }
}

const toServer = ({ address, pid }: LocalServer): LocalServer => ({ address, pid })

function writeRecord(dataDir: string, { address, pid, isEnding }: LocalRecord): LocalServer {
  const record: LocalRecord = { address, pid, ...(isEnding === true ? { isEnding } : {}) }
  const draft = join(dataDir, `${RECORD}.new`)
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 })
  renameSync(draft, join(dataDir, RECORD))
  return toServer(record)
}

/** @throws E071 when it is damaged. */
function readRecord(dataDir: string): LocalRecord | undefined {
  const path = join(dataDir, RECORD)
  if (!existsSync(path)) return undefined
  try {
    const { address, pid, isEnding } = JSON.parse(readFileSync(path, "utf8")) as Partial<LocalRecord>
    if (typeof address === "string" && typeof pid === "number" && parseServerAddress(address).pins.length > 0) {
      return { address, pid, isEnding: isEnding === true }
    }
  } catch (cause) {
    throw new QpqError("E071", path, { cause })
  }
  throw new QpqError("E071", path)
}
