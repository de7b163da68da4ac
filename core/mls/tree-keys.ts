/** Each HPKE key stands at one place of a tree: with two alike, whoever is invited refuses the tree (RFC 9420 sections 7.3 and 12.4.2). */
import type { RatchetTree } from "ts-mls"

export class TreeKeys {
  readonly #known = new Set<string>()

  constructor(tree: RatchetTree) {
    for (const node of tree) {
      if (node === undefined) continue
      this.#known.add(nameOf(node.nodeType === "leaf" ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey))
    }
  }

  /** @returns whether it is not there yet; from now on it is. */
  take(key: Uint8Array): boolean {
    const name = nameOf(key)
    if (this.#known.has(name)) return false
    this.#known.add(name)
    return true
  }
}

const nameOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1")
