/** What a vector runner is, and the few functions that all of them use. Format: mlswg/mls-implementations, test-vectors.md. */
import assert from "node:assert/strict"
import type { Decoder, Encoder } from "ts-mls"
import { hex, unhex } from "../../../core/domain/bytes.ts"
import { ciphersuiteOf } from "../../../core/mls/provider.ts"

/** Checks one entry of a file and throws where it differs; entries of other suites are skipped by the caller. */
export type Check<Vector> = (vector: Vector) => Promise<void>

/** Vectors are for suite 1, on our provider. */
export const suite = ciphersuiteOf("baseline")

export const same = (actual: Uint8Array, expectedHex: string, what: string): void => {
  assert.equal(hex(actual), expectedHex, what)
}

/** Decodes all of the hex bytes. */
export function decoded<T>(decode: Decoder<T>, text: string, what: string): T {
  const bytes = unhex(text)
  const [value, length] = decode(bytes, 0) ?? []
  assert.ok(value !== undefined && length === bytes.length, `${what} decodes wholly`)
  return value
}

/** Decodes all of the hex bytes and gets the same bytes back. */
export function roundTrip<T>(decode: Decoder<T>, encode: Encoder<T>, text: string): void {
  same(encode(decoded(decode, text, "entry")), text, "round trip")
}
