/** A small size of the decoder fuzz (`npm run fuzz`), and decoders whose defects it must find. */
import { expect, test } from "vitest"
import { runProgramme } from "../fakes/run-programme.ts"
import type { ProgrammeEnd } from "../fakes/run-programme.ts"

const MS_MAX = 180_000

const fuzz = (...flags: readonly string[]): Promise<ProgrammeEnd> => runProgramme("test/fuzz/run.ts", flags, MS_MAX)

test(
  "100,000 damaged inputs end in a value or in a refusal that is promised, within a second, in 512 MiB",
  async () => {
    const { status, output } = await fuzz("--inputs", "100000", "--seed", "20260101")
    expect(status, output.slice(-4000)).toBe(0)
    expect(output).toMatch(/\n\d+ inputs for \d+ targets in [\d.]+ s: 0 defects/)
  },
  MS_MAX,
)

test(
  "a decoder that throws, rejects, hangs, waits for ever, is slow, eats memory or ends the process is found and named",
  async () => {
    const { status, output } = await fuzz("--room", "control", "--inputs", "21", "--seed", "3")
    expect(status).toBe(1)
    for (const [name, defect] of [
      ["throws", "threw TypeError: no code"],
      ["rejects", "threw RangeError: no code"],
      ["hangs", "hung for"],
      ["waits for ever", "hung for"],
      ["is slow", "took \\d{4,5} ms, twice"],
      ["eats memory", "the process has \\d{9}"],
      ["ends the process", "ended with SIGABRT"],
    ] as const) {
      expect(output).toMatch(new RegExp(`DEFECT in control ${name}, input \\d+ of seed 3: ${defect}`))
    }
  },
  MS_MAX,
)

test(
  "what it prints brings the defect about again",
  async () => {
    const again = await fuzz("--room", "control", "--only", "control throws", "--hex", "0302030405060708")
    expect(again.output).toContain("control throws: threw TypeError: no code")
    expect(again.status).toBe(1)
    const harmless = await fuzz("--room", "control", "--only", "control throws", "--hex", "01")
    expect([harmless.output, harmless.status]).toEqual(["control throws: ok\n", 0])
  },
  MS_MAX,
)
