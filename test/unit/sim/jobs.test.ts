/** The simulator's seeds, spread over processes. */
import { join } from "node:path"
import { expect, test } from "vitest"
import { packageRoot } from "../../../core/domain/package-root.ts"
import { spread } from "../../sim/jobs.ts"

const program = join(packageRoot(), "test", "fakes", "dying-worker.ts")

test("every seed is told of once and in order, also those that end their process", async () => {
  const told: string[] = []
  const seeds = Array.from({ length: 12 }, (_, at) => at + 1)
  await spread({
    seeds,
    jobs: 2,
    program,
    args: [],
    onOutcome: ({ verdict }) => told.push(`${verdict.seed}: ${verdict.violations.length}`),
    onDeath: (seed, how) => told.push(`${seed}: ${how}`),
  })
  const expected = seeds.map((seed) => `${seed}: ${seed % 5 === 0 ? "code 7" : seed % 3 === 0 ? "1" : "0"}`)
  expect(told).toEqual(expected)
})
