/** `npm run mutants`: every deliberate defect must be found by the simulator within its seeds, and the sound product pass them. */
import { BREAKS } from "./breaks.ts"
import { runProgram } from "./program.ts"

/** Name the controls to run; all without names. */
const wanted = process.argv.slice(2)
let survivors = 0
for (const [name, { what, within }] of Object.entries(BREAKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { code, output } = await runProgram(["--break", name])
  const [verdict = "no verdict"] = output.trimEnd().split("\n").slice(-1)
  const isFound = code === 1 && verdict.includes("found at seed")
  if (!isFound) survivors++
  console.log(`${isFound ? "killed  " : "SURVIVED"}  ${what} (${within} seeds at most): ${verdict}`)
}
console.log(`${survivors} survived`)
process.exitCode = survivors > 0 ? 1 : 0
