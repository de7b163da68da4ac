/** The running server: listener, services and store put together; started, drained and stopped as one. */
import { accountService } from "./node/accounts.ts"
import type { RegistrationPolicy } from "./node/accounts.ts"
import { auditedAccounts, auditedNode, BegunLogins, refused, shortly } from "./node/audit.ts"
import type { AuditEvent } from "./node/audit.ts"
import { BLOB_LIMITS } from "./node/blobs.ts"
import type { BlobLimits } from "./node/blobs.ts"
import { callers } from "./node/caller.ts"
import { doorbell } from "./node/doorbell.ts"
import { endLogins, nodeServices } from "./node/node-service.ts"
import { Newcomers } from "./node/newcomers.ts"
import { Pairings } from "./node/pairings.ts"
import type { CommitFate } from "./node/mail-rooms.ts"
import { measuredNode } from "./node/measured.ts"
import type { Measure } from "./node/measured.ts"
import type { NodeRooms } from "./node/node-service.ts"
import { serveConnection } from "./connection.ts"
import { fairAccounts, FairWork } from "./node/fair-work.ts"
import { limitedAccounts, RateLimits } from "./node/rate-limits.ts"
import type { RateLimit, RateSettings } from "./node/rate-limits.ts"
import type { NodeStore } from "./store/node-store.ts"
import type { AccountService } from "../core/contract/account-service.ts"
import { EMPTY } from "../core/domain/bytes.ts"
import type { DeviceKey } from "../core/domain/ids.ts"
import { RETENTION_MS } from "../core/domain/limits.ts"
import { formatPin } from "../core/domain/server-address.ts"
import { AUTH_VERSION, WIRE_VERSION } from "../core/domain/versions.ts"
import type { World } from "../core/domain/world.ts"
import { createServerSetup } from "../core/opaque/registration.ts"
import type { Endpoint } from "../core/rpc/endpoint.ts"
import type { EndedCall } from "../core/rpc/serve-node.ts"
import { peerGroup } from "../core/transport/admission.ts"
import { CLOSE_CODES, SERVER_SHUTDOWN } from "../core/transport/transport.ts"
import type { Connection, ListenOptions, Listener } from "../core/transport/transport.ts"

const DRAIN_MS_MAX = 4000
const SWEEP_EVERY_MS = 60_000
const SWEEP_AGAIN_MS = 50
const OPAQUE_SETUP = "opaque-setup"

export interface NodeOptions {
  readonly world: World
  readonly store: NodeStore
  /** Starts the network and hands each connection to `onConnection`. */
  readonly listen: (onConnection: ListenOptions["onConnection"]) => Promise<Listener>
  readonly software: string
  /** Empty: no service may call. */
  readonly staticToken?: Uint8Array
  readonly retentionMs?: number
  /** Lets anybody use any 1:1 channel. */
  readonly openChannels?: boolean
  readonly blobLimits?: BlobLimits
  /** Open if left out. */
  readonly registration?: RegistrationPolicy
  /** Without it requests are not limited. */
  readonly rates?: RateSettings
  readonly watch?: NodeWatch
}

/** What the operator's side hears. Must not throw. */
export interface NodeWatch {
  call(call: EndedCall): void
  /** Of each call of `commit` that the store answered: an outcome "ok" does not tell a lost race from an epoch taken. */
  commit(fate: CommitFate): void
  /** A request was refused for coming too soon. @param whom address, account, device or name it is counted for. */
  limited(limit: RateLimit, whom: string): void
  /** Streams of an address that sends too fast are not read for so many milliseconds. */
  paced(ms: number): void
  payload: Measure
  audit(event: AuditEvent): void
  swept(rows: number): void
  failed(what: string, thrown: unknown): void
}

export interface RunningNode {
  readonly listener: Listener
  readonly store: NodeStore
  /** Long polls that wait now. */
  readonly waiting: () => number
  /** After the store has ended or suspended the device: no token of it is trusted from memory, no long poll goes on. */
  endLogins(device: DeviceKey): void
  /** Stops accepting, answers long polls, lets running calls end (4 s at most), says goodbye, closes the store. */
  drain(): Promise<void>
}

const ignored = (): undefined => undefined
const SILENT: NodeWatch = {
  call: ignored,
  commit: ignored,
  limited: ignored,
  paced: ignored,
  payload: ignored,
  audit: ignored,
  swept: ignored,
  failed: ignored,
}

