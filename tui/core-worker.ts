/** The thread that the client core lives in: composes it and puts it on the port. */
import "./small-heap.ts"
import { parentPort, workerData } from "node:worker_threads"
import { serveCore } from "../core/client/core-port.ts"
import { ProfileGate } from "../core/client/gate.ts"
import type { DoorSurroundings } from "../core/client/key-door-place.ts"
import { realWorld } from "../core/domain/world.ts"

export interface CoreWorkerData {
  readonly home: string
  /** Only for tests: Argon2id at its real cost takes a second. */
  readonly unsafeTestingTinyStretching: boolean
  /** undefined: commands of the profile are not given the key. */
  readonly sharing: DoorSurroundings | undefined
}

if (parentPort) {
  const gate = new ProfileGate({ ...(workerData as CoreWorkerData), world: realWorld })
  serveCore(parentPort, gate, { world: realWorld, signal: new AbortController().signal })
}
