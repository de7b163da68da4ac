/** Goals beside what was measured: one line each, and whether all were reached. */

export class Figures {
  #missed = 0

  get missed(): number {
    return this.#missed
  }

  /** A goal that a number has to stay under, or reach. */
  most(what: string, value: number, goal: number, unit: string): void {
    this.#line(what, `${format(value)} ${unit}`, `<= ${format(goal)}`, value <= goal)
  }

  holds(what: string, isSo: boolean, seen: string): void {
    this.#line(what, seen, "", isSo)
  }

  /** A figure without a goal of its own. */
  note(what: string, value: string): void {
    console.log(`       ${what}: ${value}`)
  }

  #line(what: string, seen: string, goal: string, isReached: boolean): void {
    if (!isReached) this.#missed += 1
    console.log(`${isReached ? "ok    " : "MISSED"} ${what}: ${seen}${goal === "" ? "" : ` (goal ${goal})`}`)
  }
}

/** 0 is the least, 1 the most. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

const format = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1))
