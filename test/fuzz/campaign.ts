/** Shares the inputs out over targets and processes, and gathers what came of them. */
import { Ended, Worker } from "./jobs.ts"
import type { Found, Job, Result, TargetLine } from "./jobs.ts"

/** Inputs of one job: small enough that all processes end at about the same time. */
const JOB_INPUTS_MAX = 20_000
/** A target whose inputs end the process again and again is left. */
const DEATHS_MAX = 2

export interface Order {
  readonly rooms: readonly string[]
  /** Only targets whose name contains this. */
  readonly only: string
  readonly inputs: number
  readonly seed: number
  readonly processes: number
  /** For the files of the processes. */
  readonly folder: string
}

/** Of one target. */
export interface Sum {
  readonly room: string
  readonly name: string
  inputs: number
  readonly outcomes: Map<string, number>
  slowestMs: number
  slowestAt: number
  rssBytes: number
  readonly found: Found[]
  deaths: number
}

/** @param say is told each defect when it is found. */
export async function campaign(order: Order, say: (sum: Sum, found: Found) => void): Promise<readonly Sum[]> {
  const workers = Array.from({ length: order.processes }, (_, at) => new Worker(order.folder, `at-${at}`))
  try {
    const targets = await listed(workers, order)
    const sums = new Map(targets.map(({ room, name }) => [name, emptySum(room, name)]))
    const jobs = jobsFor(targets, order)
    const take = async (worker: Worker): Promise<void> => {
      for (let job = jobs.shift(); job; job = jobs.shift()) {
        const sum = sums.get(job.target)
        if (sum) await work(worker, job, { sum, say })
      }
    }
    await Promise.all(workers.map(take))
    return [...sums.values()]
  } finally {
    for (const worker of workers) worker.end()
  }
}

async function listed(workers: readonly Worker[], { rooms, only }: Order): Promise<readonly TargetLine[]> {
  const left = [...rooms]
  const targets: TargetLine[] = []
  const ask = async (worker: Worker): Promise<void> => {
    for (let room = left.shift(); room !== undefined; room = left.shift()) {
      const answer = await worker.ask({ kind: "list", room })
      if (answer.kind !== "targets") throw new Error(`${room} cannot be made: ${JSON.stringify(answer)}`)
      targets.push(...answer.targets.filter(({ name }) => name.includes(only)))
    }
  }
  await Promise.all(workers.map(ask))
  if (targets.length === 0) throw new Error("no such target")
  return targets.sort((one, other) => rooms.indexOf(one.room) - rooms.indexOf(other.room))
}

/** By share; each target has at least one input. The slow ones come first. */
function jobsFor(targets: readonly TargetLine[], { inputs, seed }: Order): Job[] {
  const whole = targets.reduce((sum, { share }) => sum + share, 0)
  const bySlowness = [...targets].sort((one, other) => one.share - other.share)
  return bySlowness.flatMap(({ room, name: target, share }) => {
    const all = Math.max(1, Math.round((inputs * share) / whole))
    const step = Math.min(JOB_INPUTS_MAX, Math.max(1, Math.ceil(all / 2)))
    const starts = Array.from({ length: Math.ceil(all / step) }, (_, at) => at * step)
    return starts.map((from) => ({ room, target, seed, from, count: Math.min(step, all - from) }))
  })
}

interface Desk {
  readonly sum: Sum
  readonly say: (sum: Sum, found: Found) => void
}

/** The job to its end, over as many processes as it takes. */
async function work(worker: Worker, job: Job, { sum, say }: Desk): Promise<void> {
  const end = job.from + job.count
  let hungAt = -1
  for (let from = job.from; from < end && sum.deaths < DEATHS_MAX;) {
    try {
      const answer = await worker.ask({ kind: "run", ...job, from, count: end - from })
      if (answer.kind !== "done") throw new Error(JSON.stringify(answer))
      add(sum, answer.result, answer.result.next - from)
      for (const found of answer.result.found) say(sum, found)
      from = answer.result.next
      if (answer.result.isSpent) {
        sum.deaths++
        worker.end()
      }
    } catch (thrown) {
      if (!(thrown instanceof Ended)) throw thrown
      // Once may be the computer's doing: the same input begins a new process.
      if (thrown.isHang && thrown.index >= from && thrown.index !== hungAt) {
        sum.inputs += thrown.index - from
        hungAt = from = thrown.index
        continue
      }
      const found = await foundAt(worker, { ...job, from: Math.max(from, thrown.index) }, thrown.message)
      sum.found.push(found)
      sum.inputs += found.index + 1 - from
      sum.deaths++
      say(sum, found)
      from = found.index + 1
    }
  }
}

/** The input itself is made anew by another process. */
async function foundAt(worker: Worker, { room, target, seed, from: index }: Job, defect: string): Promise<Found> {
  const shown = await worker.ask({ kind: "show", room, target, seed, index })
  return { index, defect, hex: shown.kind === "shown" ? shown.hex : "" }
}

function add(sum: Sum, result: Result, inputs: number): void {
  sum.inputs += inputs
  for (const [outcome, count] of Object.entries(result.outcomes)) {
    sum.outcomes.set(outcome, (sum.outcomes.get(outcome) ?? 0) + count)
  }
  if (result.slowestMs > sum.slowestMs) [sum.slowestMs, sum.slowestAt] = [result.slowestMs, result.slowestAt]
  sum.rssBytes = Math.max(sum.rssBytes, result.rssBytes)
  sum.found.push(...result.found)
}

const emptySum = (room: string, name: string): Sum => ({
  room,
  name,
  inputs: 0,
  outcomes: new Map(),
  slowestMs: 0,
  slowestAt: 0,
  rssBytes: 0,
  found: [],
  deaths: 0,
})
