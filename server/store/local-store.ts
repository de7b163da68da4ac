/** NodeStore on a SQLite database of this thread: in memory for tests and benchmarks. */
import { openDatabase } from "../../core/sqlite/open.ts"
import { batchedStore } from "./batched-store.ts"
import type { NodeStore } from "./node-store.ts"
import { sqliteNodeStore } from "./sqlite-node-store.ts"
import type { StoreThreadOptions } from "./store-messages.ts"

/** @throws E060, E061, E062 as `openDatabase`. */
export function localStore(options: StoreThreadOptions): NodeStore {
  const store = sqliteNodeStore(openDatabase(options), options.newGeneration, undefined, options.mailboxQuota)
  return batchedStore({
    run: (calls) => Promise.resolve(store.run(calls)),
    close: () => {
      store.close()
      return Promise.resolve()
    },
  })
}
