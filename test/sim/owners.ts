/**
 * Marks and leases name the process that holds them. All programs of a simulation run in one process, so what a dead
 * one left behind is shown to the next as a process that is gone; what the store keeps is the part drawn by chance.
 */
import { concat } from "../../core/domain/bytes.ts"
import type { ClientReads, ClientTx } from "../../core/store/client-store.ts"

const WHERE_BYTES = 8
const NOWHERE = new Uint8Array(WHERE_BYTES)
/** No process can have this number. */
const GONE = new Uint8Array(WHERE_BYTES).fill(0xff)

export class Owners {
  /** How this process is named at the front of its owners: seen at the first one that is written. */
  #here: Uint8Array | undefined
  readonly #mine = new Set<string>()

  reads(store: ClientReads): Pick<ClientReads, "processing" | "leaseHolder"> {
    return {
      processing: (position) => {
        const mark = store.processing(position)
        return mark && { ...mark, owner: this.#shown(mark.owner) }
      },
      leaseHolder: (name) => {
        const holder = store.leaseHolder(name)
        return holder && this.#shown(holder)
      },
    }
  }

  writes(tx: ClientTx): Pick<ClientTx, "mark" | "lease" | "release"> {
    return {
      mark: (mark) => {
        tx.mark({ ...mark, owner: this.#kept(mark.owner) })
      },
      lease: (name, owner, now, untilMs) => tx.lease(name, this.#kept(owner), now, untilMs),
      release: (name, owner) => {
        tx.release(name, this.#kept(owner))
      },
    }
  }

  #kept(owner: Uint8Array): Uint8Array {
    const chance = owner.slice(WHERE_BYTES)
    const where = owner.slice(0, WHERE_BYTES)
    if (Buffer.compare(where, GONE) !== 0) {
      this.#here = where
      this.#mine.add(Buffer.from(chance).toString("hex"))
    }
    return concat(NOWHERE, chance)
  }

  #shown(owner: Uint8Array): Uint8Array {
    const chance = owner.slice(WHERE_BYTES)
    const isMine = this.#mine.has(Buffer.from(chance).toString("hex"))
    return concat(isMine && this.#here ? this.#here : GONE, chance)
  }
}
