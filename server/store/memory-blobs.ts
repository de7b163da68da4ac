/** The model's encrypted files. */
import type { BlobPiece } from "../../core/contract/node-service.ts"
import { concat, EMPTY, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { checkFits, checkRoom } from "./blob-rules.ts"
import type { BlobHead, BlobUsage } from "./blob-rules.ts"
import type { AccountId } from "./account-rows.ts"
import type { BlobProgress, BlobRead, FinishedBlob, StoredChunk } from "./node-store.ts"

interface Blob extends BlobHead {
  readonly chunks: readonly { readonly start: number; readonly bytes: Uint8Array }[]
  readonly complete: boolean
  readonly expiresAt: number
}

export class MemoryBlobs {
  readonly #blobs = new Map<string, Blob>()

  /** What has come of all. */
  get bytes(): number {
    return [...this.#blobs.values()].reduce((sum, { received }) => sum + received, 0)
  }

  put(next: StoredChunk): BlobProgress {
    const { account, blobId, chunk, size, hash, now, unfinishedUntil } = next
    const name = hex(blobId)
    const known = this.#living(name, now)
    const begun = { account, size, hash, received: 0, chunks: [], complete: false, expiresAt: unfinishedUntil }
    const blob: Blob = known ?? begun
    checkFits(blob, next)
    if (chunk.length === 0) return progressOf(blob)
    if (!known) checkRoom(this.#usage(account), next)
    const chunks = [...blob.chunks, { start: blob.received, bytes: concat(chunk) }]
    const grown = { ...blob, chunks, received: blob.received + chunk.length }
    this.#blobs.set(name, grown)
    return progressOf(grown)
  }

  read({ blobId, offset, limit, now, unfinishedOf }: BlobRead): BlobPiece | undefined {
    const blob = this.#living(hex(blobId), now)
    if (!blob || !(blob.complete || blob.account === unfinishedOf)) return undefined
    if (offset > blob.received) throw new QpqError("E029", `beyond ${blob.received} bytes`)
    const from = blob.chunks.findLast(({ start }) => start <= offset)
    const at = offset - (from?.start ?? 0)
    return { chunk: from?.bytes.slice(at, at + limit) ?? EMPTY, size: blob.size }
  }

  finish({ account, blobId, isWhole, expiresAt }: FinishedBlob): boolean {
    const name = hex(blobId)
    const blob = this.#blobs.get(name)
    if (!blob || blob.account !== account || blob.received !== blob.size) return false
    if (blob.complete) return true
    if (isWhole) this.#blobs.set(name, { ...blob, complete: true, expiresAt })
    else this.#blobs.delete(name)
    return isWhole
  }

  /** @returns how many went. */
  expire(now: number): number {
    const due = [...this.#blobs].filter(([, { expiresAt }]) => expiresAt <= now)
    for (const [name] of due) this.#blobs.delete(name)
    return due.length
  }

  /** One that is over makes room for another of its name. */
  #living(name: string, now: number): Blob | undefined {
    const blob = this.#blobs.get(name)
    if (!blob || blob.expiresAt > now) return blob
    this.#blobs.delete(name)
    return undefined
  }

  #usage(account: AccountId): BlobUsage {
    const own = [...this.#blobs.values()].filter((blob) => blob.account === account)
    return { count: own.length, bytes: own.reduce((sum, { size }) => sum + size, 0) }
  }
}

const progressOf = ({ received, complete }: Blob): BlobProgress => ({ received, complete })
