/** Large answers of the store's thread: given to the other thread as they are, not copied. */
import type { BlobPiece, FetchAnswer } from "../../core/contract/node-service.ts"
import type { StoreReply } from "./store-messages.ts"

/** Below this a copy costs as much. */
const MOVED_BYTES_MIN = 65_536

/**
 * What `postMessage` may move instead of copying it: message payloads and pieces of files. The thread that answered cannot
 * use them any more. A copy of 2 MB takes a millisecond, and leaves as much behind in both threads until it is collected.
 */
export function handedOver(replies: readonly StoreReply[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const reply of replies) {
    if (!reply.ok) continue
    const { envelopes, chunk } = (reply.value ?? {}) as Partial<FetchAnswer & BlobPiece>
    for (const bytes of [...(envelopes ?? []).map(({ payload }) => payload), chunk]) {
      if (bytes !== undefined && isWhole(bytes)) buffers.add(bytes.buffer)
    }
  }
  return [...buffers]
}

/** Large, and alone in its memory. */
const isWhole = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.length >= MOVED_BYTES_MIN && bytes.length === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
