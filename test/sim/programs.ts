/** The programs that somebody runs at once on one profile: mostly one, sometimes a second beside it. */
import type { ClientSession } from "../../core/client/session.ts"
import type { Dice } from "./dice.ts"
import type { Life } from "./life.ts"

interface Program {
  readonly session: ClientSession
  readonly life: Life
}

export class Programs {
  readonly #dice: Dice
  #running: readonly Program[] = []

  constructor(dice: Dice) {
    this.#dice = dice
  }

  get count(): number {
    return this.#running.length
  }

  /** The one that the person turns to now. */
  get session(): ClientSession | undefined {
    return this.#one()?.session
  }

  add(program: Program): void {
    this.#running = [...this.#running, program]
  }

  drop(life: Life): void {
    this.#running = this.#running.filter((one) => one.life !== life)
  }

  /** One of them will crash at one of its next steps; the others go on. */
  dieAfter(steps: number): void {
    this.#one()?.life.dieAfter(steps)
  }

  /** None of them crashes any more by itself. */
  spare(): void {
    for (const { life } of this.#running) life.dieAfter(Infinity)
  }

  die(): void {
    for (const { life } of this.#running) life.die()
  }

  /** Nothing more comes of any, and nobody hears of it. */
  retire(): void {
    for (const { life } of this.#running) life.retire()
    this.#running = []
  }

  /** Ends all in peace. */
  async stop(): Promise<void> {
    await Promise.all(this.#running.map(async (program) => this.#end(program)))
  }

  async stopOne(): Promise<void> {
    const program = this.#one()
    if (program) await this.#end(program)
  }

  async #end({ session, life }: Program): Promise<void> {
    this.drop(life)
    await session.close()
    life.retire()
  }

  #one(): Program | undefined {
    return this.#running.length > 1 ? this.#dice.pick(this.#running) : this.#running[0]
  }
}
