/** Seeds spread over processes: each worker is given one seed at a time, and says what became of it. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import type { Verdict } from "./seed.ts"

/** What a worker says of one seed; without its trace. */
export interface Outcome {
  readonly verdict: Verdict
  /** Run twice, it took another course. */
  readonly isDifferent: boolean
  readonly cpuS: number
}

export interface Spread {
  readonly seeds: readonly number[]
  readonly jobs: number
  /** The program that serves as a worker, and its arguments. */
  readonly program: string
  readonly args: readonly string[]
  /** Called in the order of the seeds, as soon as all before are done. */
  readonly onOutcome: (outcome: Outcome) => void
  /** The worker died of this seed; in the same order. */
  readonly onDeath: (seed: number, how: string) => void
}

/** Within a worker: takes seeds until there are no more. */
export function serveSeeds(run: (seed: number) => Promise<Outcome>): void {
  process.on("message", (seed: number) => {
    void run(seed).then((outcome) => process.send?.(outcome))
  })
  process.on("disconnect", () => process.exit())
  process.send?.("ready")
}

/** Resolves when every seed is done, or was the end of its worker. A worker that dies is replaced. */
export async function spread({ seeds, jobs, program, args, onOutcome, onDeath }: Spread): Promise<void> {
  const waiting = [...seeds].reverse()
  const done = new Map<number, () => void>()
  let told = 0
  const finish = (seed: number, tell: () => void): void => {
    done.set(seed, tell)
    for (let next = seeds[told]; next !== undefined && done.has(next); next = seeds[++told]) {
      done.get(next)?.()
      done.delete(next)
    }
  }
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const worker = fork(program, args, { execArgv: ["--import", "tsx"] })
      const end = await oneWorker(worker, waiting, (seed, outcome) => {
        finish(seed, () => {
          onOutcome(outcome)
        })
      })
      if (!end) continue
      const { seed, how } = end
      if (seed === undefined) throw new Error(`a worker did not start: ${how}`)
      finish(seed, () => {
        onDeath(seed, how)
      })
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, seeds.length) }, work))
}

/** @returns at which seed it died, and how; undefined when there was no more to do. */
function oneWorker(
  worker: ChildProcess,
  waiting: number[],
  finish: (seed: number, outcome: Outcome) => void,
): Promise<{ readonly seed: number | undefined; readonly how: string } | undefined> {
  let current: number | undefined
  let isOver = false
  worker.on("message", (said: "ready" | Outcome) => {
    if (said !== "ready" && current !== undefined) finish(current, said)
    current = waiting.pop()
    isOver = current === undefined
    if (current === undefined) worker.disconnect()
    else worker.send(current)
  })
  return new Promise((resolve, reject) => {
    worker.on("error", reject)
    worker.on("exit", (code, signal) => {
      resolve(isOver ? undefined : { seed: current, how: signal ?? `code ${String(code)}` })
    })
  })
}
