/**
 * Files as ciphertext in bounded memory: AES-256-GCM over segments in the STREAM construction (Hoang, Reyhanitabar, Rogaway,
 * Vizár: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015), padded by Padmé (Nikitin and
 * others: "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019).
 */
import { uintBytes, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { GCM_NONCE_BYTES, GCM_TAG_BYTES, gcmOpen, gcmSeal } from "./hash.ts"

/** Random, for one file only: the nonces count from 0 for each. */
export const BLOB_KEY_BYTES = 32
/** Plaintext of each segment but the last. */
export const SEGMENT_BYTES = 65_536
/** Smaller files are padded to this. */
export const PADDED_BYTES_MIN = 4096

const AAD = utf8("qpq-blob-v1")
const COUNTER_BYTES = GCM_NONCE_BYTES - 1

/** What a file of a size becomes. */
export interface BlobShape {
  /** Of the file and the zeros behind it. */
  readonly paddedBytes: number
  readonly segments: number
  /** Of the ciphertext: what was padded, and a tag of 16 for each segment. */
  readonly sealedBytes: number
}

/** @param size of the file, in bytes. */
export function blobShape(size: number): BlobShape {
  const paddedBytes = padme(Math.max(size, PADDED_BYTES_MIN))
  const segments = Math.ceil(paddedBytes / SEGMENT_BYTES)
  return { paddedBytes, segments, sealedBytes: paddedBytes + segments * GCM_TAG_BYTES }
}

/**
 * Padmé: the smallest number not below `length` (at least 2) whose binary form, from the leading bit on, has no more
 * significant bits than its exponent needs to be written. At most 12 % more, and O(log log) of the length shows.
 */
function padme(length: number): number {
  const exponent = Math.floor(Math.log2(length))
  const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1)
  return Math.ceil(length / step) * step
}

/** Which segment it is, from 0, and whether the last: both are in the nonce, so none can be left out, added or moved. */
export interface SegmentPlace {
  readonly index: number
  readonly isLast: boolean
}

/** @returns ciphertext ‖ tag(16). */
export const sealSegment = (key: Uint8Array, place: SegmentPlace, plaintext: Uint8Array): Uint8Array =>
  gcmSeal({ key, nonce: nonceOf(place), aad: AAD }, plaintext)

/** @throws E084 when it was not sealed under this key for this place. */
export function openSegment(key: Uint8Array, place: SegmentPlace, sealed: Uint8Array): Uint8Array {
  const plaintext = gcmOpen({ key, nonce: nonceOf(place), aad: AAD }, sealed)
  if (!plaintext) throw new QpqError("E084", `segment ${place.index}`)
  return plaintext
}

/** counter(11) ‖ 1 for the last segment, else 0. */
function nonceOf({ index, isLast }: SegmentPlace): Uint8Array {
  const nonce = new Uint8Array(GCM_NONCE_BYTES)
  nonce.set(uintBytes(index, COUNTER_BYTES))
  nonce[COUNTER_BYTES] = isLast ? 1 : 0
  return nonce
}
