/** Names that were nearly written. */

const TYPOS_MAX = 3

/** The name with the fewest changed letters, unless all are too far. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = nearestFirst(name, names)
  return best !== undefined && away(name, best) <= Math.min(TYPOS_MAX, best.length - 1) ? best : undefined
}

/** All of them, those with the fewest changed letters first. */
export const nearestFirst = (name: string, names: readonly string[]): readonly string[] =>
  names
    .map((other) => ({ other, distance: away(name, other) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ other }) => other)

const away = (name: string, other: string): number =>
  other.startsWith(name) && name !== "" ? 0 : distance(name, other)

const cell = (row: readonly number[], at: number): number => row[at] ?? 0

/** Insertions, deletions, replacements and letters changed about, from one to the other (optimal string alignment). */
function distance(from: string, to: string): number {
  const [a, b] = [Array.from(from), Array.from(to)]
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [y, letter] of a.entries()) {
    const next = [y + 1]
    for (const [x, wanted] of b.entries()) {
      const replaced = cell(row, x) + (letter === wanted ? 0 : 1)
      const isSwapped = x > 0 && y > 0 && letter === b[x - 1] && a[y - 1] === wanted
      const swapped = isSwapped ? cell(before, x - 1) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(replaced, swapped, cell(row, x + 1) + 1, cell(next, x) + 1))
    }
    before = row
    row = next
  }
  return cell(row, b.length)
}
