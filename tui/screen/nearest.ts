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

/** Levenshtein's: insertions, deletions and replacements from one to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [y, letter] of Array.from(from).entries()) {
    const next = [y + 1]
    for (let x = 0; x < to.length; x += 1) {
      const replaced = (row[x] ?? 0) + (letter === to[x] ? 0 : 1)
      next.push(Math.min(replaced, (row[x + 1] ?? 0) + 1, (next[x] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
