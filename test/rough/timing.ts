/** Whether the time that a login takes tells who has an account (QUALITY.md T16). Run: npm run timing */
import { join } from "node:path"
import { ServerProcess } from "../fakes/server-process.ts"
import { RAISED_LIMITS, takeTimes } from "./login-times.ts"
import type { Measure, Times } from "./login-times.ts"
import { programme } from "./programme.ts"
import { quantile, sampleOf, welchT, withoutPauses } from "./statistics.ts"

const T_MAX = 4.5
/** These must tell nothing; of the others the difference is only named. */
const SECRET: readonly Measure[] = ["loginStart", "failing login"]

/** `delay-us`: added to unknown names, which must then be found. */
const flags = { logins: 2000, names: 40, "delay-us": 0, seed: 0 }

await programme({ name: "timing", flags, minutesMax: 30 }, async (run) => {
  const { logins, names, "delay-us": delayUs } = run.flags
  const server = await ServerProcess.start(join(run.folder, "server"), "--log-level", "warn", ...RAISED_LIMITS)
  run.onEnd(() => server.stop("SIGKILL"))
  run.say(`${logins} logins each of ${names} known and ${names} unknown names`)
  const { dice, signal } = run
  const times = await takeTimes({ server, dice, names, logins, signal, delayMs: delayUs / 1000 })
  for (const measure of Object.keys(times.of) as Measure[]) {
    const { t, tWithout, text } = told(times, measure)
    run.figure(measure, text)
    if (!SECRET.includes(measure)) continue
    const worst = Math.max(Math.abs(t), Math.abs(tWithout))
    if (worst >= T_MAX) run.miss(`${measure}: |t| is ${worst.toFixed(1)}, more than ${T_MAX}`)
    if (!looksAlike(times, measure)) run.miss(`${measure}: the answers look different: ${looks(times, measure)}`)
  }
})

function told(times: Times, measure: Measure): { t: number; tWithout: number; text: string } {
  const { known, unknown } = times.of[measure]
  const t = welchT(known, unknown)
  const tWithout = welchT(...withoutPauses(known, unknown))
  const one = (taken: readonly number[]): string =>
    `mean ${sampleOf(taken).mean.toFixed(3)} ms, median ${quantile(taken, 0.5).toFixed(3)} ms`
  const text = `t ${t.toFixed(2)}, without pauses ${tWithout.toFixed(2)}; known ${one(known)}; unknown ${one(unknown)}`
  return { t, tWithout, text: `${text}; ${looks(times, measure)}` }
}

function looks(times: Times, measure: Measure): string {
  const { known, unknown } = times.looks[measure]
  return [...new Set([...known, ...unknown])].join(" / ")
}

function looksAlike(times: Times, measure: Measure): boolean {
  const { known, unknown } = times.looks[measure]
  return [...known].sort().join() === [...unknown].sort().join()
}
