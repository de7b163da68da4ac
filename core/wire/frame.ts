/** One Cap'n Proto message in standard stream framing: a header of segment sizes, then the segments. */
import { QpqError } from "../domain/errors.ts"
import { FRAME_BYTES_MAX, FRAME_SEGMENTS_MAX } from "../domain/limits.ts"

/** Segments of a received message, each over its own buffer, at offset 0, a whole number of words long. */
export interface Frame {
  readonly segments: readonly DataView<ArrayBuffer>[]
}

export const WORD_BYTES = 8

export const malformed = (detail: string, cause?: unknown): QpqError =>
  new QpqError("E026", detail, cause === undefined ? undefined : { cause })

/** How long the header is, from its first word. @throws E026 for too many segments. */
export function headerBytes(view: DataView, at = 0): number {
  const count = view.getUint32(at, true) + 1
  if (count > FRAME_SEGMENTS_MAX) throw malformed(`${count} segments, at most ${FRAME_SEGMENTS_MAX}`)
  return Math.ceil((4 + 4 * count) / WORD_BYTES) * WORD_BYTES
}

/** Size of the whole frame, header included, from a complete header. @throws E026 above `bytesMax`. */
export function frameBytes(view: DataView, at = 0, bytesMax = FRAME_BYTES_MAX): number {
  const count = view.getUint32(at, true) + 1
  let total = headerBytes(view, at)
  for (let index = 0; index < count; index++) total += view.getUint32(at + 4 + 4 * index, true) * WORD_BYTES
  if (total > bytesMax) throw malformed(`frame of ${total} bytes, at most ${bytesMax}`)
  if (view.getUint32(at + 4, true) === 0) throw malformed("empty first segment")
  return total
}

/** Copies a complete frame's segments out of `view`, so that the frame owns its memory. */
export function cutFrame(view: DataView<ArrayBuffer>, at = 0): Frame {
  const count = view.getUint32(at, true) + 1
  let offset = view.byteOffset + at + headerBytes(view, at)
  const segments: DataView<ArrayBuffer>[] = []
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(at + 4 + 4 * index, true) * WORD_BYTES
    segments.push(new DataView(view.buffer.slice(offset, offset + length)))
    offset += length
  }
  return { segments }
}

/** A frame from bytes that hold exactly one. @throws E026 */
export function frameFrom(bytes: Uint8Array, bytesMax: number): Frame {
  if (bytes.length > bytesMax) throw malformed(`message of ${bytes.length} bytes, at most ${bytesMax}`)
  const owned = bytes.slice()
  const view = new DataView(owned.buffer, owned.byteOffset, owned.byteLength)
  if (bytes.length < WORD_BYTES || headerBytes(view) > bytes.length) throw malformed("message ends in its header")
  const total = frameBytes(view, 0, bytesMax)
  if (total !== bytes.length) throw malformed(`message of ${bytes.length} bytes says it has ${total}`)
  return cutFrame(view)
}

/** Words of all segments. */
export function frameWords(frame: Frame): number {
  let bytes = 0
  for (const segment of frame.segments) bytes += segment.byteLength
  return bytes / WORD_BYTES
}
