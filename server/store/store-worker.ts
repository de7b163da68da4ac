/** The store's own thread: runs all calls that have arrived in one transaction and answers after COMMIT. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads"
import type { MessagePort } from "node:worker_threads"
import { toQpqError } from "../../core/domain/errors.ts"
import type { QpqError } from "../../core/domain/errors.ts"
import { claimDatabase } from "../../core/sqlite/claim.ts"
import type { Claim } from "../../core/sqlite/claim.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { refuseBackup } from "./backup.ts"
import { goingOnWhenFull, ReserveFile } from "./full-disk.ts"
import { handedBack } from "./handed-over.ts"
import { sqliteNodeStore } from "./sqlite-node-store.ts"
import type { SqliteNodeStore } from "./sqlite-node-store.ts"
import { BATCH_CALLS_MAX } from "./store-messages.ts"
import type { FromStore, StoreCall, StoreThreadOptions, ToStore } from "./store-messages.ts"

/** What came while the last transaction ran shares the next one and its one fsync. */
function arrived(port: MessagePort, first: ToStore): { calls: StoreCall[]; closing: boolean } {
  const calls: StoreCall[] = []
  let message: ToStore | undefined = first
  while (message?.kind === "run") {
    calls.push(...message.calls)
    if (calls.length >= BATCH_CALLS_MAX) break
    message = receiveMessageOnPort(port)?.message as ToStore | undefined
  }
  return { calls, closing: message?.kind === "close" }
}

function serve(port: MessagePort, options: StoreThreadOptions): void {
  const tell = (message: FromStore): void => {
    port.postMessage(message, message.kind === "done" ? handedBack(message.replies) : [])
  }
  let claim: Claim | undefined
  let store: SqliteNodeStore
  try {
    const { path, newGeneration, mailboxQuota } = options
    const onDamage = ({ code, detail }: QpqError): void => {
      tell({ kind: "damaged", error: { code, detail: `${path}: ${detail ?? ""}` } })
    }
    claim = claimDatabase(path)
    refuseBackup(options)
    store = sqliteNodeStore(openDatabase(options), newGeneration, onDamage, mailboxQuota)
  } catch (thrown) {
    const { code, detail } = toQpqError(thrown)
    claim?.release()
    tell({ kind: "failed", error: { code, detail } })
    return
  }
  const reserve = new ReserveFile(options.path)
  const run = goingOnWhenFull((calls) => store.run(calls), { reserve, monotonic: () => performance.now() })
  const close = (): void => {
    store.close()
    claim.release()
    tell({ kind: "closed" })
    port.close()
  }
  port.on("message", (first: ToStore) => {
    const { calls, closing } = arrived(port, first)
    if (calls.length > 0) {
      const since = performance.now()
      const replies = run(calls)
      tell({ kind: "done", replies, ms: performance.now() - since })
    }
    if (closing) close()
  })
  tell({ kind: "ready" })
  reserve.take()
}

if (parentPort) serve(parentPort, workerData as StoreThreadOptions)
