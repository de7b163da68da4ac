/** What many seeds of the simulator amount to, in a few lines. */
import type { Verdict } from "./seed.ts"

const MAIN: readonly string[] = ["lost", "shown twice", "forks", "stuck"]

export function sayCounts(verdicts: readonly Verdict[]): void {
  const sum = (name: keyof Verdict["counts"]): number => verdicts.reduce((all, { counts }) => all + counts[name], 0)
  const hours = Math.round(sum("virtualMs") / 3_600_000)
  console.log(
    `${verdicts.length} seeds: ${sum("people")} people, ${sum("groups")} groups (${sum("successors")} successors, ` +
      `${sum("directs")} of two), ${sum("messages")} messages, ${sum("remarks")} remarks, ` +
      `${sum("commits")} commits, ${sum("lostRaces")} lost races, ${sum("crashes")} crashes, ${sum("drops")} drops, ` +
      `${hours} hours`,
  )
}

/** @returns how many seeds failed. */
export function sayChecks(verdicts: readonly Verdict[]): number {
  const found = verdicts.flatMap(({ violations }) => violations.map(({ check }) => check))
  const count = (name: string): number => found.filter((check) => check === name).length
  console.log(MAIN.map((name) => `${name} ${count(name)}`).join(", "))
  for (const name of new Set(found)) if (!MAIN.includes(name)) console.log(`${name} ${count(name)}`)
  const failed = verdicts.filter(({ violations }) => violations.length > 0).length
  if (failed > 0) console.log(`${failed} of ${verdicts.length} seeds failed`)
  return failed
}
