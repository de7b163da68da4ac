import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    globalSetup: "test/fakes/build.ts",
    include: ["test/**/*.test.{ts,tsx}"],
    pool: "forks",
    // Most tests wait for sockets, processes and timers: three at a time, also on two cores.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: process.env["CI"] ? ["default", ["json", { outputFile: ".test-results/vitest.json" }]] : ["default"],
  },
})
