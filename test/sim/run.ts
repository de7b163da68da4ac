/** `npm run sim`: many seeds of the group simulator, or one to be looked at. See docs/TESTING.md. */
import { parseArgs } from "node:util"
import { Dead } from "./life.ts"
import { runSeed } from "./seed.ts"
import type { Verdict } from "./seed.ts"

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
  },
})

const strays: unknown[] = []
process.on("unhandledRejection", (reason) => {
  if (!(reason instanceof Dead || (reason instanceof Error && reason.cause instanceof Dead))) strays.push(reason)
})

const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, at) => Number(values.from) + at)
    : [Number(values.seed)]

const verdicts: Verdict[] = []
const started = process.cpuUsage()
for (const seed of seeds) {
  const before = performance.now()
  const verdict = await runSeed(seed)
  if (values.trace) console.log(verdict.trace.join("\n"))
  verdicts.push({ ...verdict, trace: [] })
  if (process.env["SIM_TIMES"] !== undefined)
    console.log(seed, Math.round(performance.now() - before), JSON.stringify(verdict.counts))
  for (const { check, what } of verdict.violations) console.log(`seed ${seed}: ${check}: ${what}`)
  if (verdict.violations.length > 0) console.log(`  npm run sim -- --seed ${seed} --trace`)
}
for (const stray of strays) console.log("unhandled:", stray)
const { user, system } = process.cpuUsage(started)
console.log(`mean ${((user + system) / 1e6 / seeds.length).toFixed(2)} CPU s per seed`)
