/** NodeStore whose SQLite file lives in a worker thread of its own. */
import type { Worker } from "node:worker_threads"
import { startWorker } from "../../core/thread/start-worker.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { batchedStore } from "./batched-store.ts"
import type { BatchRunner } from "./batched-store.ts"
import type { NodeStore } from "./node-store.ts"
import type { FromStore, StoreError, StoreReply, StoreThreadOptions, ToStore } from "./store-messages.ts"

const GONE: StoreError = { code: "E063", detail: "the store's thread ended" }

/** What happens to a store beside its calls. After each every call fails with E063. */
export interface StoreWatch {
  /** Called once when the thread ends without having been closed. @param error E063 */
  readonly onDeath: (error: QpqError) => void
  /** Called once when a call met damage in the file. @param error E060, names the file. */
  readonly onDamage: (error: QpqError) => void
  /** After each transaction. @param calls that were in it. */
  readonly onTransaction?: (calls: number, ms: number) => void
  /** Whenever what waits changes: calls that are not answered, and the bytes of their arguments. */
  readonly onQueue?: (calls: number, bytes: number) => void
}

/** @throws E060, E061, E062 as `openDatabase`, E063 when the thread ends at its start. */
export function threadStore(options: StoreThreadOptions, watch: StoreWatch): Promise<NodeStore> {
  return storeOver(startWorker({ module: "./store-worker", base: import.meta.url, workerData: options }), watch)
}

/** The same over any thread that was just started and speaks `store-messages`. */
export async function storeOver(worker: Worker, watch: StoreWatch): Promise<NodeStore> {
  const { onDeath, onDamage } = watch
  const answers = new Answers()
  // From then on nothing is asked any more, and the thread's end is no news.
  let over = false

  const died = (cause: unknown): void => {
    if (over) return
    over = true
    const error = new QpqError("E063", GONE.detail, { cause })
    answers.fail(error)
    onDeath(error)
    void worker.terminate()
  }
  worker.on("message", (message: FromStore) => {
    if (message.kind === "failed" || message.kind === "closed") over = true
    if (message.kind === "damaged") onDamage(new QpqError(message.error.code, message.error.detail))
    else answers.take(message)
    if (message.kind === "done") watch.onTransaction?.(message.replies.length, message.ms)
  })
  worker.on("error", died)
  worker.on("messageerror", died)
  worker.on("exit", (status) => {
    died(new QpqError("E099", `exit status ${status}`))
  })

  const first = await answers.toOrder()
  if (first.kind === "failed") {
    await worker.terminate()
    throw new QpqError(first.error.code, first.error.detail)
  }
  const tell = (message: ToStore): void => {
    worker.postMessage(message)
  }
  const runner: BatchRunner = {
    run(calls) {
      if (over) return Promise.resolve(calls.map(() => ({ ok: false, error: GONE })))
      tell({ kind: "run", calls })
      return answers.toCalls(calls.length)
    },
    async close() {
      if (over) return
      tell({ kind: "close" })
      await answers.toOrder()
      await worker.terminate()
    },
  }
  return batchedStore(runner, watch.onQueue)
}

interface Asked {
  readonly count: number
  readonly resolve: (replies: readonly StoreReply[]) => void
}

/** Gives what comes from the thread to who waits for it, in the order in which they asked. */
class Answers {
  readonly #asked: Asked[] = []
  #order: { resolve: (message: FromStore) => void; reject: (error: QpqError) => void } | undefined

  toCalls(count: number): Promise<readonly StoreReply[]> {
    return new Promise((resolve) => this.#asked.push({ count, resolve }))
  }

  /** The answer to the thread's start or to its end. */
  toOrder(): Promise<FromStore> {
    return new Promise((resolve, reject) => (this.#order = { resolve, reject }))
  }

  take(message: FromStore): void {
    if (message.kind !== "done") {
      this.#order?.resolve(message)
      return
    }
    let from = 0
    while (from < message.replies.length) {
      const asked = this.#asked.shift()
      if (!asked) return
      asked.resolve(message.replies.slice(from, from + asked.count))
      from += asked.count
    }
  }

  fail(error: QpqError): void {
    this.#order?.reject(error)
    for (const { count, resolve } of this.#asked.splice(0)) resolve(new Array(count).fill({ ok: false, error: GONE }))
  }
}
