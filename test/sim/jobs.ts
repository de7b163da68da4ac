/** Seeds of the simulator in several processes at once: each seed is one process's from its beginning to its verdict. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"
import type { Verdict } from "./seed.ts"

const TELL_EVERY_MS = 30_000

/** What a process says of a seed. */
export interface Tried {
  readonly verdict: Verdict
  readonly cpuMs: number
  /** Run twice, it took another course the second time. */
  readonly isAnother: boolean
}

export interface Trials {
  readonly seeds: readonly number[]
  /** How many processes at once. */
  readonly jobs: number
  /** For every process. */
  readonly args: readonly string[]
}

/** @param onTried in the order of the seeds. */
export async function tryAll({ seeds, jobs, args }: Trials, onTried: (tried: Tried) => void): Promise<void> {
  const waiting = [...seeds]
  const done = new Map<number, Tried>()
  let told = 0
  const note = (tried: Tried): void => {
    done.set(tried.verdict.seed, tried)
    for (let next = done.get(seeds[told] ?? 0); next; next = done.get(seeds[told] ?? 0)) {
      done.delete(next.verdict.seed)
      told++
      onTried(next)
    }
  }
  const since = performance.now()
  const telling = setInterval(() => {
    const took = Math.round((performance.now() - since) / 1000)
    process.stderr.write(`${told} of ${seeds.length} seeds after ${took} s\n`)
  }, TELL_EVERY_MS)
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, seeds.length) }, () => work(waiting, args, note)))
  } finally {
    clearInterval(telling)
  }
}

/** One process after another, as long as seeds wait: a process that dies costs the seed that it was at. */
async function work(waiting: number[], args: readonly string[], note: (tried: Tried) => void): Promise<void> {
  while (waiting.length > 0) {
    const child = fork(join(packageRoot(), "test", "sim", "run.ts"), ["--worker", ...args], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    })
    let seed = waiting.shift()
    while (seed !== undefined) {
      const tried = await ask(child, seed)
      note(tried)
      seed = child.connected ? waiting.shift() : undefined
    }
    if (child.connected) child.disconnect()
  }
}

function ask(child: ChildProcess, seed: number): Promise<Tried> {
  return new Promise((resolve) => {
    const onMessage = (tried: unknown): void => {
      child.off("exit", onExit)
      resolve(tried as Tried)
    }
    const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
      child.off("message", onMessage)
      const what = `its process ended with ${signal ?? code ?? "nothing"}`
      const verdict = { seed, violations: [{ check: "internal" as const, what }], trace: [], counts: undefined }
      resolve({ verdict, cpuMs: 0, isAnother: false })
    }
    child.once("message", onMessage).once("exit", onExit)
    child.send(seed)
  })
}
