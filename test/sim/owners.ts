/**
 * Marks and leases name the process that holds them. All programs of a simulation run in one process, so what a dead
 * one left behind is shown to the next as a process that is gone; what the store keeps is the part drawn by chance.
 */
import { concat, equal, hex } from "../../core/domain/bytes.ts"
import type { ClientReads, ClientTx } from "../../core/store/client-store.ts"

const WHERE_BYTES = 8
const NOWHERE = new Uint8Array(WHERE_BYTES)
/** No process can have this number. */
const GONE = new Uint8Array(WHERE_BYTES).fill(0xff)

/** The programs of one person: what each left in the store is shown by whether it still runs. */
export class Household {
  /** How this process is named at the front of its owners: seen at the first one that is written. */
  here = GONE
  readonly #running = new Map<string, () => boolean>()

  admit(chance: string, isAlive: () => boolean): void {
    this.#running.set(chance, isAlive)
  }

  isRunning(chance: string): boolean {
    return this.#running.get(chance)?.() === true
  }
}

export class Owners {
  readonly #household: Household
  readonly #isAlive: () => boolean

  constructor(household: Household, isAlive: () => boolean) {
    this.#household = household
    this.#isAlive = isAlive
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
    if (!equal(where, GONE) && !this.#household.isRunning(hex(chance))) {
      this.#household.here = where
      this.#household.admit(hex(chance), this.#isAlive)
    }
    return concat(NOWHERE, chance)
  }

  #shown(owner: Uint8Array): Uint8Array {
    const chance = owner.slice(WHERE_BYTES)
    return concat(this.#household.isRunning(hex(chance)) ? this.#household.here : GONE, chance)
  }
}
