/** Finds the streams that a peer has begun. */
import type { Connection as NativeConnection } from "@matrixai/quic/native/types.js"

/** From one id to the next of the same kind (RFC 9000 section 2.1). */
export const STREAM_ID_STEP = 4

/**
 * Asks for each id whether it is readable: the list that the native code makes of them (`readable`) takes a hundred times as long
 * as such a question, and leaves an object behind that only a whole collection of garbage removes (docs/decisions/0060).
 */
export class PeerStreams {
  readonly #native: Pick<NativeConnection, "streamReadable">
  readonly #streamsMax: number
  #nextId: number
  /** Below the next one, of which nothing has come: the native code does not know them yet. */
  readonly #awaitedIds = new Set<number>()

  /** @param streamsMax how many the peer may have at a time. */
  constructor(native: Pick<NativeConnection, "streamReadable">, firstId: number, streamsMax: number) {
    this.#native = native
    this.#nextId = firstId
    this.#streamsMax = streamsMax
  }

  /** Each id once, when the first of it has come. */
  begun(): readonly number[] {
    const found = [...this.#awaitedIds].filter((id) => this.#native.streamReadable(id))
    const end = this.#nextId + STREAM_ID_STEP * this.#streamsMax
    for (let id = this.#nextId; id < end; id += STREAM_ID_STEP) {
      if (this.#native.streamReadable(id)) found.push(this.#advanceTo(id))
    }
    for (const id of found) this.#awaitedIds.delete(id)
    return found
  }

  /** A stream opens all lower ones of its kind (RFC 9000 section 3.2), whose own packets may come later or be lost. */
  #advanceTo(id: number): number {
    for (; this.#nextId <= id; this.#nextId += STREAM_ID_STEP) this.#awaitedIds.add(this.#nextId)
    return id
  }
}
