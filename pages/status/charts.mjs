/** What the page shows: a tile or a chart for every number of /metrics that an operator looks at. */
import { growth, quantileBetween, sumOf } from "./numbers.mjs"

const DAY_SECONDS = 86_400

/** Each reads a span of time: its numbers now and before, and how many seconds lie between. */
const gauge =
  (name, fits) =>
  ({ now }) =>
    sumOf(now, name, fits)
const perSecond = (name, fits) => (span) => times(growth(span, name, fits), 1 / span.seconds)
const milliseconds = (name, share, fits) => (span) => times(quantileBetween(span, name, share, fits), 1000)
const scaled = (factor, read) => (span) => times(read(span), factor)
const perCall = (name) => (span) => {
  const count = growth(span, `${name}_count`)
  return count ? growth(span, `${name}_sum`) / count : undefined
}
const times = (value, factor) => (value === undefined ? undefined : value * factor)

const isOk = ({ outcome }) => outcome === "ok"
const isRefused = ({ outcome }) => outcome !== "ok"
/** Long polls take as long as nothing comes. */
const isShort = ({ method }) => method !== "fetchWait"
const goes = (kind, way) => (labels) => labels.kind === kind && labels.way === way
const MEBI = 1 / 1_048_576

export const TILES = [
  { title: "accounts", read: gauge("qpq_accounts") },
  { title: "devices", read: gauge("qpq_devices") },
  { title: "open logins", read: gauge("qpq_logins") },
  { title: "groups", read: gauge("qpq_group_tags") },
  { title: "connections", read: gauge("qpq_connections_established") },
  { title: "rows waiting", read: gauge("qpq_mail_rows") },
  { title: "MiB of files", read: scaled(MEBI, gauge("qpq_file_bytes")) },
  { title: "days of the certificate", read: scaled(1 / DAY_SECONDS, gauge("qpq_certificate_expires_seconds")) },
  { title: "replaced processes", read: gauge("qpq_restarts_total") },
  { title: "failures", read: (span) => gauge("qpq_failures_total")(span) ?? 0 },
]

export const CHARTS = [
  {
    title: "Calls",
    unit: "/s",
    lines: [
      { label: "answered", read: perSecond("qpq_calls_total", isOk) },
      { label: "refused", read: perSecond("qpq_calls_total", isRefused) },
    ],
  },
  {
    title: "Calls take (without long polls)",
    unit: "ms",
    lines: [
      { label: "p50", read: milliseconds("qpq_call_seconds", 0.5, isShort) },
      { label: "p99", read: milliseconds("qpq_call_seconds", 0.99, isShort) },
    ],
  },
  {
    title: "Sealed payloads",
    unit: "MiB/s",
    lines: [
      { label: "mail in", read: scaled(MEBI, perSecond("qpq_payload_bytes_total", goes("mail", "in"))) },
      { label: "mail out", read: scaled(MEBI, perSecond("qpq_payload_bytes_total", goes("mail", "out"))) },
      { label: "files in", read: scaled(MEBI, perSecond("qpq_payload_bytes_total", goes("files", "in"))) },
      { label: "files out", read: scaled(MEBI, perSecond("qpq_payload_bytes_total", goes("files", "out"))) },
    ],
  },
  {
    title: "Connections",
    unit: "",
    lines: [
      { label: "open", read: gauge("qpq_connections") },
      { label: "established", read: gauge("qpq_connections_established") },
      { label: "long polls", read: gauge("qpq_long_polls_waiting") },
    ],
  },
  {
    title: "Handshakes",
    unit: "/s",
    lines: [
      { label: "done", read: perSecond("qpq_handshakes_total") },
      { label: "failed", read: perSecond("qpq_handshakes_failed_total") },
      { label: "refused", read: perSecond("qpq_connections_refused_total") },
    ],
  },
  {
    title: "Turned away",
    unit: "/s",
    lines: [
      { label: "too soon", read: perSecond("qpq_rate_limited_total") },
      { label: "datagrams", read: perSecond("qpq_datagrams_dropped_total") },
      { label: "slow peers", read: perSecond("qpq_slow_closed_total") },
    ],
  },
  {
    title: "Transactions take",
    unit: "ms",
    lines: [
      { label: "p50", read: milliseconds("qpq_store_transaction_seconds", 0.5) },
      { label: "p99", read: milliseconds("qpq_store_transaction_seconds", 0.99) },
    ],
  },
  {
    title: "Store",
    unit: "calls",
    lines: [
      { label: "in a transaction", read: perCall("qpq_store_transaction_calls") },
      { label: "waiting", read: gauge("qpq_store_queue_calls") },
    ],
  },
  {
    title: "Mail that waits",
    unit: "rows",
    lines: [
      { label: "all", read: gauge("qpq_mail_rows") },
      { label: "fullest mailbox", read: gauge("qpq_mailbox_rows_max") },
    ],
  },
  {
    title: "KeyPackages",
    unit: "",
    lines: [
      { label: "for one use", read: gauge("qpq_key_packages") },
      { label: "devices without", read: gauge("qpq_devices_without_key_packages") },
    ],
  },
  {
    title: "Commits",
    unit: "/s",
    lines: [
      { label: "accepted", read: perSecond("qpq_commits_total", ({ fate }) => fate === "accepted") },
      { label: "lost to another", read: perSecond("qpq_commits_total", ({ fate }) => fate === "lost") },
    ],
  },
  {
    title: "Event loop comes round in",
    unit: "ms",
    lines: [
      { label: "p50", read: scaled(1000, gauge("nodejs_eventloop_lag_p50_seconds")) },
      { label: "at worst", read: scaled(1000, gauge("nodejs_eventloop_lag_max_seconds")) },
    ],
  },
  {
    title: "Processor",
    unit: "cores",
    lines: [{ label: "all threads", read: perSecond("process_cpu_seconds_total") }],
  },
  {
    title: "Memory",
    unit: "MiB",
    lines: [
      { label: "resident", read: scaled(MEBI, gauge("process_resident_memory_bytes")) },
      { label: "waits for slow peers", read: scaled(MEBI, gauge("qpq_queued_bytes")) },
      { label: "waits for the store", read: scaled(MEBI, gauge("qpq_store_queue_bytes")) },
    ],
  },
]
