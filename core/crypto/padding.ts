/** Sizes that plaintexts are padded to, so that a ciphertext's length says little (PROTOCOL.md section 8). */

const BUCKETS: readonly number[] = [256, 1024, 4096, 16_384]
const LARGEST_BUCKET = 65_536

/** The size in bytes that `length` bytes are padded to: 256 B, 1, 4, 16, 64 KiB, then multiples of 64 KiB. */
export const bucketBytes = (length: number): number =>
  BUCKETS.find((bucket) => length <= bucket) ?? Math.ceil(length / LARGEST_BUCKET) * LARGEST_BUCKET
