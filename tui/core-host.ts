/** Starts the client core in its own thread: the face never waits for cryptography or the disk. */
import type { Core } from "../core/client/client-api.ts"
import { hostCore } from "../core/client/host.ts"
import type { World } from "../core/domain/world.ts"
import { startWorker } from "../core/thread/start-worker.ts"
import type { CoreWorkerData } from "./core-worker.ts"

export interface CoreOrder {
  readonly home: string
  readonly world: World
  readonly unsafeTestingTinyStretching?: boolean
}

export async function startCore({ home, world, unsafeTestingTinyStretching = false }: CoreOrder): Promise<Core> {
  const workerData: CoreWorkerData = { home, unsafeTestingTinyStretching }
  return hostCore({ world, start: () => startWorker({ module: "./core-worker", base: import.meta.url, workerData }) })
}
