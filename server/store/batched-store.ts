/** NodeStore over anything that runs a batch of calls at once: calls made while one batch runs form the next. */
import { QpqError } from "../../core/domain/errors.ts"
import type { NodeOperations, NodeStore } from "./node-store.ts"
import type { StoreCall, StoreReply } from "./store-messages.ts"

const BATCH_CALLS_MAX = 256
const QUEUE_CALLS_MAX = 20_000

/** Runs the calls in one transaction. */
export interface BatchRunner {
  run(calls: readonly StoreCall[]): Promise<readonly StoreReply[]>
  close(): Promise<void>
}

interface Waiting {
  readonly call: StoreCall
  readonly resolve: (value: unknown) => void
  readonly reject: (error: QpqError) => void
}

const NAMES: Readonly<Record<keyof NodeOperations, true>> = {
  setting: true,
  settle: true,
  addAccount: true,
  accountByName: true,
  accountsByName: true,
  accountByDevice: true,
  openSession: true,
  sessionByAccess: true,
  rotateSession: true,
  closeSession: true,
  changeKeyPackages: true,
  takeKeyPackage: true,
  putHybridKey: true,
  hybridKeys: true,
  deposit: true,
  read: true,
  acknowledge: true,
  commit: true,
  sweep: true,
  probe: true,
  counts: true,
}

/** @throws (from each call) E052 when the queue is full, E063 when the storage failed. */
export function batchedStore(runner: BatchRunner): NodeStore {
  const queue = new CallQueue(runner)
  const calls = Object.keys(NAMES).map((name) => [
    name,
    (...args: readonly unknown[]) => queue.call({ name: name as keyof NodeOperations, args }),
  ])
  return { ...(Object.fromEntries(calls) as Omit<NodeStore, "close">), close: () => queue.close() }
}

class CallQueue {
  readonly #runner: BatchRunner
  #waiting: Waiting[] = []
  #running = false

  constructor(runner: BatchRunner) {
    this.#runner = runner
  }

  call(call: StoreCall): Promise<unknown> {
    if (this.#waiting.length >= QUEUE_CALLS_MAX) return Promise.reject(new QpqError("E052", "store queue"))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject })
      if (!this.#running) this.#start()
    })
  }

  /** Lets what waits run first. */
  async close(): Promise<void> {
    while (this.#running) await new Promise((resume) => setImmediate(resume))
    await this.#runner.close()
  }

  /** One turn of the event loop gathers a batch. */
  #start(): void {
    this.#running = true
    setImmediate(() => void this.#runAll())
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_CALLS_MAX)
      const replies = await this.#runner.run(batch.map((waiting) => waiting.call))
      batch.forEach((waiting, at) => {
        settle(waiting, replies[at])
      })
      await new Promise((resume) => setImmediate(resume))
    }
    this.#running = false
  }
}

function settle({ resolve, reject }: Waiting, reply: StoreReply | undefined): void {
  if (reply?.ok === true) resolve(reply.value)
  else reject(reply ? new QpqError(reply.error.code, reply.error.detail) : new QpqError("E063", "no reply"))
}
