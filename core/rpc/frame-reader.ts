/** Cuts a byte stream into frames. Memory grows with the bytes that arrived, never with the size a header claims. */
import { FRAME_BYTES_MAX } from "../domain/limits.ts"
import { cutFrame, type Frame, type FrameShape, frameShape, headerBytes, WORD_BYTES } from "../wire/frame.ts"
import { BlockQueue } from "./block-queue.ts"

export class FrameReader {
  readonly #frameBytesMax: () => number
  readonly #bytes = new BlockQueue()
  /** Of the frame that is arriving, once its header is here. */
  #shape: FrameShape | undefined
  #framesRead = 0

  /** @param frameBytesMax asked as each frame begins. */
  constructor(frameBytesMax = (): number => FRAME_BYTES_MAX) {
    this.#frameBytesMax = frameBytesMax
  }

  /** Bytes that arrived and are not yet part of a frame given out. */
  get bufferedBytes(): number {
    return this.#bytes.length
  }

  /** The memory that they take. */
  get storageBytes(): number {
    return this.#bytes.storageBytes
  }

  get framesRead(): number {
    return this.#framesRead
  }

  /** Takes a copy of `chunk`. */
  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk)
  }

  /** The next whole frame, if it is there. @throws E026 as soon as a header is not acceptable. */
  next(): Frame | undefined {
    this.#shape ??= this.#shapeOfNext()
    const shape = this.#shape
    if (shape === undefined || shape.frameBytes > this.#bytes.length) return undefined
    this.#shape = undefined
    this.#framesRead++
    this.#bytes.skip(shape.headerBytes)
    return cutFrame(shape, (length) => this.#bytes.take(length))
  }

  /** Nothing more is asked of it: its memory is free. */
  clear(): void {
    this.#shape = undefined
    this.#bytes.clear()
  }

  #shapeOfNext(): FrameShape | undefined {
    if (this.#bytes.length < WORD_BYTES) return undefined
    const header = headerBytes(this.#bytes.peek(WORD_BYTES))
    return header > this.#bytes.length ? undefined : frameShape(this.#bytes.peek(header), this.#frameBytesMax())
  }
}
