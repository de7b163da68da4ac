/** NodeStore whose SQLite file lives in a worker thread of its own. */
import { startWorker } from "../../core/thread/start-worker.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { batchedStore } from "./batched-store.ts"
import type { NodeStore } from "./node-store.ts"
import type { FromStore, StoreReply, StoreThreadOptions, ToStore } from "./store-messages.ts"

/**
 * @param onDeath called once when the thread ends without having been closed; every call fails from then on.
 * @throws E060, E061, E062 as `openDatabase`.
 */
export async function threadStore(options: StoreThreadOptions, onDeath: (error: QpqError) => void): Promise<NodeStore> {
  const worker = startWorker({ module: "./store-worker", base: import.meta.url, workerData: options })
  let awaiting: { resolve: (message: FromStore) => void; reject: (error: QpqError) => void } | undefined
  let closing = false

  const ask = (message: ToStore | undefined): Promise<FromStore> =>
    new Promise((resolve, reject) => {
      awaiting = { resolve, reject }
      if (message) worker.postMessage(message)
    })
  worker.on("message", (message: FromStore) => {
    awaiting?.resolve(message)
  })
  const died = (cause: unknown): void => {
    if (closing) return
    closing = true
    const error = new QpqError("E063", "the store's thread ended", { cause })
    awaiting?.reject(error)
    onDeath(error)
  }
  worker.on("error", died)
  worker.on("exit", died)

  const first = await ask(undefined)
  if (first.kind === "failed") {
    closing = true
    await worker.terminate()
    throw new QpqError(first.error.code, first.error.detail)
  }
  return batchedStore({
    async run(calls) {
      if (closing) return calls.map((): StoreReply => ({ ok: false, error: { code: "E063", detail: "store closed" } }))
      const answer = await ask({ kind: "run", calls }).catch(() => undefined)
      if (answer?.kind === "done") return answer.replies
      return calls.map((): StoreReply => ({ ok: false, error: { code: "E063", detail: "the store's thread ended" } }))
    },
    async close() {
      if (closing) return
      closing = true
      await ask({ kind: "close" })
      await worker.terminate()
    },
  })
}
