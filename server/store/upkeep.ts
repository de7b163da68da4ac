/** Backups and checks of a store that is in use, each in a thread of its own. */
import { QpqError } from "../../core/domain/errors.ts"
import type { DatabaseFile } from "../../core/sqlite/open.ts"
import { startWorker } from "../../core/thread/start-worker.ts"
import type { BackupOrder, BackupReport } from "./backup.ts"
import type { StoreError } from "./store-messages.ts"

export type UpkeepOrder =
  { readonly kind: "backup"; readonly order: BackupOrder } | { readonly kind: "check"; readonly source: DatabaseFile }

export type UpkeepAnswer =
  | { readonly kind: "backup"; readonly report: BackupReport }
  | { readonly kind: "check"; readonly faults: readonly string[] }
  | { readonly kind: "failed"; readonly error: StoreError }

/** @throws as `makeBackup` */
export async function backupBeside(order: BackupOrder): Promise<BackupReport> {
  const answer = await answerTo({ kind: "backup", order })
  if (answer.kind !== "backup") throw unexpected()
  return answer.report
}

/** @throws as `checkStore` */
export async function checkBeside(source: DatabaseFile): Promise<readonly string[]> {
  const answer = await answerTo({ kind: "check", source })
  if (answer.kind !== "check") throw unexpected()
  return answer.faults
}

const unexpected = (): QpqError => new QpqError("E099", "another thread's answer")

async function answerTo(order: UpkeepOrder): Promise<UpkeepAnswer> {
  const worker = startWorker({ module: "./upkeep-worker", base: import.meta.url, workerData: order })
  const answer = await new Promise<UpkeepAnswer>((resolve, reject) => {
    worker.once("message", resolve)
    worker.once("error", reject)
    worker.once("exit", (status) => {
      reject(new QpqError("E063", `the thread ended with ${status}`))
    })
  })
  await worker.terminate()
  if (answer.kind === "failed") throw new QpqError(answer.error.code, answer.error.detail)
  return answer
}
