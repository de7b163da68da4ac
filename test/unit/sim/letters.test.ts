/** What the simulator excuses a copy of a profile for not having: what the profile had read and the copy had not, no more. */
import { expect, test } from "vitest"
import { hex } from "../../../core/domain/bytes.ts"
import type { FetchAnswer } from "../../../core/contract/node-service.ts"
import type { Read } from "../../../server/store/node-store.ts"
import { Letters } from "../../sim/letters.ts"

const deviceKey = new Uint8Array(32).fill(1)
const device = hex(deviceKey)
const DAY_MS = 86_400_000

/** A mailbox in which row N, stored at once, has position and id N. */
function mailbox() {
  const now = { at: 0 }
  const letters = new Letters(() => now.at)
  const idOf = (row: number): string => hex(Uint8Array.of(row))
  return {
    letters,
    store: (row: number) => {
      letters.stored({ device, id: idOf(row), lifeMs: DAY_MS })
    },
    /** Answers at a time a question that acknowledges. */
    give: (at: number, ack: number, ...rows: readonly number[]) => {
      now.at = at
      const envelopes = rows.map((row) => ({
        position: BigInt(row),
        id: Uint8Array.of(row),
        payload: Uint8Array.of(2),
      }))
      letters.read({ deviceKey, ack: BigInt(ack) } as Read, { envelopes } as unknown as FetchAnswer)
    },
    /** Of a copy made at 100 that goes on at 200. */
    isForgotten: (row: number, read: { copy: number; profile: number }) =>
      letters.isForgotten(device, idOf(row), {
        since: 100,
        until: 200,
        copyRead: BigInt(read.copy),
        profileRead: BigInt(read.profile),
      }),
  }
}

test("a row that was given before the copy was made, and stored after, is forgotten", () => {
  const { store, give, isForgotten } = mailbox()
  store(1)
  give(90, 0, 1)
  give(110, 1)
  expect(isForgotten(1, { copy: 0, profile: 1 })).toBe(true)
})

test("a row that the copy had stored is not, although it was acknowledged, or given again, only later", () => {
  const { store, give, isForgotten } = mailbox()
  for (const row of [1, 2]) store(row)
  give(90, 0, 1, 2)
  give(110, 0, 1, 2)
  give(120, 2)
  expect([1, 2].map((row) => isForgotten(row, { copy: 1, profile: 2 }))).toEqual([false, true])
})

test("a row that nobody had stored is not: the server has it still", () => {
  const { store, give, isForgotten } = mailbox()
  for (const row of [1, 2]) store(row)
  give(150, 0, 1, 2)
  expect([1, 2].map((row) => isForgotten(row, { copy: 0, profile: 1 }))).toEqual([true, false])
})

test("a row that was given to the copy is not, nor one that was given to nobody", () => {
  const { store, give, isForgotten } = mailbox()
  for (const row of [1, 2]) store(row)
  give(150, 0, 1)
  give(210, 0, 1)
  expect([1, 2].map((row) => isForgotten(row, { copy: 0, profile: 2 }))).toEqual([false, false])
})
