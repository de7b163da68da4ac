/** How calls become batches: in order, bounded, each answer to its own call, and an end that comes. */
import { expect, test } from "vitest"
import { QpqError } from "../../../core/domain/errors.ts"
import { batchedStore } from "../../../server/store/batched-store.ts"
import type { StoreCall, StoreReply } from "../../../server/store/store-messages.ts"
import { depositOf, freshKey, itemTo } from "../../fakes/node-stores.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { turn } from "../../fakes/world.ts"

const QUEUE_CALLS_MAX = 20_000
const QUEUE_MEGABYTES_MAX = 256
const MEGABYTE = 1_048_576

/** A runner that answers a batch only when told to; each sweep's answer is what it was called with. */
function heldRunner() {
  const batches: { calls: readonly StoreCall[]; answer: () => void }[] = []
  const state = { closed: 0 }
  const replyTo = ({ args }: StoreCall): StoreReply => ({ ok: true, value: args[0] })
  const store = batchedStore({
    run: (calls) =>
      new Promise((resolve) => {
        batches.push({
          calls,
          answer: () => {
            resolve(calls.map(replyTo))
          },
        })
      }),
    close: async () => {
      state.closed++
    },
  })
  const answer = (at: number): void => {
    batches[at]?.answer()
  }
  return { store, batches, answer, state }
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

test("calls of one turn go in batches of at most 256, in order, without waiting for the batch before", async () => {
  const { store, batches } = heldRunner()
  const first = numbers(0, 600).map((at) => store.sweep(at))
  await turn()
  const second = numbers(600, 610).map((at) => store.sweep(at))
  await turn()
  expect(batches.map(({ calls }) => calls.length)).toEqual([256, 256, 88, 10])
  expect(batches.flatMap(({ calls }) => calls.map(({ args }) => args[0]))).toEqual(numbers(0, 610))
  for (const batch of batches.toReversed()) batch.answer()
  expect(await Promise.all([...first, ...second])).toEqual(numbers(0, 610))
})

test("more unanswered calls than the queue holds are refused at once, and taken again when some are answered", async () => {
  const { store, batches, answer } = heldRunner()
  const held = numbers(0, QUEUE_CALLS_MAX).map((at) => store.sweep(at))
  expect(await codeOfAsync(() => store.sweep(-1))).toBe("E052")
  await turn()
  expect(await codeOfAsync(() => store.sweep(-1))).toBe("E052")
  answer(0)
  expect(await held[255]).toBe(255)
  const later = store.sweep(QUEUE_CALLS_MAX)
  await turn()
  for (const batch of batches) batch.answer()
  expect(await later).toBe(QUEUE_CALLS_MAX)
  expect(await Promise.all(held)).toHaveLength(QUEUE_CALLS_MAX)
})

test("what waits is bounded in bytes too", async () => {
  const { store, answer } = heldRunner()
  const body = new Uint8Array(64 * MEGABYTE)
  const large = () => store.deposit(depositOf(0, [itemTo(freshKey())], { body }))
  const filling = numbers(0, QUEUE_MEGABYTES_MAX / 64).map(large)
  expect(await codeOfAsync(() => store.sweep(1))).toBe("E052")
  await turn()
  answer(0)
  await Promise.all(filling)
  const later = store.sweep(1)
  await turn()
  answer(1)
  expect(await later).toBe(1)
})

test("a close waits for the calls under way, takes no more, and may be asked for twice", async () => {
  const { store, batches, answer, state } = heldRunner()
  const underWay = store.sweep(1)
  const closed = [store.close(), store.close()]
  expect(await codeOfAsync(() => store.sweep(2))).toBe("E059")
  await turn()
  expect([batches.length, state.closed]).toEqual([1, 0])
  answer(0)
  await Promise.all(closed)
  await store.close()
  expect([await underWay, state.closed]).toEqual([1, 1])
})

test("an answer that is missing is a failure of its call alone", async () => {
  const store = batchedStore({
    run: async () => [
      { ok: true, value: "one" },
      { ok: false, error: { code: "E040", detail: "two" } },
    ],
    close: async () => undefined,
  })
  const [one, two, three] = await Promise.allSettled([store.sweep(1), store.sweep(2), store.sweep(3)])
  expect(one).toEqual({ status: "fulfilled", value: "one" })
  expect(two).toMatchObject({ reason: new QpqError("E040", "two") })
  expect(three).toMatchObject({ reason: { code: "E063" } })
})
