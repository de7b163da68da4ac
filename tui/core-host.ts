/** Starts the client core in its own thread: the face never waits for cryptography or the disk. */
import type { Worker } from "node:worker_threads"
import type { Core } from "../core/client/client-api.ts"
import { hostCore } from "../core/client/host.ts"
import type { WriteLog } from "../core/client/core-log.ts"
import { errorTrace } from "../core/client/error-trace.ts"
import type { DoorSurroundings } from "../core/client/key-door-place.ts"
import type { World } from "../core/domain/world.ts"
import { startWorker } from "../core/thread/start-worker.ts"
import type { CoreWorkerData } from "./core-worker.ts"

export interface CoreOrder {
  readonly home: string
  readonly world: World
  readonly unsafeTestingTinyStretching?: boolean
  /** Where commands of the profile find the key, which stays in the core's thread; undefined: nowhere. */
  readonly sharing: DoorSurroundings | undefined
  /** Told each time its thread ends by an error, with what it said. */
  readonly onDeath?: (lastWords: string) => void
  readonly log?: WriteLog
}

export async function startCore(order: CoreOrder): Promise<Core> {
  const { home, world, onDeath, sharing, log, unsafeTestingTinyStretching = false } = order
  const workerData: CoreWorkerData = { home, unsafeTestingTinyStretching, sharing }
  const start = (): Worker => {
    const worker = startWorker({ module: "./core-worker", base: import.meta.url, workerData })
    worker.on("error", (thrown: unknown) => {
      log?.({ level: "error", event: "core ended", about: { trace: errorTrace(thrown) } })
      onDeath?.(thrown instanceof Error ? thrown.message : "")
    })
    return worker
  }
  return hostCore({ world, start, log })
}
