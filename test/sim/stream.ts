/** Random bytes for the people of a simulation: the same for the same name, and never twice the same for two names. */
import { createHash } from "node:crypto"
import type { Random } from "../../core/domain/world.ts"

const BLOCK_BYTES = 32

export class RandomStream implements Random {
  readonly #name: string
  #block = new Uint8Array(0)
  #used = 0
  #count = 0

  constructor(name: string) {
    this.#name = name
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at++) {
      if (this.#used === this.#block.length) this.#next()
      bytes[at] = this.#block[this.#used++]!
    }
    return bytes
  }

  #next(): void {
    this.#block = new Uint8Array(createHash("sha256").update(`${this.#name}/${this.#count++}`).digest())
    this.#used = this.#block.length - BLOCK_BYTES
  }
}
