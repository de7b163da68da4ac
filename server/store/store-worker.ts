/** The store's own thread: runs each batch that arrives in one transaction and answers after COMMIT. */
import { parentPort, workerData } from "node:worker_threads"
import type { MessagePort } from "node:worker_threads"
import { toQpqError } from "../../core/domain/errors.ts"
import { openDatabase } from "../../core/sqlite/open.ts"
import { sqliteNodeStore } from "./sqlite-node-store.ts"
import type { SqliteNodeStore } from "./sqlite-node-store.ts"
import type { FromStore, StoreThreadOptions, ToStore } from "./store-messages.ts"

function serve(port: MessagePort, options: StoreThreadOptions): void {
  const tell = (message: FromStore): void => {
    port.postMessage(message)
  }
  let store: SqliteNodeStore
  try {
    store = sqliteNodeStore(openDatabase({ ...options, exclusive: true }), options.newGeneration)
  } catch (thrown) {
    const { code, detail } = toQpqError(thrown)
    tell({ kind: "failed", error: { code, detail } })
    return
  }
  port.on("message", (message: ToStore) => {
    if (message.kind === "run") {
      tell({ kind: "done", replies: store.run(message.calls) })
      return
    }
    store.close()
    tell({ kind: "closed" })
    port.close()
  })
  tell({ kind: "ready" })
}

if (parentPort) serve(parentPort, workerData as StoreThreadOptions)
