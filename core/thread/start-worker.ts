/** Starts a worker thread of ours, from sources (through tsx) and from dist/ alike. */
import { Worker } from "node:worker_threads"

export interface WorkerStart {
  /** Path of the worker's module relative to `base`, without its suffix: "./store-worker". */
  readonly module: string
  /** import.meta.url of the caller. */
  readonly base: string
  readonly workerData: unknown
}

/** Which of the two is chosen by the caller's own suffix. */
export function startWorker({ module, base, workerData }: WorkerStart): Worker {
  if (!base.endsWith(".ts") && !base.endsWith(".tsx")) return new Worker(new URL(`${module}.js`, base), { workerData })
  const source = new URL(`${module}.ts`, base).href
  return new Worker(new URL("./worker-from-source.mjs", import.meta.url), { workerData, argv: [source] })
}
