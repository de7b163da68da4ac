import { expect, test } from "vitest"
import { handedBack } from "../../../server/store/handed-over.ts"

const LARGE = 65_536
const read = (...payloads: readonly Uint8Array[]) => ({
  ok: true as const,
  value: { envelopes: payloads.map((payload) => ({ payload })), head: 1n, more: false },
})

test("large payloads and pieces of files are moved, each once", () => {
  const [one, two, piece] = [new Uint8Array(LARGE), new Uint8Array(2 * LARGE), new Uint8Array(LARGE)]
  const replies = [read(one, two, one), { ok: true as const, value: { chunk: piece, size: LARGE } }]
  expect(handedBack(replies)).toEqual([one.buffer, two.buffer, piece.buffer])
})

test("what is small, shares its memory, was refused or is no bytes at all stays", () => {
  const replies = [
    read(
      new Uint8Array(LARGE - 1),
      new Uint8Array(3 * LARGE).subarray(LARGE),
      new Uint8Array(new SharedArrayBuffer(LARGE)),
    ),
    { ok: false as const, error: { code: "E063" as const, detail: undefined } },
    ...[undefined, true, 7n, [], {}].map((value) => ({ ok: true as const, value })),
  ]
  expect(handedBack(replies)).toEqual([])
})
