/** Encrypted files for one caller: taken chunk by chunk, checked when all is there, given to whoever knows the id. */
import { createHash } from "node:crypto"
import type { BlobUpload, NodeService } from "../../core/contract/node-service.ts"
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { BLOB_BYTES_MAX, BLOB_CHUNK_BYTES_MAX, BLOB_CHUNK_BYTES_MIN } from "../../core/domain/limits.ts"
import { BLOB_QUOTA_BYTES, UNFINISHED_BLOB_MS } from "../../core/domain/limits.ts"
import type { World } from "../../core/domain/world.ts"
import type { AccountId } from "../store/account-rows.ts"
import type { NodeStore } from "../store/node-store.ts"
import type { KnownCaller } from "./caller.ts"
import { deviceOf } from "./known-device.ts"

type BlobService = Pick<NodeService, "uploadBlob" | "downloadBlob">

/** What the operator allows. */
export interface BlobLimits {
  /** Of one blob. */
  readonly bytesMax: number
  /** Of all blobs of an account together. */
  readonly quotaBytes: number
}

export const BLOB_LIMITS: BlobLimits = { bytesMax: BLOB_BYTES_MAX, quotaBytes: BLOB_QUOTA_BYTES }

export interface BlobRooms {
  readonly store: NodeStore
  readonly world: World
  readonly retentionMs: number
  readonly blobLimits: BlobLimits
}

export function blobService(known: KnownCaller, rooms: BlobRooms): BlobService {
  const { store, world, blobLimits } = rooms
  return {
    async uploadBlob(upload) {
      deviceOf(known)
      checkUpload(upload, blobLimits)
      const account = known.accountId
      const now = world.clock.now()
      const { quotaBytes } = blobLimits
      const unfinishedUntil = now + UNFINISHED_BLOB_MS
      const { received, complete } = await store.putBlobChunk({ ...upload, account, quotaBytes, now, unfinishedUntil })
      if (received === upload.size && !complete) await finish(rooms, account, upload)
      return received
    },
    async downloadBlob({ blobId, offset, limit }) {
      deviceOf(known)
      const bytes = Math.min(limit === 0 ? BLOB_CHUNK_BYTES_MAX : limit, BLOB_CHUNK_BYTES_MAX)
      const piece = await store.readBlob({ blobId, offset, limit: bytes, now: world.clock.now() })
      if (!piece) throw new QpqError("E083")
      return piece
    },
  }
}

/** @throws E028, E029 */
function checkUpload({ size, offset, chunk }: BlobUpload, { bytesMax }: BlobLimits): void {
  if (size > bytesMax) throw new QpqError("E028", `${size} bytes encrypted, at most ${bytesMax}`)
  if (size === 0) throw new QpqError("E029", "of no bytes")
  const isSmall = chunk.length > 0 && chunk.length < BLOB_CHUNK_BYTES_MIN
  if (isSmall && offset + chunk.length !== size) throw new QpqError("E029", "a small chunk that is not the last")
}

/** Reads it again a piece at a time, others' calls in between. @throws E029 and forgets it when the hash does not fit. */
async function finish({ store, world, retentionMs }: BlobRooms, account: AccountId, upload: BlobUpload): Promise<void> {
  const { blobId, size, hash } = upload
  const digest = createHash("sha256")
  const read = { blobId, limit: BLOB_CHUNK_BYTES_MAX, unfinishedOf: account }
  for (let offset = 0; offset < size;) {
    const piece = await store.readBlob({ ...read, offset, now: world.clock.now() })
    if (!piece || piece.chunk.length === 0) throw new QpqError("E029", "it went meanwhile")
    digest.update(piece.chunk)
    offset += piece.chunk.length
  }
  const isWhole = equal(digest.digest(), hash)
  const expiresAt = world.clock.now() + retentionMs
  const isKept = await store.finishBlob({ account, blobId, isWhole, expiresAt })
  if (!isKept) throw new QpqError("E029", "its hash does not fit")
}
