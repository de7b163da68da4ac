/** Large answers of the store's thread: given to the other thread as they are, not copied. */
import type { BlobPiece, FetchAnswer } from "../../core/contract/node-service.ts"
import type { StoreReply } from "./store-messages.ts"

/** Below this a copy costs as much. */
const MOVED_BYTES_MIN = 65_536

/**
 * What `postMessage` may move of answers: message payloads and pieces of files. The thread that answered cannot use them any
 * more. A copy of 2 MB takes a millisecond, and leaves as much behind in both threads until it is collected.
 */
export const handedBack = (replies: readonly StoreReply[]): ArrayBuffer[] =>
  movable(
    replies.flatMap((reply) => {
      const { envelopes, chunk } = ((reply.ok && reply.value) || {}) as Partial<FetchAnswer & BlobPiece>
      return [...(envelopes ?? []).map(({ payload }) => payload), chunk]
    }),
  )

/** Those that are large and alone in their memory, each once. */
function movable(arrays: readonly (Uint8Array | undefined)[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const bytes of arrays) if (bytes !== undefined && isWhole(bytes)) buffers.add(bytes.buffer)
  return [...buffers]
}

const isWhole = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.length >= MOVED_BYTES_MIN && bytes.length === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
