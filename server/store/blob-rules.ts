/** What both stores hold an upload to. */
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { BLOB_OVERHEAD_BYTES } from "../../core/domain/limits.ts"
import type { AccountId } from "./account-rows.ts"
import type { StoredChunk } from "./node-store.ts"

/** What is known of a blob beside its bytes. */
export interface BlobHead {
  readonly account: AccountId
  readonly size: number
  readonly hash: Uint8Array
  readonly received: number
}

/** Blobs of one account: how many, and how many bytes they have or will have. */
export interface BlobUsage {
  readonly count: number
  readonly bytes: number
}

/** @throws E029 unless the chunk is the next of this blob; an empty one fits anywhere. */
export function checkFits(blob: BlobHead, { account, size, hash, offset, chunk }: StoredChunk): void {
  if (blob.account !== account) throw new QpqError("E029")
  if (blob.size !== size || !equal(blob.hash, hash)) throw new QpqError("E029", "begun with another size or hash")
  if (chunk.length === 0) return
  if (blob.received !== offset) throw new QpqError("E029", `${blob.received} bytes are here, not ${offset}`)
  if (offset + chunk.length > size) throw new QpqError("E029", `more than ${size} bytes`)
}

/** @throws E085 */
export function checkRoom({ count, bytes }: BlobUsage, { size, quotaBytes }: StoredChunk): void {
  const taken = bytes + count * BLOB_OVERHEAD_BYTES
  if (taken + size + BLOB_OVERHEAD_BYTES > quotaBytes)
    throw new QpqError("E085", `${taken} of ${quotaBytes} bytes taken`)
}
