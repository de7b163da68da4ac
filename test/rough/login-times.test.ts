/** A failing login looks the same whether anybody has the name or not; how long it takes is for `npm run timing`. */
import { expect, test } from "vitest"
import { SeededRandom } from "../fakes/world.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { MEASURES, RAISED_LIMITS, takeTimes } from "./login-times.ts"

test("the answers for known and unknown names have one size and one error", async () => {
  const data = dataFolder()
  await using server = await ServerProcess.start(data.path, ...RAISED_LIMITS)
  const signal = new AbortController().signal
  const { of, looks } = await takeTimes({ server, dice: new SeededRandom(3), names: 5, logins: 50, signal, delayMs: 0 })
  for (const measure of MEASURES) expect(of[measure].known.length + of[measure].unknown.length).toBe(100)
  for (const kind of ["known", "unknown"] as const) {
    expect([...looks.loginStart[kind]]).toEqual(["320 and 16 bytes"])
    expect([...looks["failing login"][kind]]).toEqual(["E004 wrong user name or password"])
    expect([...looks.registerStart[kind]]).toEqual(["64 bytes"])
  }
  data.remove()
}, 60_000)
