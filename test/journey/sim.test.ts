/** A small size of the group simulator (`npm run sim`), and three controls that it must not let pass. */
import { expect, test } from "vitest"
import { runProgram } from "../sim/program.ts"

const MS_MAX = 200_000

test(
  "whatever a bad network, crashes and races do: nothing lost, nothing twice, no fork, no group stuck",
  async () => {
    const { code, output } = await runProgram(["--seeds", "8"])
    expect(output).toContain("lost 0, shown twice 0, forks 0, stuck 0")
    expect(code).toBe(0)
  },
  MS_MAX,
)

test(
  "one seed takes the same course each time",
  async () => {
    const { code, output } = await runProgram(["--seed", "6", "--twice"])
    expect(output).toContain("run twice: 0 took another course")
    expect(code).toBe(0)
  },
  MS_MAX,
)

test.each([
  ["destructive-fetch", "1"],
  ["forget-spent", "1"],
  ["unsigned-lists", "60"],
])(
  "the simulator finds the defect %s",
  async (name, from) => {
    const { code, output } = await runProgram(["--break", name, "--from", from])
    expect(output).toMatch(new RegExp(`${name}: found at seed \\d+ by: `))
    expect(code).toBe(1)
  },
  MS_MAX,
)
