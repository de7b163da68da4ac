/** Cuts a byte stream into frames. Memory grows with the bytes that arrived, never with the size a header claims. */
import { FRAME_BYTES_MAX } from "../domain/limits.ts"
import { cutFrame, type Frame, frameBytes, headerBytes, WORD_BYTES } from "../wire/frame.ts"

/** Storage up to this size is kept between frames. */
const KEPT_BYTES_MAX = 16_384

const EMPTY = new Uint8Array(0)

export class FrameReader {
  readonly #frameBytesMax: number
  #storage: Uint8Array<ArrayBuffer> = EMPTY
  #start = 0
  #end = 0
  #framesRead = 0

  constructor(frameBytesMax = FRAME_BYTES_MAX) {
    this.#frameBytesMax = frameBytesMax
  }

  /** Bytes that arrived and are not yet part of a frame given out. */
  get bufferedBytes(): number {
    return this.#end - this.#start
  }

  get framesRead(): number {
    return this.#framesRead
  }

  /** Takes a copy of `chunk`. */
  push(chunk: Uint8Array): void {
    this.#makeRoom(chunk.length)
    this.#storage.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** The next whole frame, if it is there. @throws E026 as soon as a header is not acceptable. */
  next(): Frame | undefined {
    const size = this.#frameSize()
    if (size === undefined || size > this.bufferedBytes) return undefined
    const frame = cutFrame(this.#view(), this.#start)
    this.#start += size
    this.#framesRead++
    if (this.#start === this.#end) this.#rewind()
    return frame
  }

  #frameSize(): number | undefined {
    if (this.bufferedBytes < WORD_BYTES) return undefined
    const view = this.#view()
    if (headerBytes(view, this.#start) > this.bufferedBytes) return undefined
    return frameBytes(view, this.#start, this.#frameBytesMax)
  }

  #view(): DataView<ArrayBuffer> {
    return new DataView(this.#storage.buffer)
  }

  #rewind(): void {
    this.#start = this.#end = 0
    if (this.#storage.length > KEPT_BYTES_MAX) this.#storage = EMPTY
  }

  /** Doubles, so that many small chunks cost linear time; at most twice what arrived. */
  #makeRoom(length: number): void {
    const unread = this.bufferedBytes
    if (this.#end + length <= this.#storage.length) return
    const storage =
      unread + length <= this.#storage.length ? this.#storage : new Uint8Array(Math.max(unread + length, 2 * unread))
    storage.set(this.#storage.subarray(this.#start, this.#end))
    this.#storage = storage
    this.#start = 0
    this.#end = unread
  }
}
