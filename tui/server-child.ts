/** Starts a qpq-server as a child process and waits until it is ready. Faces meet the server only on the wire. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { packageRoot } from "../core/domain/package-root.ts"
import { hex } from "../core/domain/bytes.ts"
import { QpqError } from "../core/domain/errors.ts"
import type { World } from "../core/domain/world.ts"
import type { Environment } from "./config.ts"

const READY_MS_MAX = 15_000
const POLL_MS = 20
const READY = /^qpq-server ready (qpq:\S+) health (http:\S+)$/m

export interface ServerOrder {
  readonly dataDir: string
  /** HOST:PORT; port 0 takes a free one. */
  readonly listen: string
  readonly health: string
  /** Outlives this process, in a session of its own. */
  readonly detached: boolean
  /** Further flags. */
  readonly more?: readonly string[]
}

export interface Surroundings {
  readonly world: World
  /** process.execPath. */
  readonly execPath: string
  readonly env: Environment
  /** The arguments that run qpq-server; those of the one beside this program unless told. */
  readonly server?: readonly string[]
}

export interface StartedServer {
  readonly address: string
  readonly health: string
  readonly pid: number
  /** SIGTERM, then the end of the process. */
  stop(): Promise<void>
  /** As if the power went: SIGKILL. */
  kill(): Promise<void>
}

/** @throws E053 when it ends early or is not ready in time; its log is `server.log` in the data folder. */
export async function startServer(order: ServerOrder, around: Surroundings): Promise<StartedServer> {
  mkdirSync(order.dataDir, { recursive: true, mode: 0o700 })
  // Of its own name: another start at the same moment must not cut off what this one waits for.
  const readyFile = join(order.dataDir, `server.${hex(around.world.random.bytes(4))}.out`)
  const child = spawnServer(order, around, readyFile)
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve()
    })
    child.once("error", () => {
      resolve()
    })
  })
  const [, address, health] = await readyLine(readyFile, child, around.world, logOf(order)).finally(() => {
    rmSync(readyFile, { force: true })
  })
  const { pid } = child
  if (address === undefined || health === undefined || pid === undefined) throw new QpqError("E053", "no ready line")
  if (order.detached) child.unref()
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return { address, health, pid, stop: end("SIGTERM"), kill: end("SIGKILL") }
}

function spawnServer(order: ServerOrder, around: Surroundings, readyFile: string): ChildProcess {
  const { execPath, env, server = entry() } = around
  const out = openSync(readyFile, "w", 0o600)
  const log = openSync(logOf(order), "a", 0o600)
  try {
    const { dataDir, listen, health, detached, more } = order
    const flags = ["--data-dir", dataDir, "--listen", listen, "--health", health, "--supervise", "no", ...(more ?? [])]
    const own = Object.entries(env).filter(([name]) => !name.startsWith("QPQ_"))
    const stdio: ("ignore" | number)[] = ["ignore", out, log]
    return spawn(execPath, [...server, ...flags], { detached, stdio, env: Object.fromEntries(own) })
  } finally {
    closeSync(out)
    closeSync(log)
  }
}

const logOf = ({ dataDir }: ServerOrder): string => join(dataDir, "server.log")

/** Sources run sources, the built program runs the built one. */
function entry(): readonly string[] {
  const root = packageRoot()
  if (!import.meta.url.endsWith(".ts")) return [join(root, "dist/server/main.js")]
  return ["--import", "tsx", join(root, "server/main.ts")]
}

async function readyLine(path: string, child: ChildProcess, { clock }: World, log: string): Promise<RegExpExecArray> {
  const giveUpAt = clock.monotonic() + READY_MS_MAX
  for (;;) {
    const found = READY.exec(readFileSync(path, "utf8"))
    if (found) return found
    if (child.exitCode !== null || child.signalCode !== null)
      throw new QpqError("E053", `the server ended at its start; see ${log}`)
    if (clock.monotonic() > giveUpAt) {
      child.kill("SIGKILL")
      throw new QpqError("E053", "the server was not ready in time")
    }
    await clock.sleep(POLL_MS)
  }
}
