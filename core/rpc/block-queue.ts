/** Bytes that arrived, in blocks as they came, copied once more when they are taken: storage never doubles and moves. */

/** No block is larger; those of this size are used again. */
const BLOCK_BYTES_MAX = 65_536
/** For the first bytes; an empty queue keeps a block of this size. */
const BLOCK_BYTES_MIN = 4096
/** Blocks that wait for the next frame of anybody: 16 MiB, what one connection may hold at most. */
const SPARE_BLOCKS_MAX = 256

const spares: Uint8Array<ArrayBuffer>[] = []

export class BlockQueue {
  #blocks: Uint8Array<ArrayBuffer>[] = []
  /** Where the bytes begin in the first block. */
  #start = 0
  /** Where they end in the last one. */
  #end = 0
  #length = 0
  #storageBytes = 0

  /** Bytes that can be taken. */
  get length(): number {
    return this.#length
  }

  /** What holds them: at most twice their number, or a block more than they fill; 0 for none. */
  get storageBytes(): number {
    return this.#length === 0 ? 0 : this.#storageBytes
  }

  /** Takes a copy of `chunk`. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const last = this.#roomyBlock(chunk.length - at)
      const count = Math.min(last.length - this.#end, chunk.length - at)
      last.set(chunk.subarray(at, at + count), this.#end)
      this.#end += count
      this.#length += count
      at += count
    }
  }

  /** The first `count` bytes, which must be there; they stay. The view holds until the next change. */
  peek(count: number): DataView<ArrayBuffer> {
    const [first] = this.#blocks
    if (first && first.length - this.#start >= count) return new DataView(first.buffer, this.#start, count)
    const whole = new Uint8Array(count)
    this.#copy(whole)
    return new DataView(whole.buffer)
  }

  /** The first `count` bytes, which must be there, in memory of their own. */
  take(count: number): ArrayBuffer {
    const [first] = this.#blocks
    const isInOne = first !== undefined && first.length - this.#start >= count
    const taken = isInOne ? first.buffer.slice(this.#start, this.#start + count) : new ArrayBuffer(count)
    if (!isInOne) this.#copy(new Uint8Array(taken))
    this.skip(count)
    return taken
  }

  /** Drops the first `count` bytes, which must be there. */
  skip(count: number): void {
    this.#length -= count
    this.#start += count
    if (this.#length === 0) {
      this.#rewind()
      return
    }
    for (let [first] = this.#blocks; first && this.#start >= first.length; [first] = this.#blocks) {
      this.#start -= first.length
      this.#blocks.shift()
      this.#release(first)
    }
  }

  clear(): void {
    this.skip(this.#length)
  }

  #copy(to: Uint8Array): void {
    let [at, from] = [0, this.#start]
    for (const block of this.#blocks) {
      if (at === to.length) return
      const part = block.subarray(from, from + to.length - at)
      to.set(part, at)
      at += part.length
      from = 0
    }
  }

  #roomyBlock(wanted: number): Uint8Array<ArrayBuffer> {
    const last = this.#blocks[this.#blocks.length - 1]
    if (last && this.#end < last.length) return last
    const size = Math.min(Math.max(wanted, this.#length, BLOCK_BYTES_MIN), BLOCK_BYTES_MAX)
    const block = (size === BLOCK_BYTES_MAX ? spares.pop() : undefined) ?? new Uint8Array(size)
    this.#blocks.push(block)
    this.#storageBytes += block.length
    this.#end = 0
    return block
  }

  #release(block: Uint8Array<ArrayBuffer>): void {
    this.#storageBytes -= block.length
    if (block.length === BLOCK_BYTES_MAX && spares.length < SPARE_BLOCKS_MAX) spares.push(block)
  }

  /** Nothing is left. */
  #rewind(): void {
    this.#start = this.#end = 0
    const [first, ...others] = this.#blocks
    if (!first) return
    const isKept = first.length === BLOCK_BYTES_MIN
    for (const block of isKept ? others : this.#blocks) this.#release(block)
    this.#blocks = isKept ? [first] : []
  }
}
