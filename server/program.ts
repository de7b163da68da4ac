/** The server's process: starts, says that it is ready, and drains on SIGINT or SIGTERM. */
import { ERRORS, toQpqError } from "../core/domain/errors.ts"
import { realWorld } from "../core/domain/world.ts"
import type { ServerConfig } from "./config.ts"
import { serverLog } from "./ops/log.ts"
import type { ServerLog } from "./ops/log.ts"
import { startServer } from "./ops/running-server.ts"
import type { RunningServer } from "./ops/running-server.ts"
import { BEAT_MS } from "./ops/supervisor.ts"
import type { ChildMessage } from "./ops/supervisor.ts"

const EXIT_STORE_DIED = 70
const EXIT_SECOND_SIGNAL = 130
const EXIT_ORPHANED = 1
/** A drain that takes longer is cut off; whatever was acknowledged is stored. */
const DRAIN_MS_MAX = 5500

export interface ProgramRooms {
  readonly process: NodeJS.Process
  /** Another process watches over this one; the address was printed before. */
  readonly isSupervised: boolean
  /** How many processes it takes the place of. */
  readonly restarts: number
}

export async function runServer(config: ServerConfig, rooms: ProgramRooms): Promise<void> {
  const { process, isSupervised, restarts } = rooms
  const log = serverLog(config.logLevel)
  process.on("uncaughtException", (thrown) => {
    log.fatal({ error: thrown }, "unexpected failure")
    process.exit(ERRORS.E099.exit)
  })
  // Whoever kills the parent wants the server to be gone.
  if (isSupervised) process.on("disconnect", () => process.exit(EXIT_ORPHANED))
  const early = { stopped: false }
  const stopEarly = (): void => {
    if (early.stopped) process.exit(EXIT_SECOND_SIGNAL)
    early.stopped = true
  }
  process.on("SIGINT", stopEarly).on("SIGTERM", stopEarly)
  const server = await startServer(config, {
    world: realWorld,
    log,
    restarts,
    onStoreDeath: (error) => {
      log.fatal({ error }, "the store's thread ended")
      process.exit(EXIT_STORE_DIED)
    },
  })
  process.off("SIGINT", stopEarly).off("SIGTERM", stopEarly)
  const drainOnce = drainer(server, log, process)
  process.on("SIGINT", drainOnce).on("SIGTERM", drainOnce)
  process.on("SIGHUP", () => {
    server.reload().catch((thrown: unknown) => {
      log.error({ error: thrown }, "the certificate was not read anew")
    })
  })
  if (isSupervised) beat(server, process)
  if (early.stopped) {
    drainOnce("SIGTERM")
    return
  }
  if (restarts === 0) process.stdout.write(`${server.readyLine}\n`)
  log.info({ listen: server.listen, health: server.health }, "ready")
}

/** Its event loop turns: told every second. */
function beat({ listen, health }: RunningServer, process: NodeJS.Process): void {
  const tell = (message: ChildMessage): void => {
    if (process.connected) process.send?.(message)
  }
  const goOn = (): void => {
    tell({ kind: "beat" })
    realWorld.clock.after(BEAT_MS, goOn)
  }
  tell({ kind: "ready", listen, health })
  goOn()
}

/** What a signal does: the first one drains, the second one ends the process at once. */
function drainer(server: RunningServer, log: ServerLog, process: NodeJS.Process): (signal: NodeJS.Signals) => void {
  let isDraining = false
  return (signal) => {
    if (isDraining) process.exit(EXIT_SECOND_SIGNAL)
    isDraining = true
    log.info({ signal }, "draining")
    realWorld.clock.after(DRAIN_MS_MAX, () => {
      log.warn("drained too slowly; ending")
      process.exit(0)
    })
    server.drain().then(
      () => {
        log.info("drained")
        process.exit(0)
      },
      (thrown: unknown) => {
        log.error({ error: thrown }, "draining failed")
        process.exit(toQpqError(thrown).code === "E063" ? EXIT_STORE_DIED : ERRORS.E099.exit)
      },
    )
  }
}
