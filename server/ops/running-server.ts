/** The whole server process: data folder, store thread, node on QUIC and sidecar, started and drained as one. */
import { mkdirSync, statSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { QpqError } from "../../core/domain/errors.ts"
import { hostPortText } from "../../core/domain/server-address.ts"
import type { World } from "../../core/domain/world.ts"
import { migrationsFolder, packageVersion } from "../../core/domain/package-root.ts"
import type { ServerCertificate } from "../../core/transport/certificate.ts"
import { listenQuic } from "../../core/transport/quic-listener.ts"
import type { QuicListener } from "../../core/transport/quic-listener.ts"
import type { TransportStats } from "../../core/transport/transport.ts"
import type { ServerConfig } from "../config.ts"
import type { HostPort } from "../config-values.ts"
import type { Audit } from "../node/audit.ts"
import { startNode } from "../node.ts"
import type { NodeWatch, RunningNode } from "../node.ts"
import type { NodeStore } from "../store/node-store.ts"
import { threadStore } from "../store/thread-store.ts"
import { serverCertificate } from "./certificate-files.ts"
import { openAuditLog } from "./audit-log.ts"
import { administration } from "./administration.ts"
import type { ServerLog } from "./log.ts"
import { serverMetrics } from "./metrics.ts"
import type { Metrics } from "./metrics.ts"
import { watchOf } from "./node-watch.ts"
import type { SidecarRooms } from "./sidecar.ts"
import { ShownCertificate } from "./shown-certificate.ts"

const DATA_DIR_MODE = 0o700
const OTHERS_BITS = 0o077
const GENERATION_BYTES = 8
const SOFTWARE = `qpq-server ${packageVersion()}`

export interface ServerRooms {
  readonly world: World
  readonly log: ServerLog
  /** The store's thread ended by itself, while serving or draining: the process can serve nobody any more. */
  readonly onStoreDeath: (error: QpqError) => void
  /** How often a parent had to replace the process. */
  readonly restarts: number
}

export interface RunningServer {
  /** The one line of standard output. */
  readonly readyLine: string
  /** Where it listens, with the ports that the system chose. */
  readonly listen: HostPort
  readonly health: HostPort
  /** Opens the audit log anew, and reads the certificate for connections to come. @throws E071, E072, and the old one stays. */
  reload(): Promise<void>
  /** Stops accepting, answers long polls, lets calls end, says goodbye, closes everything. */
  drain(): Promise<void>
}

interface ServerState {
  draining: boolean
  /** What happened to the store; it serves nothing any more. */
  trouble: QpqError | undefined
}

/** @throws E060, E061, E062 for the database, E071 for addresses and certificates, E072 for files. */
export async function startServer(config: ServerConfig, rooms: ServerRooms): Promise<RunningServer> {
  const { world, log } = rooms
  makeDataDir(config.dataDir, log)
  const metrics = serverMetrics(packageVersion())
  // Its library is read while the store's thread starts.
  const sidecarModule = import("./sidecar.ts")
  const state: ServerState = { draining: false, trouble: undefined }
  const { auditPath } = config
  const audit = auditPath === undefined ? undefined : await openAuditLog(auditPath, world, log)
  const store = await openStore(config, { ...rooms, metrics }, state)
  const watch = watchOf(log, metrics, audit)
  const { node, listener, certificate } = await listening(config, { ...rooms, store, watch }).catch(
    (thrown: unknown) => {
      throw state.trouble ?? thrown
    },
  )
  const at = reachable(listener.address)
  const shown = new ShownCertificate({ config, world, log, listener, at }, certificate)
  const { restarts } = rooms
  const stats = (): TransportStats => listener.stats()
  metrics.watch({ store, world, stats, waiting: node.waiting, certificateEnds: () => shown.notAfter, restarts })
  const { startSidecar } = await sidecarModule
  const sidecarRooms = { version: packageVersion(), world, store, metrics, ...conditionsOf(state, shown) }
  const token = config.healthToken && { token: config.healthToken }
  const sidecar = await startSidecar(config.health, { ...sidecarRooms, ...token }).catch(async (thrown: unknown) => {
    await node.drain()
    throw thrown
  })
  const expiry = new AbortController()
  void shown.watchExpiry(expiry.signal)
  const health = reachable(sidecar.address)
  const audited: Audit = (event) => {
    watch.audit(event)
  }
  const door = await administration(config, { ...rooms, node, listener, certificate: shown, audit: audited })
  return {
    readyLine: `qpq-server ready ${shown.address} health http://${hostPortText(health)}`,
    listen: listener.address,
    health: sidecar.address,
    async reload() {
      audit?.reopen()
      await shown.reload().catch((thrown: unknown) => {
        metrics.failed("certificate")
        throw thrown
      })
    },
    async drain() {
      state.draining = true
      expiry.abort()
      await door?.close()
      await node.drain()
      await sidecar.close()
      audit?.close()
    },
  }
}

/** What keeps the server from being well, or ready. */
const conditionsOf = (
  state: ServerState,
  shown: ShownCertificate,
): Pick<SidecarRooms, "trouble" | "isDraining" | "untrusted"> => ({
  trouble: () => state.trouble && `${state.trouble.code} ${state.trouble.message}`,
  isDraining: () => state.draining,
  untrusted: () => shown.untrusted(),
})

/** Whatever happens to it later stands in `state`. */
function openStore(
  config: ServerConfig,
  { world, log, onStoreDeath, metrics }: ServerRooms & { metrics: Metrics },
  state: ServerState,
): Promise<NodeStore> {
  const { databasePath, databaseKey, mailboxQuota } = config
  const migrations = migrationsFolder("node")
  const newGeneration = world.random.bytes(GENERATION_BYTES)
  const options = {
    path: databasePath,
    migrations,
    newGeneration,
    mailboxQuota,
    ...(databaseKey && { key: databaseKey }),
  }
  return threadStore(options, {
    onDeath(error) {
      state.trouble = error
      onStoreDeath(error)
    },
    onTransaction: (calls, ms) => {
      metrics.transaction(calls, ms)
    },
    onQueue: (calls, bytes) => {
      metrics.queue(calls, bytes)
    },
    onDamage(error) {
      state.trouble = error
      log.fatal({ error }, "the database is damaged: every call is refused until it is restored from a backup")
    },
  })
}

interface Listening {
  readonly node: RunningNode
  readonly listener: QuicListener
  readonly certificate: ServerCertificate
}

/** On failure the store is closed again. */
async function listening(
  config: ServerConfig,
  { world, log, store, watch }: ServerRooms & { store: NodeStore; watch: NodeWatch },
): Promise<Listening> {
  const warn = (message: string): void => {
    log.warn({ room: "transport" }, message)
  }
  try {
    const certificate = await serverCertificate(config, world)
    let listener: QuicListener | undefined
    const node = await startNode({
      world,
      store,
      listen: async (onConnection) => {
        listener = await listenQuic(world, { ...config.listen, certificate, onConnection, warn })
        return listener
      },
      software: SOFTWARE,
      watch,
      registration: config.registration,
      openChannels: config.openChannels,
      blobLimits: config.blobLimits,
      ...(config.rates && { rates: config.rates }),
      ...(config.staticToken && { staticToken: config.staticToken }),
    })
    if (!listener) throw new QpqError("E099", "no listener")
    return { node, listener, certificate }
  } catch (thrown) {
    await store.close()
    throw thrown
  }
}

function makeDataDir(path: string, log: ServerLog): void {
  try {
    mkdirSync(path, { recursive: true, mode: DATA_DIR_MODE })
    if ((statSync(path).mode & OTHERS_BITS) !== 0) log.warn({ path }, "the data folder is open to other users")
  } catch (cause) {
    throw new QpqError("E072", `data folder ${path}`, { cause })
  }
}

/** An address that can be dialled: a wildcard becomes this computer's first outward IPv4 address. */
function reachable({ host, port }: HostPort): HostPort {
  if (host !== "0.0.0.0" && host !== "::") return { host, port }
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === "IPv4" && !address.internal)
  return { host: outward?.address ?? "127.0.0.1", port }
}
