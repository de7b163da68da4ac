/** NodeStore over anything that runs a batch of calls at once: calls of one turn of the event loop go together. */
import { QpqError } from "../../core/domain/errors.ts"
import type { NodeOperations, NodeStore } from "./node-store.ts"
import { BATCH_CALLS_MAX } from "./store-messages.ts"
import type { StoreCall, StoreReply } from "./store-messages.ts"

const QUEUE_CALLS_MAX = 20_000
/** With so many bytes unanswered no further call is taken. */
const QUEUE_BYTES_MAX = 268_435_456

/** Runs calls in the order they were handed over; those of one batch are in one transaction. */
export interface BatchRunner {
  /** May be called again before it answered. Must not reject. @returns one reply per call. */
  run(calls: readonly StoreCall[]): Promise<readonly StoreReply[]>
  close(): Promise<void>
}

interface Waiting {
  readonly call: StoreCall
  readonly bytes: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: QpqError) => void
}

const NAMES: Readonly<Record<keyof NodeOperations, true>> = {
  setting: true,
  settle: true,
  addAccount: true,
  addInvite: true,
  listAccounts: true,
  setAccountStatus: true,
  accountByName: true,
  loginRecord: true,
  accountsByName: true,
  accountByDevice: true,
  addDevice: true,
  revokeDevice: true,
  devicesOf: true,
  nameDevice: true,
  deleteAccount: true,
  openSession: true,
  sessionByAccess: true,
  rotateSession: true,
  closeSession: true,
  openLogins: true,
  endLogins: true,
  replaceCredentials: true,
  changeKeyPackages: true,
  takeKeyPackage: true,
  publishedKeyPackages: true,
  putHybridKey: true,
  hybridKeys: true,
  openChannel: true,
  putBlobChunk: true,
  readBlob: true,
  finishBlob: true,
  deposit: true,
  read: true,
  acknowledge: true,
  commit: true,
  sweep: true,
  probe: true,
  counts: true,
  restored: true,
}

/**
 * @param onQueue is told whenever what waits changes: calls that are not answered, and the bytes of their arguments.
 * @throws (from each call) E052 when the queue is full, E059 once it is closed, E063 when the storage failed.
 */
export function batchedStore(runner: BatchRunner, onQueue: OnQueue = () => undefined): NodeStore {
  const queue = new CallQueue(runner, onQueue)
  const calls = Object.keys(NAMES).map((name) => [
    name,
    (...args: readonly unknown[]) => queue.call({ name: name as keyof NodeOperations, args }),
  ])
  return { ...(Object.fromEntries(calls) as Omit<NodeStore, "close">), close: () => queue.close() }
}

type OnQueue = (calls: number, bytes: number) => void

class CallQueue {
  readonly #runner: BatchRunner
  readonly #onQueue: OnQueue
  #waiting: Waiting[] = []
  #gathering = false
  #unanswered = 0
  #unansweredBytes = 0
  #whenAnswered: () => void = () => undefined
  #closed: Promise<void> | undefined

  constructor(runner: BatchRunner, onQueue: OnQueue) {
    this.#runner = runner
    this.#onQueue = onQueue
  }

  call(call: StoreCall): Promise<unknown> {
    if (this.#closed) return Promise.reject(new QpqError("E059", "the store is closed"))
    if (this.#unanswered >= QUEUE_CALLS_MAX || this.#unansweredBytes >= QUEUE_BYTES_MAX) {
      return Promise.reject(new QpqError("E052", "store queue"))
    }
    const bytes = bytesIn(call.args)
    this.#unanswered++
    this.#unansweredBytes += bytes
    this.#onQueue(this.#unanswered, this.#unansweredBytes)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, bytes, resolve, reject })
      if (!this.#gathering) this.#gather()
    })
  }

  /** Lets what waits run first. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    if (this.#unanswered > 0) await new Promise<void>((resolve) => (this.#whenAnswered = resolve))
    await this.#runner.close()
  }

  #gather(): void {
    this.#gathering = true
    setImmediate(() => {
      this.#gathering = false
      while (this.#waiting.length > 0) void this.#run(this.#waiting.splice(0, BATCH_CALLS_MAX))
    })
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    const replies = await this.#runner.run(batch.map((waiting) => waiting.call))
    batch.forEach((waiting, at) => {
      this.#unanswered--
      this.#unansweredBytes -= waiting.bytes
      settle(waiting, replies[at])
    })
    this.#onQueue(this.#unanswered, this.#unansweredBytes)
    if (this.#unanswered === 0) this.#whenAnswered()
  }
}

function settle({ resolve, reject }: Waiting, reply: StoreReply | undefined): void {
  if (reply?.ok === true) resolve(reply.value)
  else reject(reply ? new QpqError(reply.error.code, reply.error.detail) : new QpqError("E063", "no reply"))
}

/** How many bytes a call's arguments hold. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length
  if (typeof value !== "object" || value === null) return 0
  let bytes = 0
  for (const field of Object.values(value) as unknown[]) bytes += bytesIn(field)
  return bytes
}
