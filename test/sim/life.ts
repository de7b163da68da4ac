/** One run of a person's program, from its start until it is ended, crashes, or the power fails. */
import type { GroupEngine } from "../../core/mls/group-engine.ts"
import type { ClientStore, ClientTx } from "../../core/store/client-store.ts"
import { NEVER } from "./node.ts"
import { Living, Owners } from "./owners.ts"

/** What a dead program's own code meets, so that it comes no further. Nobody else sees it. */
export class Dead extends Error {}

export class Life {
  readonly owners: Owners
  /** Steps that others can notice are counted: writes, calls, answers and the ends of MLS steps. */
  #stepsLeft = Infinity
  #isAlive = true
  #onDeath: (() => void)[] = []
  #onEnd: (() => void)[] = []

  /** @param living those who live on the same profile. */
  constructor(living = new Living()) {
    this.owners = new Owners(living)
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  /** It will crash at one of its next steps. */
  dieAfter(steps: number): void {
    this.#stepsLeft = steps
  }

  die(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    for (const tell of this.#onDeath) tell()
    this.#onDeath = []
    this.#end()
  }

  /** It was ended in peace: nothing more will come of it. */
  retire(): void {
    this.#onDeath = []
    this.#isAlive = false
    this.#end()
  }

  #end(): void {
    this.owners.end()
    for (const tell of this.#onEnd.splice(0)) tell()
  }

  onDeath(tell: () => void): void {
    this.#onDeath.push(tell)
  }

  /** However it ends. */
  onEnd(tell: () => void): void {
    this.#onEnd.push(tell)
  }

  /** @returns whether it lives on. */
  tick(): boolean {
    if (this.#isAlive && --this.#stepsLeft < 0) this.die()
    return this.#isAlive
  }

  /** @throws Dead */
  step(): void {
    if (!this.tick()) throw new Dead()
  }

  /** @throws Dead */
  check(): void {
    if (!this.#isAlive) throw new Dead()
  }
}

type AnyCall = (...args: readonly unknown[]) => unknown

/** A wrapped transaction: what a simulation adds to the writes it wants to see, or to spoil. */
export type TxChange = (tx: ClientTx) => Partial<ClientTx>

interface StoreRooms {
  readonly life: Life
  readonly store: ClientStore
  readonly changes: readonly TxChange[]
  /** After a transaction that a power cut does not undo. */
  readonly onDurable: () => void
}

/** The store in the hands of a program that may die before or after each transaction. */
export function mortalStore({ life, store, changes, onDurable }: StoreRooms): ClientStore {
  const reads = Object.entries(store) as unknown as [string, AnyCall][]
  const checked = Object.fromEntries(
    reads.map(([name, read]) => [
      name,
      (...args: readonly unknown[]) => {
        life.check()
        return read(...args)
      },
    ]),
  ) as unknown as ClientStore
  return {
    ...checked,
    ...life.owners.reads(checked),
    write(change, durability = "durable") {
      life.step()
      const result = store.write((tx) => {
        let wrapped: ClientTx = { ...tx, ...life.owners.reads(tx), ...life.owners.writes(tx) }
        for (const more of changes) wrapped = { ...wrapped, ...more(wrapped) }
        return change(wrapped)
      }, durability)
      if (durability === "durable") onDurable()
      life.step()
      return result
    },
    close: () => undefined,
  }
}

/** The engine in the hands of a program that may die whenever it waits for a step of MLS. */
export function mortalEngine(life: Life, engine: GroupEngine): GroupEngine {
  const steps = engine as unknown as Record<string, AnyCall>
  const own =
    (name: string): AnyCall =>
    (...args) =>
      steps[name]?.call(engine, ...args)
  const awaited =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<unknown> => {
      const result = await own(name)(...args)
      return life.tick() ? result : NEVER
    }
  const made = Object.entries(STEPS).map(([name, when]): [string, AnyCall] => [
    name,
    when === "awaited" ? awaited(name) : own(name),
  ])
  return Object.fromEntries<AnyCall>(made) as unknown as GroupEngine
}

const STEPS: Readonly<Record<keyof GroupEngine, "immediate" | "awaited">> = {
  makeKeyPackage: "awaited",
  checkKeyPackage: "awaited",
  create: "awaited",
  stage: "awaited",
  adopt: "immediate",
  seal: "awaited",
  open: "awaited",
  headerOf: "immediate",
  peekWelcome: "awaited",
  join: "awaited",
  withoutPast: "immediate",
  encode: "immediate",
  decode: "immediate",
  applyTouched: "immediate",
  commitProof: "awaited",
  envelopeKeys: "awaited",
  successorId: "awaited",
  leafKey: "immediate",
  epochAuthenticator: "immediate",
}
