/**
 * Marks and leases name the process that holds them. All programs of a simulation run in one process, so what a dead
 * one left behind is shown to the others as a process that is gone, and what a living one holds as one that is there;
 * what the store keeps is the part drawn by chance.
 */
import { concat, hex } from "../../core/domain/bytes.ts"
import type { ClientReads, ClientTx } from "../../core/store/client-store.ts"

const WHERE_BYTES = 8
const NOWHERE = new Uint8Array(WHERE_BYTES)
/** No process can have this number. */
const GONE = new Uint8Array(WHERE_BYTES).fill(0xff)

/** The owners that live on one profile, by the part of their names drawn by chance. */
export class Living {
  /** How this process is named at the front of its owners: seen at the first one that is written. */
  here: Uint8Array | undefined
  readonly names = new Set<string>()
}

export class Owners {
  readonly #living: Living
  readonly #mine = new Set<string>()
  #isOver = false

  constructor(living: Living) {
    this.#living = living
  }

  /** Its program is gone. */
  end(): void {
    this.#isOver = true
    for (const name of this.#mine) this.#living.names.delete(name)
  }

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
    if (Buffer.compare(where, GONE) !== 0) this.#note(where, hex(chance))
    return concat(NOWHERE, chance)
  }

  /** A mark of another that is moved keeps its owner: only what nobody else holds is this program's. */
  #note(where: Uint8Array, name: string): void {
    const { names } = this.#living
    this.#living.here = where
    if (this.#isOver || names.has(name)) return
    names.add(name)
    this.#mine.add(name)
  }

  #shown(owner: Uint8Array): Uint8Array {
    const chance = owner.slice(WHERE_BYTES)
    const { here, names } = this.#living
    return concat(here && names.has(hex(chance)) ? here : GONE, chance)
  }
}
