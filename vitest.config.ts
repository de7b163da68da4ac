import { defineConfig } from "vitest/config"
import { BaseSequencer } from "vitest/node"
import type { TestSpecification } from "vitest/node"

/** Begun first, so that at the end no long one is left alone with one of the processors. */
const LONG = ["rough/programmes", "journey/sim", "journey/store-model", "fuzz/fuzz", "secrets/secrets", "pty/chatter"]

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONG.some((name) => moduleId.includes(`/test/${name}.`))
    const sorted = await super.sort(files)
    return [...sorted.filter((file) => isLong(file)), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    globalSetup: "test/fakes/build.ts",
    include: ["test/**/*.test.{ts,tsx}"],
    pool: "forks",
    // Each file would read all modules anew: a third of the whole time. What a file leaves behind it must end itself.
    isolate: false,
    // Most tests wait for sockets, processes and timers: three at a time, also on two cores.
    maxWorkers: 3,
    sequence: { sequencer: LongOnesFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: process.env["CI"] ? ["default", ["json", { outputFile: ".test-results/vitest.json" }]] : ["default"],
  },
})
