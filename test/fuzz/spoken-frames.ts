/** Frames that an endpoint wrote, one by one, and the same messages in other frames. */
import { concat } from "../../core/domain/bytes.ts"
import type { RecordingSink } from "../fakes/stream-pair.ts"

const WORD_BYTES = 8

/** What was written, one single-segment frame each. */
export function framesOf(sink: RecordingSink): Uint8Array<ArrayBuffer>[] {
  const frames: Uint8Array<ArrayBuffer>[] = []
  const all = concat(...sink.chunks)
  for (let at = 0; at < all.length;) {
    const size = WORD_BYTES + WORD_BYTES * new DataView(all.buffer, all.byteOffset + at).getUint32(4, true)
    frames.push(new Uint8Array(all.slice(at, at + size)))
    at += size
  }
  return frames
}

/** The same message with its root behind a far pointer. */
export function twoSegments(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const words = (frame.length - WORD_BYTES) / WORD_BYTES
  const split = new Uint8Array(16 + WORD_BYTES + words * WORD_BYTES)
  const view = new DataView(split.buffer)
  for (const [index, value] of [1, 1, words, 0, 2, 1].entries()) view.setUint32(index * 4, value, true)
  split.set(frame.subarray(WORD_BYTES), 24)
  return split
}

/** Whatever was done to it: one segment again, as long as the bytes are. */
export function reframed(bytes: Uint8Array): Uint8Array {
  const words = Math.max(1, Math.ceil(bytes.length / WORD_BYTES) - 1)
  const frame = new Uint8Array(WORD_BYTES * (1 + words))
  frame.set(bytes.subarray(0, frame.length))
  const view = new DataView(frame.buffer)
  view.setUint32(0, 0, true)
  view.setUint32(4, words, true)
  return frame
}
