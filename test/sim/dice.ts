/** Everything that happens by chance in a simulation, from its seed. */
import { SeededRandom } from "../fakes/world.ts"

const WARM_UP = 8
const MANY = 1_000_000

export class Dice extends SeededRandom {
  constructor(seed: number) {
    super(Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bf03635)
    for (let round = 0; round < WARM_UP; round++) this.next()
  }

  /** True in `share` of all cases, 0 to 1. */
  chance(share: number): boolean {
    return this.below(MANY) < share * MANY
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** Mostly near `least`, seldom near `most`. */
  skewed(least: number, most: number): number {
    const share = this.below(MANY) / MANY
    return Math.floor(least + (most - least) * share ** 3)
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.below(list.length)]
  }

  /** `count` of them at most, each once, in any order. */
  some<T>(list: readonly T[], count: number): readonly T[] {
    const left = [...list]
    const taken: T[] = []
    while (left.length > 0 && taken.length < count) taken.push(...left.splice(this.below(left.length), 1))
    return taken
  }
}
