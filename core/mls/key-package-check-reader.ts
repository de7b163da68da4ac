/** Strict reader of the TLS presentation language (RFC 9420 section 2.1): bounds, and the shortest length form only. */
import { QpqError } from "../domain/errors.ts"

/** Every method throws E011 when the bytes end too early or a length is not in its shortest form. */
export class TlsReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2))
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8))
  }

  /** opaque<V>: a view, not a copy. */
  vector(): Uint8Array {
    const length = this.#length()
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** uint16<V>. */
  uint16Vector(): readonly number[] {
    const inner = new TlsReader(this.vector())
    const values: number[] = []
    while (!inner.atEnd) values.push(inner.uint16())
    return values
  }

  /** Variable-size length of 1, 2 or 4 bytes; the two high bits tell which (RFC 9420 section 2.1.2). */
  #length(): number {
    const first = this.uint8()
    const form = first >> 6
    if (form === 0) return first
    if (form === 3) throw new QpqError("E011", "length form")
    const rest = form === 1 ? this.uint8() : this.#uint24()
    const length = (first & 0x3f) * (form === 1 ? 0x100 : 0x1000000) + rest
    if (length < (form === 1 ? 64 : 16_384)) throw new QpqError("E011", "length not in its shortest form")
    return length
  }

  #uint24(): number {
    return this.uint8() * 0x10000 + this.uint16()
  }

  /** @returns where the `count` bytes start. */
  #advance(count: number): number {
    const start = this.#at
    if (count > this.#bytes.length - start) throw new QpqError("E011", "ends too early")
    this.#at = start + count
    return start
  }
}

/** The same length form, written. Lengths up to 2^30 - 1. */
export function tlsLength(length: number): Uint8Array {
  if (length < 64) return Uint8Array.of(length)
  if (length < 16_384) return Uint8Array.of(0x40 | (length >> 8), length & 0xff)
  return Uint8Array.of(0x80 | (length >>> 24), (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff)
}
