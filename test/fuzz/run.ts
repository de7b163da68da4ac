/** `npm run fuzz`: damaged inputs for every decoder that takes something from outside; see docs/TESTING.md. */
import { mkdtempSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { campaign } from "./campaign.ts"
import type { Sum } from "./campaign.ts"
import { Worker } from "./jobs.ts"
import type { Found } from "./jobs.ts"
import { ROOMS } from "./rooms.ts"

const PROCESSES_MAX = 4
const MEBIBYTE = 1_048_576
const USAGE = `npm run fuzz -- [--inputs N] [--seed S] [--only TEXT] [--room ROOM] [--hex HEX]
  --inputs N   so many, shared out over all targets (100000)
  --seed S     the same inputs as the last time with this seed (by default a new one)
  --only TEXT  only targets whose name contains this
  --room ROOM  only those of a group: ${ROOMS.join(", ")}; or control, whose defects must be found
  --hex HEX    this input alone, for the one target that --only and --room name`

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: String((Date.now() % 1_000_000) + 1) },
    only: { type: "string", default: "" },
    room: { type: "string" },
    hex: { type: "string" },
    help: { type: "boolean", default: false },
  },
})
const seed = Number(values.seed)
const rooms = values.room === undefined ? ROOMS : [values.room]
const folder = mkdtempSync(join(tmpdir(), "qpq-fuzz-run-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))

if (values.help) console.log(USAGE)
else process.exitCode = values.hex === undefined ? await many() : await one(values.hex)

async function many(): Promise<number> {
  const startedAt = performance.now()
  const processes = Math.min(PROCESSES_MAX, availableParallelism())
  console.log(`seed ${seed}, ${values.inputs} inputs in ${processes} processes`)
  const order = { rooms, only: values.only, inputs: Number(values.inputs), seed, processes, folder }
  const sums = await campaign(order, tell)
  table(sums)
  const inputs = sums.reduce((sum, { inputs: some }) => sum + some, 0)
  const found = sums.reduce((sum, { found: some }) => sum + some.length, 0)
  const slowest = sums.reduce((one, other) => (other.slowestMs > one.slowestMs ? other : one))
  const rss = Math.max(...sums.map(({ rssBytes }) => rssBytes))
  console.log(
    `${inputs} inputs for ${sums.length} targets in ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ` +
      `${found} defects, slowest ${slowest.slowestMs.toFixed(0)} ms (${slowest.name}), at most ${(rss / MEBIBYTE).toFixed(0)} MiB`,
  )
  return found > 0 ? 1 : 0
}

function tell({ room, name }: Sum, { index, hex, defect }: Found): void {
  console.log(`DEFECT in ${name}, input ${index} of seed ${seed}: ${defect}`)
  console.log(`  npm run fuzz -- --room ${room} --only ${JSON.stringify(name)} --hex ${hex === "" ? '""' : hex}`)
}

function table(sums: readonly Sum[]): void {
  const width = Math.max(...sums.map(({ name }) => name.length))
  console.log(`${"target".padEnd(width)}     inputs         ok   slowest       RSS  refused`)
  for (const { name, inputs, outcomes, slowestMs, rssBytes } of sums) {
    const refused = [...outcomes].filter(([outcome]) => outcome !== "ok").sort(([, a], [, b]) => b - a)
    const codes = refused.map(([outcome, count]) => `${outcome} ${count}`).join(", ")
    const numbers = [String(inputs).padStart(10), String(outcomes.get("ok") ?? 0).padStart(10)]
    const sizes = [`${slowestMs.toFixed(1)} ms`.padStart(9), `${(rssBytes / MEBIBYTE).toFixed(0)} MiB`.padStart(9)]
    console.log(`${name.padEnd(width)} ${[...numbers, ...sizes].join(" ")}  ${codes}`)
  }
}

/** In a process of its own, as always: the input may hang. */
async function one(hex: string): Promise<number> {
  const worker = new Worker(folder, "at-0")
  try {
    for (const room of rooms) {
      const targets = await worker.ask({ kind: "list", room })
      const named = targets.kind === "targets" ? targets.targets : []
      const target =
        named.find(({ name }) => name === values.only) ?? named.find(({ name }) => name.includes(values.only))
      if (!target) continue
      const answer = await worker.ask({ kind: "hex", room, target: target.name, hex })
      if (answer.kind !== "answered") throw new Error(JSON.stringify(answer))
      const { outcome, defect } = answer.answer
      console.log(`${target.name}: ${defect ?? outcome}`)
      return defect === undefined ? 0 : 1
    }
    console.log("no such target")
    return 2
  } catch (thrown) {
    console.log(thrown instanceof Error ? thrown.message : String(thrown))
    return 1
  } finally {
    worker.end()
  }
}
