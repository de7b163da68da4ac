/** The stores on SQLite against those in memory, a small size of `npm run store-model`. */
import { expect, test } from "vitest"
import { clientStoresAgree } from "../model/client-model.ts"
import { nodeStoresAgree } from "../model/node-model.ts"

const RUNS = 120
/** The same each time: `npm run store-model` throws others. */
const SEED = 20261121
const MS_MAX = 300_000

test(
  "the client's SQLite store and the model answer alike, whatever is done in a transaction, failed ones included",
  () => {
    expect(() => {
      clientStoresAgree(RUNS, SEED)
    }).not.toThrow()
  },
  MS_MAX,
)

test(
  "the server's SQLite store and the model answer alike, whatever they are asked",
  async () => {
    await expect(nodeStoresAgree(RUNS, SEED)).resolves.toBeUndefined()
  },
  MS_MAX,
)
