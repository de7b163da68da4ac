/** A worker of the simulator that finds something wrong with every third seed, and dies of every fifth. */
import { serveSeeds } from "../sim/jobs.ts"

const counts = {
  people: 1,
  groups: 0,
  successors: 0,
  directs: 0,
  messages: 0,
  remarks: 0,
  commits: 0,
  lostRaces: 0,
  crashes: 0,
  drops: 0,
  calls: 0,
  virtualMs: 0,
}

serveSeeds((seed) => {
  if (seed % 5 === 0) process.exit(7)
  const violations = seed % 3 === 0 ? [{ check: "lost" as const, what: "a text" }] : []
  return Promise.resolve({ verdict: { seed, violations, trace: [], counts }, isDifferent: false, cpuS: 0 })
})
