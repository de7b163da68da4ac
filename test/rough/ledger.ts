/** What was acknowledged to the people who said it: the promise that the checker holds the databases to. */
import type { Delivery } from "../../core/client/client-api.ts"

export interface Said {
  /** Account name. */
  readonly sender: string
  /** Hex. */
  readonly id: string
  readonly text: string
  /** The best that its sender was told: queued is durable on its computer, stored is on the server. */
  readonly told: Delivery
}

export class Ledger {
  readonly #said = new Map<string, Said>()
  /** A delivery that was told before the answer to `send` came. */
  readonly #early = new Map<string, Delivery>()

  queued(sender: string, { id, text }: Pick<Said, "id" | "text">): void {
    this.#said.set(id, { sender, id, text, told: this.#early.get(id) ?? "queued" })
    this.#early.delete(id)
  }

  delivered(id: string, delivery: Delivery): void {
    const said = this.#said.get(id)
    if (said) this.#said.set(id, { ...said, told: delivery })
    else this.#early.set(id, delivery)
  }

  get all(): readonly Said[] {
    return [...this.#said.values()]
  }

  count(told: Delivery): number {
    return this.all.filter((said) => said.told === told).length
  }
}
