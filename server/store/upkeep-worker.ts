/** A thread for what reads the whole store: the server answers meanwhile. */
import { parentPort, workerData } from "node:worker_threads"
import { toQpqError } from "../../core/domain/errors.ts"
import { checkStore, makeBackup } from "./backup.ts"
import type { UpkeepAnswer, UpkeepOrder } from "./upkeep.ts"

function answer(order: UpkeepOrder): UpkeepAnswer {
  try {
    if (order.kind === "backup") return { kind: "backup", report: makeBackup(order.order) }
    return { kind: "check", faults: checkStore(order.source) }
  } catch (thrown) {
    const { code, detail } = toQpqError(thrown)
    return { kind: "failed", error: { code, detail } }
  }
}

parentPort?.postMessage(answer(workerData as UpkeepOrder))
