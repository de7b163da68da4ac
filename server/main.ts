#!/usr/bin/env node
/** qpq-server: reads its settings, then serves, watches over a process that does, or asks the one that runs. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { constants } from "node:os"
import { ERRORS, toQpqError } from "../core/domain/errors.ts"
import { packageVersion } from "../core/domain/package-root.ts"
import { hostPortText } from "../core/domain/server-address.ts"
import { realWorld } from "../core/domain/world.ts"
import { administer } from "./admin.ts"
import { readRequest } from "./config.ts"
import type { ConfigOrder, ServerConfig, UpkeepOrder } from "./config.ts"
import { CHILD } from "./options.ts"
import { serverLog } from "./ops/log.ts"
import { assertFitForProduction } from "./ops/production.ts"
import { Supervisor } from "./ops/supervisor.ts"
import type { Before } from "./ops/supervisor.ts"

const OWNER_ONLY = 0o077
const NAME_COLUMNS = 20
const VALUE_COLUMNS = 32
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

async function run(config: ServerConfig): Promise<void> {
  const child = process.env[CHILD]
  if (config.production) assertFitForProduction(config)
  if (config.isSupervised && child === undefined) {
    await supervise(config)
    return
  }
  const { runServer } = await import("./program.ts")
  await runServer(config, { process, isSupervised: child !== undefined, restarts: Number(child ?? 0) })
}

/** Its part of the code is for these commands alone. */
async function upkeep(order: UpkeepOrder): Promise<void> {
  const { keepUp } = await import("./upkeep.ts")
  await keepUp(order, (line) => void process.stdout.write(`${line}\n`))
}

/** Then refuses what a start would refuse. */
function printConfig({ settings, read, json }: ConfigOrder): void {
  for (const { name, value, source } of settings) {
    const row = { name, value: value ?? null, source }
    const line = `${name.padEnd(NAME_COLUMNS)}${(value ?? "-").padEnd(VALUE_COLUMNS)} ${source}`
    process.stdout.write(`${json ? JSON.stringify(row) : line}\n`)
  }
  const config = read()
  if (config.production) assertFitForProduction(config)
}

/** In a session of its own: what a terminal sends goes to this process alone, which hands it on. */
async function supervise(config: ServerConfig): Promise<void> {
  let starts = 0
  const start = (before: Before): ChildProcess => {
    const ports = before ? ["--listen", hostPortText(before.listen), "--health", hostPortText(before.health)] : []
    return fork(process.argv[1] ?? "", [...process.argv.slice(2), ...ports], {
      detached: true,
      env: { ...process.env, [CHILD]: String(starts++) },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    })
  }
  const log = serverLog(config.logLevel)
  const supervisor = new Supervisor({ start, clock: realWorld.clock, log, signals: constants.signals })
  for (const name of SIGNALS) {
    process.on(name, () => {
      supervisor.signal(name)
    })
  }
  process.exit(await supervisor.run())
}

// Whatever this process writes is for its own user.
process.umask(OWNER_ONLY)
try {
  const request = readRequest(process.argv.slice(2), process.env)
  if (request.kind === "help") process.stdout.write(request.text)
  else if (request.kind === "version") process.stdout.write(`${packageVersion()}\n`)
  else if (request.kind === "admin") await administer(request.order, (line) => void process.stdout.write(`${line}\n`))
  else if (request.kind === "upkeep") await upkeep(request.order)
  else if (request.kind === "config") printConfig(request.order)
  else await run(request.config)
} catch (thrown) {
  const error = toQpqError(thrown)
  const { exit, remedy } = ERRORS[error.code]
  const cause = error.code === "E099" && error.cause instanceof Error ? `: ${error.cause.message}` : ""
  const advice = error.detail === undefined && cause === "" ? `. ${remedy}` : ""
  process.stderr.write(`qpq-server: ${error.code} ${error.message}${cause}${advice}\n`)
  process.exit(exit)
}
