/** `npm run sim`: many seeds of the group simulator, or one to be looked at; see docs/TESTING.md. */
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { BREAKS } from "./breaks.ts"
import { Dice } from "./dice.ts"
import { serveSeeds, spread } from "./jobs.ts"
import type { Outcome } from "./jobs.ts"
import { Dead } from "./life.ts"
import { useQuickCrypto } from "./quick-crypto.ts"
import { runSeed } from "./seed.ts"
import type { Verdict } from "./seed.ts"
import { sayChecks, sayCounts } from "./sums.ts"

const JOBS_MAX = 4
const PROGRESS_MS = 30_000
const USAGE = `npm run sim -- [--seeds N] [--from S0] [--seed S] [--trace] [--break NAME] [--twice] [--jobs N]
  --seeds N     so many seeds (20)          --from S0     beginning with this one (1)
  --seed S      only this one               --trace       say all that happens
  --jobs N      in so many processes (as many as there are cores, ${JOBS_MAX} at most)
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
    jobs: { type: "string" },
    worker: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
})

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
useQuickCrypto()
if (values.worker) serveSeeds(async (seed) => bare(await judged(seed)))
else process.exitCode = chosen ? await findBreak() : await many()

async function run(seed: number): Promise<Verdict> {
  const verdict = await runSeed(seed, chosen?.make(new Dice(seed ^ 0x1b873593)))
  const stray = strays.splice(0).map((what) => ({ check: "internal" as const, what: `nobody caught ${what}` }))
  return { ...verdict, violations: [...verdict.violations, ...stray] }
}

/** Once, or twice to compare. */
async function judged(seed: number): Promise<Outcome> {
  const started = process.cpuUsage()
  const verdict = await run(seed)
  const isDifferent = values.twice && (await run(seed)).trace.join("\n") !== verdict.trace.join("\n")
  const { user, system } = process.cpuUsage(started)
  return { verdict, isDifferent, cpuS: (user + system) / 1e6 }
}

function bare(outcome: Outcome): Outcome {
  return { ...outcome, verdict: { ...outcome.verdict, trace: [] } }
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
  const [outcomes, wanted] = [[] as Outcome[], seeds(20)]
  const take = (outcome: Outcome): void => {
    tell(outcome.verdict)
    if (outcome.isDifferent) console.log(`seed ${outcome.verdict.seed}: another course the second time`)
    outcomes.push(bare(outcome))
  }
  const progress = setInterval(() => {
    const failed = outcomes.filter(({ verdict }) => verdict.violations.length > 0).length
    console.error(`${outcomes.length} of ${wanted.length} seeds, ${failed} failed`)
  }, PROGRESS_MS)
  const deaths = await runAll(wanted, take)
  clearInterval(progress)
  const verdicts = outcomes.map(({ verdict }) => verdict)
  sayCounts(verdicts)
  const cpuS = outcomes.reduce((sum, one) => sum + one.cpuS, 0)
  console.log(`mean ${(cpuS / verdicts.length).toFixed(2)} CPU s per seed`)
  const different = outcomes.filter(({ isDifferent }) => isDifferent).length
  if (values.twice) console.log(`run twice: ${different} took another course`)
  if (deaths > 0) console.log(`${deaths} seeds ended their process`)
  return sayChecks(verdicts) + different + deaths > 0 ? 1 : 0
}

/** @returns at how many seeds a process died. */
async function runAll(wanted: readonly number[], take: (outcome: Outcome) => void): Promise<number> {
  const jobs = Number(values.jobs ?? Math.min(JOBS_MAX, availableParallelism()))
  let deaths = 0
  if (jobs > 1 && wanted.length > 1 && !values.trace) {
    const onDeath = (seed: number, how: string): void => {
      console.log(`seed ${seed}: its process died: ${how}\n  npm run sim -- --seed ${seed} --trace`)
      deaths++
    }
    const args = ["--worker", ...(values.twice ? ["--twice"] : [])]
    await spread({ seeds: wanted, jobs, program: fileURLToPath(import.meta.url), args, onOutcome: take, onDeath })
  } else {
    for (const seed of wanted) take(await judged(seed))
  }
  return deaths
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
