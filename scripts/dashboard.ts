/** Writes deploy/grafana/qpq-server.json, the dashboard, from its table: npx tsx scripts/dashboard.ts */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { format } from "prettier"
import { packageRoot } from "../core/domain/package-root.ts"

/** Units are Grafana's names for them. */
interface Panel {
  readonly title: string
  readonly unit: string
  readonly lines: Readonly<Record<string, string>>
}

const SERVER = '{job="qpq-server"}'
const WIDTH = 12
const HEIGHT = 8
const COLUMNS = 24

const rate = (metric: string, labels = ""): string => `sum(rate(${metric}{${labels}}[$__rate_interval]))`
const rates = (metric: string, by: string): string => `sum by (${by}) (rate(${metric}[$__rate_interval]))`
const quantile = (share: number, metric: string, labels = ""): string =>
  `histogram_quantile(${share}, sum by (le) (rate(${metric}_bucket{${labels}}[$__rate_interval])))`

export const PANELS: readonly Panel[] = [
  { title: "Calls by method", unit: "reqps", lines: { "{{method}}": rates("qpq_calls_total", "method") } },
  {
    title: "Calls refused, by error",
    unit: "reqps",
    lines: { "{{outcome}}": 'sum by (outcome) (rate(qpq_calls_total{outcome!="ok"}[$__rate_interval]))' },
  },
  {
    title: "Calls take (without long polls)",
    unit: "s",
    lines: {
      p50: quantile(0.5, "qpq_call_seconds", 'method!="fetchWait"'),
      p99: quantile(0.99, "qpq_call_seconds", 'method!="fetchWait"'),
    },
  },
  {
    title: "Sealed payloads",
    unit: "Bps",
    lines: { "{{kind}} {{way}}": rates("qpq_payload_bytes_total", "kind, way") },
  },
  {
    title: "Connections",
    unit: "none",
    lines: {
      open: "qpq_connections",
      established: "qpq_connections_established",
      "long polls": "qpq_long_polls_waiting",
    },
  },
  {
    title: "Handshakes",
    unit: "ops",
    lines: {
      done: rate("qpq_handshakes_total"),
      failed: rate("qpq_handshakes_failed_total"),
      refused: rate("qpq_connections_refused_total"),
    },
  },
  {
    title: "Requests that came too soon",
    unit: "ops",
    lines: { "{{limit}}": rates("qpq_rate_limited_total", "limit") },
  },
  {
    title: "Thrown away and slowed down",
    unit: "ops",
    lines: {
      "datagrams: {{reason}}": rates("qpq_datagrams_dropped_total", "reason"),
      "slow peers closed": rate("qpq_slow_closed_total"),
      "seconds not read": rate("qpq_ingress_paced_seconds_total"),
    },
  },
  {
    title: "Transactions of the store take",
    unit: "s",
    lines: {
      p50: quantile(0.5, "qpq_store_transaction_seconds"),
      p99: quantile(0.99, "qpq_store_transaction_seconds"),
    },
  },
  {
    title: "Group commit",
    unit: "none",
    lines: {
      "calls in a transaction": `${rate("qpq_store_transaction_calls_sum")} / ${rate("qpq_store_transaction_calls_count")}`,
      "calls waiting": "qpq_store_queue_calls",
    },
  },
  {
    title: "Mail that waits",
    unit: "none",
    lines: { rows: "qpq_mail_rows", "fullest mailbox": "qpq_mailbox_rows_max" },
  },
  { title: "Mail that expired unread", unit: "ops", lines: { rows: rate("qpq_mail_expired_total") } },
  {
    title: "KeyPackages",
    unit: "none",
    lines: { "for one use": "qpq_key_packages", "devices without": "qpq_devices_without_key_packages" },
  },
  { title: "Commits", unit: "ops", lines: { "{{fate}}": rates("qpq_commits_total", "fate") } },
  {
    title: "People",
    unit: "none",
    lines: {
      accounts: "qpq_accounts",
      devices: "qpq_devices",
      "open logins": "qpq_logins",
      groups: "qpq_group_tags",
    },
  },
  {
    title: "Memory and files",
    unit: "bytes",
    lines: {
      resident: `process_resident_memory_bytes${SERVER}`,
      "waits for slow peers": "qpq_queued_bytes",
      "waits for the store": "qpq_store_queue_bytes",
      "encrypted files": "qpq_file_bytes",
    },
  },
  {
    title: "Event loop comes round in",
    unit: "s",
    lines: { p50: `nodejs_eventloop_lag_p50_seconds${SERVER}`, p99: `nodejs_eventloop_lag_p99_seconds${SERVER}` },
  },
  { title: "Processor", unit: "none", lines: { cores: rate("process_cpu_seconds_total", 'job="qpq-server"') } },
  {
    title: "Processes replaced, work that failed",
    unit: "none",
    lines: { replaced: "qpq_restarts_total", "failed: {{kind}}": "sum by (kind) (qpq_failures_total)" },
  },
  { title: "Certificate ends in", unit: "s", lines: { left: "qpq_certificate_expires_seconds" } },
]

export const DASHBOARD = join(packageRoot(), "deploy", "grafana", "qpq-server.json")

/** The whole file. */
export function dashboard(): Promise<string> {
  const perRow = COLUMNS / WIDTH
  const panels = PANELS.map(({ title, unit, lines }, at) => ({
    id: at + 1,
    type: "timeseries",
    title,
    datasource: { type: "prometheus", uid: "${source}" },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    gridPos: { x: WIDTH * (at % perRow), y: HEIGHT * Math.floor(at / perRow), w: WIDTH, h: HEIGHT },
    targets: Object.entries(lines).map(([legendFormat, expr], line) => ({
      refId: String.fromCodePoint("A".codePointAt(0)! + line),
      expr,
      legendFormat,
    })),
  }))
  const source = { name: "source", label: "Prometheus", type: "datasource", query: "prometheus" }
  const whole = {
    title: "qpq-server",
    uid: "qpq-server",
    tags: ["qpq"],
    schemaVersion: 39,
    refresh: "15s",
    time: { from: "now-3h", to: "now" },
    templating: { list: [source] },
    panels,
  }
  return format(JSON.stringify(whole), { parser: "json", printWidth: 120 })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DASHBOARD, await dashboard())
