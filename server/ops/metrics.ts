/** What Prometheus may know of the server: how much and how fast, never who or what. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client"
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { CommitFate } from "../node/mail-rooms.ts"
import type { PayloadKind, Way } from "../node/measured.ts"
import type { RateLimit } from "../node/rate-limits.ts"
import { watchSources } from "./asked-metrics.ts"
import type { MetricSources } from "./asked-metrics.ts"

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const CALLS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

export interface Metrics {
  call(method: string, outcome: "ok" | ErrorCode, ms: number): void
  commit(fate: CommitFate): void
  limited(limit: RateLimit): void
  /** Milliseconds. */
  paced(ms: number): void
  payload(kind: PayloadKind, way: Way, bytes: number): void
  /** Of the store. @param calls in it. */
  transaction(calls: number, ms: number): void
  /** Calls and their bytes that the store has not answered. */
  queue(calls: number, bytes: number): void
  swept(rows: number): void
  failed(what: string): void
  /** From now on `exposition` asks these too. */
  watch(sources: MetricSources): void
  readonly contentType: string
  /** All metrics as Prometheus reads them. */
  exposition(): Promise<string>
}

/** @param version of this software. */
export function serverMetrics(version: string): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const help = "1, with the version of this software"
  new Gauge({ name: "qpq_build_info", help, labelNames: ["version"], registers }).set({ version }, 1)
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
  const payload = new Counter({
    name: "qpq_payload_bytes_total",
    help: "Sealed payloads taken and given, without what frames add, by what they are and which way they went",
    labelNames: ["kind", "way"],
    registers,
  })
  const store = storeMetrics(registers)
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
    payload: (kind, way, bytes) => payload.inc({ kind, way }, bytes),
    ...store,
    swept: (rows) => expired.inc(rows),
    failed: (kind) => failures.inc({ kind }),
    watch(sources) {
      watchSources(registers, sources)
    },
    contentType: register.contentType,
    exposition: () => register.metrics(),
  }
}

function storeMetrics(registers: Registry[]): Pick<Metrics, "transaction" | "queue"> {
  const calls = new Histogram({
    name: "qpq_store_transaction_calls",
    help: "How many calls shared a transaction and its one fsync",
    buckets: CALLS,
    registers,
  })
  const seconds = new Histogram({
    name: "qpq_store_transaction_seconds",
    help: "How long transactions of the store took, fsync included",
    buckets: SECONDS,
    registers,
  })
  const waiting = new Gauge({ name: "qpq_store_queue_calls", help: "Calls that the store has not answered", registers })
  const bytes = new Gauge({ name: "qpq_store_queue_bytes", help: "Bytes of the arguments of those calls", registers })
  return {
    transaction(count, ms) {
      calls.observe(count)
      seconds.observe(ms / 1000)
    },
    queue(count, size) {
      waiting.set(count)
      bytes.set(size)
    },
  }
}
