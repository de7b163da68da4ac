/** Files in segments: frozen bytes, sizes that say little, and every change of order or length found. */
import { expect, test } from "vitest"
import { blobShape, openSegment, PADDED_BYTES_MIN, sealSegment, SEGMENT_BYTES } from "../../../core/crypto/blob-seal.ts"
import { hex } from "../../../core/domain/bytes.ts"
import { SeededRandom } from "../../fakes/world.ts"
import { codeOf, flipped } from "../../fakes/refusal.ts"

const KEY = new Uint8Array(32).fill(7)
const first = { index: 0, isLast: false }
const plaintext = new TextEncoder().encode("attack at dawn")

/** Made by Python's cryptography (AESGCM), nonce = index(11, big-endian) ‖ last(1), AAD "qpq-blob-v1". */
const VECTORS: readonly (readonly [index: number, isLast: boolean, sealed: string])[] = [
  [0, false, "00acd0d398f92b899527eb05b315553fb9f9d0f8c6cbeb587111388c67fc"],
  [0, true, "513ccd01572bc266599b11232997a625c7d1b590788c2a835ef61c51fbd0"],
  [1, false, "bc53cfa9a0d0c0e327ded4e9ed75649b4701fc9be8e3d085ed4badf3fb29"],
  [4294967301, true, "0f68c20dadd59934167cb4b9a368fb6cab37b124b9f0a6128b20f9aeccf0"],
]

test("segments keep their bytes for ever", () => {
  for (const [index, isLast, sealed] of VECTORS) {
    expect(hex(sealSegment(KEY, { index, isLast }, plaintext))).toBe(sealed)
  }
})

test("a segment opens at its own place under its own key, and nowhere else", () => {
  const sealed = sealSegment(KEY, first, plaintext)
  expect(openSegment(KEY, first, sealed)).toEqual(plaintext)
  const wrong: readonly (() => unknown)[] = [
    () => openSegment(KEY, { index: 1, isLast: false }, sealed),
    () => openSegment(KEY, { index: 0, isLast: true }, sealed),
    () => openSegment(new Uint8Array(32), first, sealed),
    () => openSegment(KEY, first, flipped(sealed, 3)),
    () => openSegment(KEY, first, sealed.subarray(1)),
    () => openSegment(KEY, first, new Uint8Array(0)),
  ]
  for (const open of wrong) expect(codeOf(open)).toBe("E084")
})

test("a size is padded by at most 12 percent, to one of few, and never to less", () => {
  const random = new SeededRandom(3)
  const padded = new Set<number>()
  for (let count = 0; count < 20_000; count++) {
    const size = (random.next() % 1_073_741_824) >> random.below(20)
    const { paddedBytes, segments, sealedBytes } = blobShape(size)
    expect(paddedBytes).toBeGreaterThanOrEqual(Math.max(size, PADDED_BYTES_MIN))
    expect(paddedBytes).toBeLessThanOrEqual(Math.max(size * 1.12, PADDED_BYTES_MIN))
    expect([segments, sealedBytes]).toEqual([Math.ceil(paddedBytes / SEGMENT_BYTES), paddedBytes + 16 * segments])
    padded.add(paddedBytes)
  }
  expect(padded.size).toBeLessThan(600)
})

test("some sizes and what they become", () => {
  const becomes = [0, 4096, 4097, 3_000_000, 102_760_448].map((size) => blobShape(size).paddedBytes)
  expect(becomes).toEqual([4096, 4096, 4352, 3_014_656, 102_760_448])
})
