/** Reads a struct of a structure-checked frame in place. What an older writer left out reads as zero or null. */
import { textFrom } from "../domain/bytes.ts"
import { type Frame, malformed, WORD_BYTES } from "./frame.ts"
import { ELEMENT_BYTE, ELEMENT_COMPOSITE, type Place, resolve, type Target } from "./pointer.ts"

export class StructView {
  readonly #frame: Frame
  readonly #segment: DataView | undefined
  readonly #target: Target | undefined
  readonly #word: number

  /** @param target a struct or a list of structs; undefined reads as all zero. @param index element of that list. */
  constructor(frame: Frame, target: Target | undefined, index = 0) {
    this.#frame = frame
    this.#target = target
    this.#segment = target === undefined ? undefined : frame.segments[target.segment]
    this.#word = target === undefined ? 0 : target.word + index * (target.dataWords + target.pointerCount)
  }

  /** The root struct of a frame. @throws E026 when the root is no struct. */
  static root(frame: Frame): StructView {
    return structOf(frame, resolve(frame, { segment: 0, word: 0 }))
  }

  bit(offset: number): boolean {
    const at = Math.floor(offset / 8)
    return this.#has(at, 1) && ((this.#segment?.getUint8(this.#at(at)) ?? 0) & (1 << (offset % 8))) !== 0
  }

  uint16(at: number): number {
    return this.#has(at, 2) ? (this.#segment?.getUint16(this.#at(at), true) ?? 0) : 0
  }

  uint32(at: number): number {
    return this.#has(at, 4) ? (this.#segment?.getUint32(this.#at(at), true) ?? 0) : 0
  }

  uint64(at: number): bigint {
    return this.#has(at, 8) ? (this.#segment?.getBigUint64(this.#at(at), true) ?? 0n) : 0n
  }

  /** Where pointer `index` stands; undefined when this struct has no such pointer. */
  place(index: number): Place | undefined {
    if (this.#target === undefined || index >= this.#target.pointerCount) return undefined
    return { segment: this.#target.segment, word: this.#word + this.#target.dataWords + index }
  }

  /** What pointer `index` points to; undefined for null. */
  pointer(index: number): Target | undefined {
    const place = this.place(index)
    return place === undefined ? undefined : resolve(this.#frame, place)
  }

  /** @throws E026 when the pointer is neither a struct nor null. */
  struct(index: number): StructView {
    return structOf(this.#frame, this.pointer(index))
  }

  /** @throws E026 when the pointer is neither a list of structs nor null. */
  structs(index: number): readonly StructView[] {
    const target = this.pointer(index)
    if (target === undefined) return []
    if (target.kind !== "list" || target.elementSize !== ELEMENT_COMPOSITE) throw malformed("not a list of structs")
    return Array.from({ length: target.count }, (_, element) => new StructView(this.#frame, target, element))
  }

  /** @throws E026 when the pointer is not UTF-8 text. */
  text(index: number): string {
    const target = this.pointer(index)
    return target === undefined ? "" : textFrom(textBytes(this.#frame, target))
  }

  #has(at: number, length: number): boolean {
    return this.#target !== undefined && at + length <= this.#target.dataWords * WORD_BYTES
  }

  #at(at: number): number {
    return this.#word * WORD_BYTES + at
  }
}

/** The bytes of a text without its closing NUL. @throws E026 */
export function textBytes(frame: Frame, target: Target): Uint8Array {
  const bytes = dataBytes(frame, target)
  if (bytes.length === 0 || bytes[bytes.length - 1] !== 0) throw malformed("text without its closing NUL")
  return bytes.subarray(0, -1)
}

/** A view of a list of bytes. @throws E026 */
export function dataBytes(frame: Frame, target: Target): Uint8Array {
  const segment = frame.segments[target.segment]
  if (target.kind !== "list" || target.elementSize !== ELEMENT_BYTE || segment === undefined) {
    throw malformed("not a list of bytes")
  }
  return new Uint8Array(segment.buffer, target.word * WORD_BYTES, target.count)
}

function structOf(frame: Frame, target: Target | undefined): StructView {
  if (target !== undefined && target.kind !== "struct") throw malformed("not a struct")
  return new StructView(frame, target)
}
