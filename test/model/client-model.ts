/** The client's SQLite store against the one in memory: the same transactions, the same answers and the same rows. */
import fc from "fast-check"
import { deepStrictEqual } from "node:assert/strict"
import { QpqError } from "../../core/domain/errors.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import { STORES } from "../fakes/client-stores.ts"
import { everything } from "./client-reads.ts"
import { transactions } from "./client-steps.ts"
import type { Transaction } from "./client-steps.ts"

/** @throws with the smallest counterexample that was found. */
export function clientStoresAgree(runs: number, seed?: number): void {
  const [memory, sqlite] = STORES
  fc.assert(
    fc.property(transactions, (list) => {
      deepStrictEqual(sqlite && answers(sqlite.open(), list), memory && answers(memory.open(), list))
    }),
    { numRuns: runs, ...(seed !== undefined && { seed }) },
  )
}

function answers(store: ClientStore, list: readonly Transaction[]): readonly unknown[] {
  try {
    return list.map((one) => [answer(store, one), everything(store)])
  } finally {
    store.close()
  }
}

/** What its steps returned, or how it was refused. */
function answer(store: ClientStore, { steps, fails }: Transaction): unknown {
  try {
    return store.write((tx) => {
      const told = steps.map((step) => step(tx))
      if (fails) throw new QpqError("E099", "on purpose")
      return told
    })
  } catch (thrown) {
    return thrown instanceof QpqError ? thrown.code : String(thrown)
  }
}
