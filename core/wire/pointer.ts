/** Resolves a pointer of a received frame: far pointers followed, every bound checked (Cap'n Proto encoding, "Pointers"). */
import { type Frame, malformed, WORD_BYTES } from "./frame.ts"

/** Where a pointer stands: segment and word within it. */
export interface Place {
  readonly segment: number
  readonly word: number
}

export const ELEMENT_BYTE = 2
export const ELEMENT_POINTER = 6
export const ELEMENT_COMPOSITE = 7

/** What a pointer points to. For a list of structs `word` is the first element and the sizes are one element's. */
export interface Target extends Place {
  readonly kind: "struct" | "list" | "capability"
  /** Of a struct or of each element of a list of structs. */
  readonly dataWords: number
  readonly pointerCount: number
  /** Lists only. */
  readonly elementSize: number
  readonly count: number
  /** Words the content takes, tag word included; at least one per element, so that empty elements are not free. */
  readonly words: number
  /** Words of the far pointer's landing pad. */
  readonly padWords: number
}

const ELEMENT_BITS = [0, 1, 8, 16, 32, 64, 64]

interface Near extends Place {
  readonly low: number
  readonly high: number
  readonly padWords: number
}

/** The target of the pointer at `place`, or undefined for a null pointer. @throws E026 */
export function resolve(frame: Frame, place: Place): Target | undefined {
  const segment = segmentOf(frame, place.segment)
  const at = place.word * WORD_BYTES
  const low = segment.getUint32(at, true)
  const high = segment.getUint32(at + 4, true)
  if (low === 0 && high === 0) return undefined
  if ((low & 3) === 2) return targetOf(frame, followFar(frame, low, high))
  return targetOf(frame, { segment: place.segment, word: place.word + 1 + (low >> 2), low, high, padWords: 0 })
}

function segmentOf(frame: Frame, index: number): DataView {
  const segment = frame.segments[index]
  if (segment === undefined) throw malformed("pointer into a missing segment")
  return segment
}

function followFar(frame: Frame, farLow: number, padSegment: number): Near {
  const double = (farLow & 4) !== 0
  const padWord = farLow >>> 3
  const segment = segmentOf(frame, padSegment)
  const padWords = double ? 2 : 1
  if ((padWord + padWords) * WORD_BYTES > segment.byteLength) throw malformed("far pointer out of bounds")
  const low = segment.getUint32(padWord * WORD_BYTES, true)
  const high = segment.getUint32(padWord * WORD_BYTES + 4, true)
  if (!double) {
    if ((low & 3) >= 2 || (low === 0 && high === 0)) throw malformed("far pointer to no object")
    return { segment: padSegment, word: padWord + 1 + (low >> 2), low, high, padWords }
  }
  if ((low & 7) !== 2) throw malformed("bad landing pad of a double far pointer")
  const tagLow = segment.getUint32(padWord * WORD_BYTES + 8, true)
  const tagHigh = segment.getUint32(padWord * WORD_BYTES + 12, true)
  if (tagLow > 1) throw malformed("bad tag of a double far pointer")
  return { segment: high, word: low >>> 3, low: tagLow, high: tagHigh, padWords }
}

function targetOf(frame: Frame, near: Near): Target {
  const kind = near.low & 3
  if (kind === 3) {
    if (near.low !== 3) throw malformed("unknown kind of pointer")
    return target(near, { kind: "capability", words: 0 })
  }
  if (kind === 0) {
    const dataWords = near.high & 0xffff
    const pointerCount = near.high >>> 16
    const words = dataWords + pointerCount
    inBounds(frame, near, words)
    return target(near, { kind: "struct", dataWords, pointerCount, words })
  }
  if ((near.high & 7) === ELEMENT_COMPOSITE) return compositeOf(frame, near)
  const elementSize = near.high & 7
  const count = near.high >>> 3
  const words = Math.ceil((count * (ELEMENT_BITS[elementSize] ?? 0)) / 64)
  inBounds(frame, near, words)
  return target(near, { kind: "list", elementSize, count, words: elementSize === 0 ? count : words })
}

function compositeOf(frame: Frame, near: Near): Target {
  const words = near.high >>> 3
  inBounds(frame, near, words + 1)
  const segment = segmentOf(frame, near.segment)
  const tagLow = segment.getUint32(near.word * WORD_BYTES, true)
  const tagHigh = segment.getUint32(near.word * WORD_BYTES + 4, true)
  const count = tagLow >>> 2
  const dataWords = tagHigh & 0xffff
  const pointerCount = tagHigh >>> 16
  if ((tagLow & 3) !== 0 || count * (dataWords + pointerCount) > words) throw malformed("bad tag of a list of structs")
  const charged = 1 + Math.max(words, count)
  const first = { ...near, word: near.word + 1 }
  return target(first, {
    kind: "list",
    elementSize: ELEMENT_COMPOSITE,
    count,
    dataWords,
    pointerCount,
    words: charged,
  })
}

function inBounds(frame: Frame, place: Place, words: number): void {
  const { byteLength } = segmentOf(frame, place.segment)
  if (place.word < 0 || (place.word + words) * WORD_BYTES > byteLength) throw malformed("object out of bounds")
}

const target = (near: Near, what: Pick<Target, "kind" | "words"> & Partial<Target>): Target => ({
  kind: what.kind,
  segment: near.segment,
  word: near.word,
  dataWords: what.dataWords ?? 0,
  pointerCount: what.pointerCount ?? 0,
  elementSize: what.elementSize ?? 0,
  count: what.count ?? 0,
  words: what.words,
  padWords: near.padWords,
})
