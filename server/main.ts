#!/usr/bin/env node
/** qpq-server: reads its settings, starts, says that it is ready, and drains on SIGINT or SIGTERM. */
import { ERRORS, toQpqError } from "../core/domain/errors.ts"
import { realWorld } from "../core/domain/world.ts"
import { packageVersion } from "../core/domain/package-root.ts"
import { administer } from "./admin.ts"
import { readRequest } from "./config.ts"
import type { ServerConfig } from "./config.ts"
import { serverLog } from "./ops/log.ts"
import type { ServerLog } from "./ops/log.ts"
import { startServer } from "./ops/running-server.ts"
import { assertFitForProduction } from "./ops/production.ts"
import type { RunningServer } from "./ops/running-server.ts"

const OWNER_ONLY = 0o077
const EXIT_STORE_DIED = 70
const EXIT_SECOND_SIGNAL = 130
/** A drain that takes longer is cut off; whatever was acknowledged is stored. */
const DRAIN_MS_MAX = 5500

async function run(config: ServerConfig): Promise<void> {
  if (config.production) assertFitForProduction(config)
  const log = serverLog(config.logLevel)
  process.on("uncaughtException", (thrown) => {
    log.fatal({ error: thrown }, "unexpected failure")
    process.exit(ERRORS.E099.exit)
  })
  const early = { stopped: false }
  const stopEarly = (): void => {
    if (early.stopped) process.exit(EXIT_SECOND_SIGNAL)
    early.stopped = true
  }
  process.on("SIGINT", stopEarly).on("SIGTERM", stopEarly)
  const server = await startServer(config, {
    world: realWorld,
    log,
    onStoreDeath: (error) => {
      log.fatal({ error }, "the store's thread ended")
      process.exit(EXIT_STORE_DIED)
    },
  })
  process.off("SIGINT", stopEarly).off("SIGTERM", stopEarly)
  const drainOnce = drainer(server, log)
  process.on("SIGINT", drainOnce).on("SIGTERM", drainOnce)
  process.on("SIGHUP", () => {
    server.reloadCertificate().catch((thrown: unknown) => {
      log.error({ error: thrown }, "the certificate was not read anew")
    })
  })
  if (early.stopped) {
    drainOnce("SIGTERM")
    return
  }
  process.stdout.write(`${server.readyLine}\n`)
  log.info({ listen: server.listen, health: server.health }, "ready")
}

/** What a signal does: the first one drains, the second one ends the process at once. */
function drainer(server: RunningServer, log: ServerLog): (signal: NodeJS.Signals) => void {
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

// Whatever this process writes is for its own user.
process.umask(OWNER_ONLY)
try {
  const request = readRequest(process.argv.slice(2), process.env)
  if (request.kind === "help") process.stdout.write(request.text)
  else if (request.kind === "version") process.stdout.write(`${packageVersion()}\n`)
  else if (request.kind === "admin") await administer(request.order, (line) => void process.stdout.write(`${line}\n`))
  else await run(request.config)
} catch (thrown) {
  const error = toQpqError(thrown)
  const { exit, remedy } = ERRORS[error.code]
  const cause = error.code === "E099" && error.cause instanceof Error ? `: ${error.cause.message}` : ""
  const advice = error.detail === undefined && cause === "" ? `. ${remedy}` : ""
  process.stderr.write(`qpq-server: ${error.code} ${error.message}${cause}${advice}\n`)
  process.exit(exit)
}
