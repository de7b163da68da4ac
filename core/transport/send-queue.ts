/** Bytes waiting to be sent, handed on in large pieces: crossing into native code per small write costs more than copying. */

/** Small writes are joined up to this size. */
const PIECE_BYTES_MAX = 65_536
/** A first chunk of this size goes as it is. */
const LARGE_BYTES = 16_384

export class SendQueue {
  #chunks: Uint8Array[] = []
  #first = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }

  /** The next bytes to send, not yet removed; undefined when nothing waits. */
  peek(): Uint8Array | undefined {
    const head = this.#chunks[this.#first]
    const isLast = this.#first === this.#chunks.length - 1
    if (head === undefined || isLast || head.length >= LARGE_BYTES) return head
    return this.#join()
  }

  /** Removes the first `length` bytes of what `peek` returned. */
  consume(length: number): void {
    const head = this.#chunks[this.#first]
    if (head === undefined) return
    this.#bytes -= length
    if (length < head.length) this.#chunks[this.#first] = head.subarray(length)
    else this.#drop(1)
  }

  clear(): void {
    this.#chunks = []
    this.#first = 0
    this.#bytes = 0
  }

  #join(): Uint8Array {
    let bytes = 0
    let end = this.#first
    for (; end < this.#chunks.length && bytes < PIECE_BYTES_MAX; end++) bytes += this.#chunks[end]?.length ?? 0
    const piece = Buffer.concat(this.#chunks.slice(this.#first, end), bytes)
    this.#drop(end - this.#first - 1)
    this.#chunks[this.#first] = piece
    return piece
  }

  #drop(count: number): void {
    this.#first += count
    if (this.#first >= this.#chunks.length) {
      this.#chunks = []
      this.#first = 0
    } else if (this.#first > 1024) {
      this.#chunks = this.#chunks.slice(this.#first)
      this.#first = 0
    }
  }
}
