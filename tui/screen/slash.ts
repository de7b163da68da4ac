/** Slash commands: finding the command of a name, and the nearest one when there is none. */
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"

export function runSlash(desk: Desk, commands: readonly Command[], name: string, argument: string): void {
  const command = commands.find(({ slash }) => slash?.includes(name))
  if (!command) {
    const near = nearest(
      name,
      commands.flatMap(({ slash }) => slash ?? []),
    )
    const hint = near === undefined ? "F1 lists all commands" : `did you mean /${near}?`
    desk.wish({ kind: "toasted", text: `There is no command /${name}: ${hint}`, tone: "bad" })
    return
  }
  if (command.when && !command.when(desk.state())) {
    desk.wish({ kind: "toasted", text: `/${name} is not possible here.`, tone: "bad" })
    return
  }
  desk.wish({ kind: "composerCleared" })
  command.run(desk, argument)
}

const TYPOS_MAX = 3

/** The name with the fewest changed letters, unless all are too far. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((other) => ({ other, distance: other.startsWith(name) && name !== "" ? 0 : distance(name, other) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.min(TYPOS_MAX, best.other.length - 1) ? best.other : undefined
}

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
