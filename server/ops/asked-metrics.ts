/** Numbers that are read when Prometheus asks: the transport's, the certificate's, the store's. */
import { Counter, Gauge } from "prom-client"
import type { Registry } from "prom-client"
import type { World } from "../../core/domain/world.ts"
import type { TransportStats } from "../../core/transport/transport.ts"
import type { NodeStore } from "../store/node-store.ts"
import type { StoreCounts } from "../store/store-counts.ts"

/** Counting rows walks an index, so it is done at most so often. */
const COUNTS_KEPT_MS = 5000

/** Where the numbers that are asked for come from. */
export interface MetricSources {
  readonly store: NodeStore
  readonly world: World
  readonly stats: () => TransportStats
  /** Long polls that wait now. */
  readonly waiting: () => number
  /** When the certificate of new connections ends, in milliseconds since the Unix epoch. */
  readonly certificateEnds: () => number
  /** How often another process had to take this one's place since the parent began. */
  readonly restarts: number
}

export function watchSources(registers: Registry[], sources: MetricSources): void {
  watchTransport(registers, sources)
  watchProcess(registers, sources)
  watchStore(registers, sources)
}

type ReadRow = readonly [name: string, help: string, read: () => number]

function gauges(registers: Registry[], rows: readonly ReadRow[]): void {
  for (const [name, help, read] of rows) {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        made.set(read())
      },
    })
  }
}

function totals(registers: Registry[], rows: readonly ReadRow[]): void {
  for (const [name, help, read] of rows) {
    const made: Counter = new Counter({
      name,
      help,
      registers,
      collect: () => {
        made.reset()
        made.inc(read())
      },
    })
  }
}

function watchTransport(registers: Registry[], { stats, waiting }: MetricSources): void {
  gauges(registers, [
    ["qpq_connections", "Connections open now, half-open ones included", () => stats().connections],
    ["qpq_connections_established", "Connections whose handshake is complete", () => stats().established],
    ["qpq_long_polls_waiting", "fetchWait calls that wait now", waiting],
    ["qpq_queued_bytes", "Bytes that wait for slow peers", () => stats().queuedBytes],
  ])
  const refused = (): number => stats().refusedTotal + stats().refusedAddress
  totals(registers, [
    ["qpq_handshakes_total", "Handshakes completed", () => stats().handshakesDone],
    ["qpq_handshakes_failed_total", "Handshakes never completed", () => stats().handshakesFailed],
    ["qpq_slow_closed_total", "Connections closed because they did not read", () => stats().slowClosed],
    ["qpq_connections_refused_total", "Connections refused by a cap", refused],
  ])
  const dropped: Counter<"reason"> = new Counter({
    name: "qpq_datagrams_dropped_total",
    help: "Datagrams thrown away, by reason",
    labelNames: ["reason"],
    registers,
    collect() {
      dropped.reset()
      for (const [reason, count] of Object.entries(stats().dropped)) dropped.inc({ reason }, count)
    },
  })
}

function watchProcess(registers: Registry[], { certificateEnds, restarts, world }: MetricSources): void {
  const left = (): number => Math.round((certificateEnds() - world.clock.now()) / 1000)
  const help = "Time until the certificate of new connections expires; negative when it has"
  gauges(registers, [["qpq_certificate_expires_seconds", help, left]])
  totals(registers, [["qpq_restarts_total", "Processes that the parent replaced, dead or silent", () => restarts]])
}

/** The store's counts, at most COUNTS_KEPT_MS old. */
export function keptCounts({ store, world }: Pick<MetricSources, "store" | "world">): () => Promise<StoreCounts> {
  let counted: Promise<StoreCounts> | undefined
  let countedAt = 0
  return () => {
    const now = world.clock.monotonic()
    if (!counted || now - countedAt > COUNTS_KEPT_MS) {
      counted = store.counts(world.clock.now())
      countedAt = now
    }
    return counted
  }
}

function watchStore(registers: Registry[], sources: MetricSources): void {
  const counts = keptCounts(sources)
  const gauge = (name: string, help: string, read: (counts: StoreCounts) => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      async collect() {
        // A store that fails shows as missing numbers; /healthz says why.
        const known = await counts().catch(() => undefined)
        if (known) made.set(read(known))
        else made.remove()
      },
    })
  }
  for (const [field, [name, help]] of Object.entries(COUNTED)) {
    gauge(name, help, (known) => known[field as keyof StoreCounts])
  }
}

const COUNTED: Readonly<Record<keyof StoreCounts, readonly [name: string, help: string]>> = {
  accounts: ["qpq_accounts", "Accounts"],
  devices: ["qpq_devices", "Devices that were not revoked"],
  devicesWithoutKeyPackages: [
    "qpq_devices_without_key_packages",
    "Devices that have no KeyPackage for one use here: they are invited by their last resort",
  ],
  keyPackages: ["qpq_key_packages", "KeyPackages for one use that wait to be taken"],
  logins: ["qpq_logins", "Open logins: families of tokens"],
  mailRows: ["qpq_mail_rows", "Rows that wait in mailboxes"],
  mailRowsOfOne: ["qpq_mailbox_rows_max", "Rows that wait in the fullest mailbox"],
  groupTags: ["qpq_group_tags", "Groups whose epochs are kept"],
  fileBytes: ["qpq_file_bytes", "Bytes of encrypted files that are kept"],
}
