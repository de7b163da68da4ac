/** `npm run sim`: many seeds of the group simulator, or one to be looked at; see CONTRIBUTING.md. */
import { parseArgs } from "node:util"
import { BREAKS } from "./breaks.ts"
import { Dice } from "./dice.ts"
import { Dead } from "./life.ts"
import { useQuickKem } from "./quick-kem.ts"
import { runSeed } from "./seed.ts"
import type { Verdict } from "./seed.ts"

const USAGE = `npm run sim -- [--seeds N] [--from S0] [--seed S] [--trace] [--break NAME] [--twice]
  --seeds N     so many seeds (20)          --from S0     beginning with this one (1)
  --seed S      only this one               --trace       say all that happens
  --break NAME  with a deliberate defect, until it is found: ${Object.keys(BREAKS).join(", ")}
  --twice       run each seed twice and compare what happened`

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    break: { type: "string" },
    twice: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
})

const MAIN: readonly string[] = ["lost", "shown twice", "forks", "stuck"]

/** What was thrown where nobody waits for it. What a dead program throws is not heard. */
const strays: string[] = []
process.on("unhandledRejection", (reason) => {
  if (reason instanceof Dead || (reason instanceof Error && reason.cause instanceof Dead)) return
  strays.push(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason))
})

const chosen = values.break === undefined ? undefined : BREAKS[values.break]
if (values.help || (values.break !== undefined && !chosen)) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 2)
}
useQuickKem()
process.exitCode = chosen ? await findBreak() : await many()

async function run(seed: number): Promise<Verdict> {
  const verdict = await runSeed(seed, chosen?.make(new Dice(seed ^ 0x1b873593)))
  const stray = strays.splice(0).map((what) => ({ check: "internal" as const, what: `nobody caught ${what}` }))
  return { ...verdict, violations: [...verdict.violations, ...stray] }
}

function seeds(least: number): readonly number[] {
  if (values.seed !== undefined) return [Number(values.seed)]
  return Array.from({ length: Number(values.seeds ?? least) }, (_, at) => Number(values.from) + at)
}

/** Says what is wrong, and how to see it again. */
function tell({ seed, violations, trace }: Verdict): void {
  if (values.trace) console.log(trace.join("\n"))
  for (const { check, what } of violations) console.log(`seed ${seed}: ${check}: ${what}`)
  const broken = values.break === undefined ? "" : ` --break ${values.break}`
  if (violations.length > 0 && !values.trace) console.log(`  npm run sim -- --seed ${seed}${broken} --trace`)
}

async function many(): Promise<number> {
  const started = process.cpuUsage()
  const verdicts: Verdict[] = []
  let different = 0
  for (const seed of seeds(20)) {
    const verdict = await run(seed)
    tell(verdict)
    if (values.twice && (await run(seed)).trace.join("\n") !== verdict.trace.join("\n")) {
      console.log(`seed ${seed}: another course the second time`)
      different++
    }
    verdicts.push({ ...verdict, trace: [] })
  }
  const { user, system } = process.cpuUsage(started)
  sayCounts(verdicts)
  console.log(`mean ${((user + system) / 1e6 / verdicts.length).toFixed(2)} CPU s per seed`)
  if (values.twice) console.log(`run twice: ${different} took another course`)
  return sayChecks(verdicts) + different > 0 ? 1 : 0
}

function sayCounts(verdicts: readonly Verdict[]): void {
  const sum = (name: keyof Verdict["counts"]): number => verdicts.reduce((all, { counts }) => all + counts[name], 0)
  const hours = Math.round(sum("virtualMs") / 3_600_000)
  console.log(
    `${verdicts.length} seeds: ${sum("people")} people, ${sum("groups")} groups, ${sum("messages")} messages, ` +
      `${sum("commits")} commits, ${sum("lostRaces")} lost races, ${sum("crashes")} crashes, ${sum("drops")} drops, ` +
      `${hours} hours`,
  )
}

/** @returns how many seeds failed. */
function sayChecks(verdicts: readonly Verdict[]): number {
  const found = verdicts.flatMap(({ violations }) => violations.map(({ check }) => check))
  const count = (name: string): number => found.filter((check) => check === name).length
  console.log(MAIN.map((name) => `${name} ${count(name)}`).join(", "))
  for (const name of new Set(found)) if (!MAIN.includes(name)) console.log(`${name} ${count(name)}`)
  const failed = verdicts.filter(({ violations }) => violations.length > 0).length
  if (failed > 0) console.log(`${failed} of ${verdicts.length} seeds failed`)
  return failed
}

/** @returns 1 when the defect was found, as a seed that fails must; 0 when it survived. */
async function findBreak(): Promise<number> {
  for (const seed of seeds(chosen?.within ?? 0)) {
    const verdict = await run(seed)
    if (verdict.violations.length === 0) continue
    tell(verdict)
    const checks = new Set(verdict.violations.map(({ check }) => check))
    console.log(`${values.break ?? ""}: found at seed ${seed} by: ${[...checks].join(", ")}`)
    return 1
  }
  console.log(`${values.break ?? ""}: not found`)
  return 0
}
