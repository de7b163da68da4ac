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

/** What a header says; sizes in bytes. */
export interface FrameShape {
  readonly headerBytes: number
  readonly segmentBytes: readonly number[]
  /** Of all, header included. */
  readonly frameBytes: number
}

/** How long the header is, from its first word. @throws E026 for too many segments. */
export function headerBytes(firstWord: DataView): number {
  const count = firstWord.getUint32(0, true) + 1
  if (count > FRAME_SEGMENTS_MAX) throw malformed(`${count} segments, at most ${FRAME_SEGMENTS_MAX}`)
  return Math.ceil((4 + 4 * count) / WORD_BYTES) * WORD_BYTES
}

/** @param header complete. @throws E026 above `bytesMax`, and for an empty first segment. */
export function frameShape(header: DataView, bytesMax = FRAME_BYTES_MAX): FrameShape {
  const ownBytes = headerBytes(header)
  const count = header.getUint32(0, true) + 1
  const segmentBytes: number[] = []
  let total = ownBytes
  for (let index = 0; index < count; index++) {
    const length = header.getUint32(4 + 4 * index, true) * WORD_BYTES
    segmentBytes.push(length)
    total += length
  }
  if (total > bytesMax) throw malformed(`frame of ${total} bytes, at most ${bytesMax}`)
  if (segmentBytes[0] === 0) throw malformed("empty first segment")
  return { headerBytes: ownBytes, segmentBytes, frameBytes: total }
}

/** @param take gives the next bytes behind the header, in memory of their own. */
export const cutFrame = ({ segmentBytes }: FrameShape, take: (length: number) => ArrayBuffer): Frame => ({
  segments: segmentBytes.map((length) => new DataView(take(length))),
})

/** A frame from bytes that hold exactly one; its segments are copies. @throws E026 */
export function frameFrom(bytes: Uint8Array, bytesMax: number): Frame {
  if (bytes.length > bytesMax) throw malformed(`message of ${bytes.length} bytes, at most ${bytesMax}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < WORD_BYTES || headerBytes(view) > bytes.length) throw malformed("message ends in its header")
  const shape = frameShape(view, bytesMax)
  if (shape.frameBytes !== bytes.length) {
    throw malformed(`message of ${bytes.length} bytes says it has ${shape.frameBytes}`)
  }
  let at = shape.headerBytes
  return cutFrame(shape, (length) => {
    const own = new Uint8Array(length)
    own.set(bytes.subarray(at, at + length))
    at += length
    return own.buffer
  })
}

/** Words of all segments. */
export function frameWords(frame: Frame): number {
  let bytes = 0
  for (const segment of frame.segments) bytes += segment.byteLength
  return bytes / WORD_BYTES
}
