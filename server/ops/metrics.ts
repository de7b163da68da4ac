/** What Prometheus may know of the server: how much and how fast, never who or what. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client"
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { World } from "../../core/domain/world.ts"
import type { TransportStats } from "../../core/transport/transport.ts"
import type { CommitFate } from "../node/mail-rooms.ts"
import type { RateLimit } from "../node/rate-limits.ts"
import type { NodeStore, StoreCounts } from "../store/node-store.ts"

/** Counting rows walks an index, so it is done at most so often. */
const COUNTS_KEPT_MS = 5000
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Where the numbers that are asked for come from. */
export interface MetricSources {
  readonly store: NodeStore
  readonly world: World
  readonly stats: () => TransportStats
  /** Long polls that wait now. */
  readonly waiting: () => number
  /** When the certificate of new connections ends, in milliseconds since the Unix epoch. */
  readonly certificateEnds: () => number
}

export interface Metrics {
  call(method: string, outcome: "ok" | ErrorCode, ms: number): void
  commit(fate: CommitFate): void
  limited(limit: RateLimit): void
  /** Milliseconds. */
  paced(ms: number): void
  swept(rows: number): void
  failed(what: string): void
  /** From now on `exposition` asks these too. */
  watch(sources: MetricSources): void
  readonly contentType: string
  /** All metrics as Prometheus reads them. */
  exposition(): Promise<string>
}

export function serverMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const calls = new Counter({
    name: "qpq_calls_total",
    help: "Calls answered, by method and outcome (ok or the error's code)",
    labelNames: ["method", "outcome"],
    registers,
  })
  const seconds = new Histogram({
    name: "qpq_call_seconds",
    help: "How long calls took, long polls included",
    labelNames: ["method"],
    buckets: SECONDS,
    registers,
  })
  const commits = new Counter({
    name: "qpq_commits_total",
    help: "Commits that the store answered: accepted, lost to another's, or refused for their proof",
    labelNames: ["fate"],
    registers,
  })
  const limited = new Counter({
    name: "qpq_rate_limited_total",
    help: "Requests refused for coming too soon, by what they are counted for",
    labelNames: ["limit"],
    registers,
  })
  const paced = new Counter({
    name: "qpq_ingress_paced_seconds_total",
    help: "For how long streams were not read because their address sends too fast",
    registers,
  })
  const expired = new Counter({ name: "qpq_mail_expired_total", help: "Rows that expired unread", registers })
  const failures = new Counter({
    name: "qpq_failures_total",
    help: "Background work that failed, by kind",
    labelNames: ["kind"],
    registers,
  })
  return {
    call(method, outcome, ms) {
      calls.inc({ method, outcome })
      seconds.observe({ method }, ms / 1000)
    },
    commit: (fate) => commits.inc({ fate }),
    limited: (limit) => limited.inc({ limit }),
    paced: (ms) => paced.inc(ms / 1000),
    swept: (rows) => expired.inc(rows),
    failed: (kind) => failures.inc({ kind }),
    watch(sources) {
      watchTransport(registers, sources)
      watchCertificate(registers, sources)
      watchStore(registers, sources)
    },
    contentType: register.contentType,
    exposition: () => register.metrics(),
  }
}

function watchTransport(registers: Registry[], { stats, waiting }: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) })
  }
  const total = (name: string, help: string, read: () => number): void => {
    const collect = (): void => {
      made.reset()
      made.inc(read())
    }
    const made: Counter = new Counter({ name, help, registers, collect })
  }
  gauge("qpq_connections", "Connections open now, half-open ones included", () => stats().connections)
  gauge("qpq_connections_established", "Connections whose handshake is complete", () => stats().established)
  gauge("qpq_long_polls_waiting", "fetchWait calls that wait now", waiting)
  gauge("qpq_queued_bytes", "Bytes that wait for slow peers", () => stats().queuedBytes)
  total("qpq_handshakes_failed_total", "Handshakes never completed", () => stats().handshakesFailed)
  total("qpq_slow_closed_total", "Connections closed because they did not read", () => stats().slowClosed)
  const refused = (): number => stats().refusedTotal + stats().refusedAddress
  total("qpq_connections_refused_total", "Connections refused by a cap", refused)
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

function watchCertificate(registers: Registry[], { certificateEnds, world }: MetricSources): void {
  const made: Gauge = new Gauge({
    name: "qpq_certificate_expires_seconds",
    help: "Time until the certificate of new connections expires; negative when it has",
    registers,
    collect: () => {
      made.set(Math.round((certificateEnds() - world.clock.now()) / 1000))
    },
  })
}

/** The store's counts, at most COUNTS_KEPT_MS old. */
export function keptCounts({ store, world }: Pick<MetricSources, "store" | "world">): () => Promise<StoreCounts> {
  let counted: Promise<StoreCounts> | undefined
  let countedAt = 0
  return () => {
    const now = world.clock.monotonic()
    if (!counted || now - countedAt > COUNTS_KEPT_MS) {
      counted = store.counts()
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
  gauge("qpq_accounts", "Accounts", (known) => known.accounts)
  gauge("qpq_mail_rows", "Rows that wait in mailboxes", (known) => known.mailRows)
  gauge("qpq_group_tags", "Groups whose epochs are kept", (known) => known.groupTags)
}
