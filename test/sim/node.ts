/** The server without its wires: the real services on a real store, started and stopped in virtual time. */
import type { AccountService } from "../../core/contract/account-service.ts"
import type { Auth } from "../../core/contract/caller.ts"
import type { NodeService } from "../../core/contract/node-service.ts"
import { QpqError, toQpqError } from "../../core/domain/errors.ts"
import { RETENTION_MS } from "../../core/domain/limits.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { Random } from "../../core/domain/world.ts"
import { accountService } from "../../server/node/accounts.ts"
import { BLOB_LIMITS } from "../../server/node/blobs.ts"
import { callers } from "../../server/node/caller.ts"
import { doorbell } from "../../server/node/doorbell.ts"
import { Newcomers } from "../../server/node/newcomers.ts"
import type { Newcomer } from "../../server/node/newcomers.ts"
import { Pairings } from "../../server/node/pairings.ts"
import { endLogins, nodeServices } from "../../server/node/node-service.ts"
import { RateLimits } from "../../server/node/rate-limits.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import type { Service } from "../fakes/between.ts"
import type { Schedule } from "./schedule.ts"

export type Method = keyof Service

/** What an account is needed for: everything but these. */
export const OPEN_METHODS: readonly Method[] = [
  "health",
  "ping",
  "registerStart",
  "registerFinish",
  "loginStart",
  "loginFinish",
  "refreshToken",
  "askPairing",
]
/** All that clients are given; what a simulation does not play is not there. */
export const METHODS: readonly Method[] = [
  ...OPEN_METHODS,
  "uploadKeyPackage",
  "fetchKeyPackage",
  "uploadHybridKey",
  "fetchHybridKeys",
  "enqueue",
  "fetch",
  "fetchWait",
  "ack",
  "enqueueMany",
  "commit",
  "resolveUser",
  "resolveUsers",
  "resolveIdentity",
  "createChannel",
  "uploadBlob",
  "downloadBlob",
  "registerDevice",
  "listDevices",
  "revokeDevice",
  "fetchAccountKey",
  "pairing",
  "logout",
]
const SWEEP_EVERY_MS = 300_000
const SETUP_BYTES = 128

export interface Call {
  readonly method: Method
  readonly args: readonly unknown[]
  readonly auth: Auth | undefined
}

interface Running {
  readonly account: AccountService
  readonly as: (auth: Auth) => Promise<NodeService>
  readonly newcomers: Newcomers
  isUp: boolean
}

interface NodeRooms {
  readonly schedule: Schedule
  readonly store: NodeStore
  readonly random: Random
  /** As by `--channel-access members`. */
  readonly membersOnly: boolean
}

export class SimulatedNode {
  /** Internal faults that callers were told of. */
  readonly faults: unknown[] = []
  readonly #schedule: Schedule
  readonly #store: NodeStore
  readonly #random: Random
  readonly #membersOnly: boolean
  #running: Running | undefined
  #inFlight = 0

  constructor({ schedule, store, random, membersOnly }: NodeRooms) {
    this.#schedule = schedule
    this.#random = random
    this.#membersOnly = membersOnly
    this.#store = counted(store, (change) => (this.#inFlight += change))
  }

  /** Store calls that are not answered yet. */
  get inFlight(): number {
    return this.#inFlight
  }

  get isUp(): boolean {
    return this.#running !== undefined
  }

  start(): void {
    const running = this.#assembled()
    this.#running = running
    this.#sweepWhile(running)
  }

  /** The process is gone: what it had not yet handed to its store never happens. */
  stop(): void {
    if (this.#running) this.#running.isUp = false
    this.#running = undefined
  }

  /** Answered by the process that runs now, or never. */
  async serve({ method, args, auth }: Call, signal: AbortSignal): Promise<unknown> {
    const running = this.#running
    if (!running) return NEVER
    try {
      const answer = await this.#answer(running, { method, args, auth }, signal)
      return running.isUp ? answer : await NEVER
    } catch (thrown) {
      if (!running.isUp) return NEVER
      const error = toQpqError(thrown)
      if (error.code === "E099") this.faults.push(thrown)
      throw new QpqError(error.code, error.detail)
    }
  }

  /** A device that is not listed has shown the password. @throws E053 while the server is down */
  admit(newcomer: Newcomer): void {
    if (!this.#running) throw new QpqError("E053")
    this.#running.newcomers.add(newcomer)
  }

  async mailRows(): Promise<number> {
    return (await this.#store.counts(this.#schedule.clock().now())).mailRows
  }

  async #answer(running: Running, { method, args, auth }: Call, signal: AbortSignal): Promise<unknown> {
    const more = method === "fetchWait" ? [signal] : []
    if (OPEN_METHODS.includes(method)) return methodOf(running.account as Service, method)(...args)
    if (!auth) throw new QpqError("E001")
    return methodOf((await running.as(auth)) as Service, method)(...args, ...more)
  }

  #assembled(): Running {
    const state = { isUp: true }
    const isUp = (): boolean => state.isUp
    const world = { clock: this.#schedule.clock(isUp), random: this.#random }
    const store = gated(this.#store, isUp)
    const [newcomers, pairings] = [new Newcomers(world.clock), new Pairings(world.clock)]
    const [bell, known] = [doorbell(), callers({ store, world, newcomers })]
    const membersOnly = this.#membersOnly
    const onCommit = (): undefined => undefined
    const limits = new RateLimits({ settings: undefined, clock: world.clock, onRefusal: () => undefined })
    const mail = { store, world, bell, retentionMs: RETENTION_MS, membersOnly, onCommit, limits }
    const setup = new Uint8Array(SETUP_BYTES)
    const serviceOf = nodeServices({ ...mail, callers: known, blobLimits: BLOB_LIMITS, newcomers, pairings, setup })
    const health = { status: "ok", software: "simulated", wireVersion: 1, authVersion: 1 }
    const rooms = {
      store,
      world,
      newcomers,
      pairings,
      setup,
      serverName: "sha256:simulated",
      health,
      registration: "open" as const,
      onReuse: (device: DeviceKey) => {
        endLogins({ callers: known, bell }, device)
      },
    }
    const as = async (auth: Auth): Promise<NodeService> => serviceOf(await known.known(auth))
    return Object.assign(state, { account: accountService(rooms), as, newcomers })
  }

  #sweepWhile(running: Running): void {
    this.#schedule.after(SWEEP_EVERY_MS, () => {
      if (!running.isUp) return
      void this.#store.sweep(this.#schedule.clock().now())
      this.#sweepWhile(running)
    })
  }
}

export const NEVER: Promise<never> = new Promise(() => undefined)

type AnyMethod = (...args: readonly unknown[]) => Promise<unknown>

const methodOf = (service: Service, method: Method): AnyMethod =>
  (service as unknown as Record<Method, AnyMethod>)[method].bind(service)

/** The store with every operation put into other words. */
export function wrappedStore(store: NodeStore, wrap: (name: string, operation: AnyMethod) => AnyMethod): NodeStore {
  const operations = Object.entries(store) as unknown as [string, AnyMethod][]
  return Object.fromEntries(operations.map(([name, call]) => [name, wrap(name, call)])) as unknown as NodeStore
}

const counted = (store: NodeStore, count: (change: number) => void): NodeStore =>
  wrappedStore(store, (_, operation) => (...args) => {
    count(1)
    return operation(...args).finally(() => {
      count(-1)
    })
  })

const gated = (store: NodeStore, isUp: () => boolean): NodeStore =>
  wrappedStore(
    store,
    (_, operation) =>
      (...args) =>
        isUp() ? operation(...args) : NEVER,
  )