export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { world, store, watch = SILENT } = options
  const setup = (await store.setting(OPAQUE_SETUP)) ?? (await store.settle(OPAQUE_SETUP, await createServerSetup()))
  const rooms = roomsOf(options, watch, setup)
  const { bell, limits, callers: known } = rooms
  const [audit, measure] = [watch.audit.bind(watch), watch.payload.bind(watch)]
  const serviceOf = nodeServices(rooms, (service, caller) => measuredNode(auditedNode(service, caller, audit), measure))
  const endpoints = new Set<Endpoint>()
  const health = { status: "ok", software: options.software, wireVersion: WIRE_VERSION, authVersion: AUTH_VERSION }

  const onReuse = (device: DeviceKey): void => {
    audit({ event: "revoke", outcome: "ok", device: shortly(device), why: "refresh token used twice" })
    endLogins(rooms, device)
  }
  const logins = new BegunLogins()
  const work = new FairWork()
  const { registration = "open" } = options
  const services = new Map<string, AccountService>()
  const accountsAt = (serverName: string): AccountService => {
    const kept = services.get(serverName)
    const service = kept ?? accountService({ ...rooms, setup, serverName, health, onReuse, registration })
    services.set(serverName, service)
    return service
  }

  const onConnection = (connection: Connection): void => {
    const address = peerGroup(connection.peerAddress)
    const accounts = fairAccounts(accountsAt(formatPin(connection.serverPin)), work, address)
    serveConnection(connection, {
      world,
      account: auditedAccounts(limitedAccounts(accounts, limits, address), { audit, address, logins }),
      request: () => {
        limits.request(address)
      },
      pace: (bytes) => limits.pace(address, bytes),
      async caller(auth) {
        return known.known(auth).catch((thrown: unknown) => {
          refused(audit, { event: "token", device: shortly(auth.deviceId), address }, thrown)
          throw thrown
        })
      },
      service: (caller) => {
        limits.caller(caller)
        return serviceOf(caller)
      },
      onCall: watch.call.bind(watch),
      endpoints,
    })
  }

  const listener = await options.listen(onConnection)
  const stop = new AbortController()
  const sweeping = sweepUntil(stop.signal, options, watch)
  return {
    listener,
    store,
    waiting: () => bell.waiting,
    endLogins(device) {
      endLogins(rooms, device)
    },
    async drain() {
      stop.abort()
      listener.stopAccepting()
      bell.dismissAll()
      await Promise.all([...endpoints].map((endpoint) => endpoint.drain(DRAIN_MS_MAX)))
      await listener.close(CLOSE_CODES.goodbye, SERVER_SHUTDOWN)
      await sweeping
      await store.close()
    },
  }
}

function roomsOf(options: NodeOptions, watch: NodeWatch, setup: Uint8Array): NodeRooms {
  const { world, store, rates: settings, staticToken = EMPTY } = options
  const { retentionMs = RETENTION_MS, openChannels = false, blobLimits = BLOB_LIMITS } = options
  const onRefusal = (limit: RateLimit, whom: string): void => {
    watch.limited(limit, whom)
  }
  const newcomers = new Newcomers(world.clock)
  return {
    store,
    world,
    newcomers,
    pairings: new Pairings(world.clock),
    setup,
    retentionMs,
    blobLimits,
    bell: doorbell(),
    callers: callers({ store, world, newcomers, staticToken }),
    limits: new RateLimits({ settings, clock: world.clock, onRefusal, onPace: watch.paced.bind(watch) }),
    membersOnly: !openChannels,
    onCommit: (fate) => {
      watch.commit(fate)
    },
  }
}

/** Expires what is over, a batch at a time, until the signal fires. */
async function sweepUntil(signal: AbortSignal, { world, store }: NodeOptions, watch: NodeWatch): Promise<void> {
  while (!signal.aborted) {
    let waitMs = SWEEP_EVERY_MS
    try {
      const { expiredRows, more } = await store.sweep(world.clock.now())
      watch.swept(expiredRows)
      if (more) waitMs = SWEEP_AGAIN_MS
    } catch (thrown) {
      watch.failed("sweep", thrown)
    }
    await world.clock.sleep(waitMs, signal).catch(() => undefined)
  }
}
