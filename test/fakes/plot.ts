/** Figures as text: a table, and how a cost grows as bars. */

export interface Series {
  readonly name: string
  /** In milliseconds, by size. */
  readonly ms: ReadonlyMap<number, number>
}

const BAR_CHARACTERS = 40
const COLUMN = 9

const figure = (ms: number | undefined): string => (ms === undefined ? "-" : ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0))

/** One row per series, one column per size. */
export function table(title: string, sizes: readonly number[], series: readonly Series[]): string {
  const width = Math.max(title.length, ...series.map(({ name }) => name.length))
  const row = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(COLUMN))].join("")
  return [
    row(title, sizes.map(String)),
    ...series.map(({ name, ms }) =>
      row(
        name,
        sizes.map((size) => figure(ms.get(size))),
      ),
    ),
  ].join("\n")
}

/** Bars as long as the cost, the largest filling the line; and what twice the size costs, from the largest two. */
export function plot({ name, ms }: Series): string {
  const most = Math.max(...ms.values())
  const lines = [...ms].map(([size, cost]) => {
    const bar = "#".repeat(Math.max(1, Math.round((cost / most) * BAR_CHARACTERS)))
    return `  ${String(size).padStart(4)} ${bar} ${figure(cost)}`
  })
  return [`${name}: ${growth(ms)}`, ...lines].join("\n")
}

/** The exponent between the largest two sizes: 0 does not grow, 1 in step, 2 with the square. */
function growth(ms: ReadonlyMap<number, number>): string {
  const [before, last] = [...ms].slice(-2)
  if (!before || !last) return "one size only"
  const exponent = Math.log(last[1] / before[1]) / Math.log(last[0] / before[0])
  return `grows as N to the ${exponent.toFixed(1)} from ${before[0]} to ${last[0]}`
}
