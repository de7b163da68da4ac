/** What a server and its clients use while they run for long: samples, their table, and whether anything grows. */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { numbersOf, rssOf } from "./abuse-watch.ts"
import type { BuiltServer } from "./built-server.ts"
import { quantile, theilSen } from "./statistics.ts"
import type { Trend } from "./statistics.ts"

const MIB = 1_048_576
const HOUR_S = 3600
/** Of the run: caches fill, code is compiled, the heap finds its size. */
const WARM_UP = 0.25
const TABLE_ROWS_MAX = 24

export interface SoakSample {
  /** Since the talk began. */
  readonly atS: number
  readonly rssMib: number
  readonly parentRssMib: number
  readonly heapMib: number
  readonly descriptors: number
  readonly walMib: number
  readonly mailRows: number
  /** The event loop's 99th hundredth, in milliseconds. */
  readonly loopMs: number
  /** Of all clients that run, together. */
  readonly clientsRssMib: number
  readonly clients: number
}

/** @param server with its parent. @param clients process ids. */
export async function soakSample(
  server: BuiltServer,
  clients: readonly number[],
  sinceMs: number,
): Promise<SoakSample> {
  const numbers = await numbersOf(server)
  const child = childOf(server.pid)
  const ofClients = clients.map(rssOfWhoRuns).filter((mib) => mib !== undefined)
  return {
    atS: (performance.now() - sinceMs) / 1000,
    rssMib: rssOf(child),
    parentRssMib: rssOf(server.pid),
    heapMib: (numbers["nodejs_heap_size_used_bytes"] ?? NaN) / MIB,
    descriptors: readdirSync(`/proc/${child}/fd`).length,
    walMib: (statSync(`${server.databasePath}-wal`, { throwIfNoEntry: false })?.size ?? 0) / MIB,
    mailRows: numbers["qpq_mail_rows"] ?? NaN,
    loopMs: 1000 * (numbers["nodejs_eventloop_lag_p99_seconds"] ?? NaN),
    clientsRssMib: ofClients.reduce((sum, mib) => sum + mib, 0),
    clients: ofClients.length,
  }
}

type Column = keyof SoakSample

const COLUMNS: readonly (readonly [Column, string, number])[] = [
  ["atS", "s", 0],
  ["rssMib", "RSS MiB", 1],
  ["parentRssMib", "parent", 1],
  ["heapMib", "heap", 1],
  ["descriptors", "fds", 0],
  ["walMib", "WAL MiB", 2],
  ["mailRows", "rows", 0],
  ["loopMs", "loop p99 ms", 1],
  ["clientsRssMib", "clients MiB", 0],
  ["clients", "clients", 0],
]

/** Lines of a table, some in between left out. */
export function soakTable(samples: readonly SoakSample[]): readonly string[] {
  const step = Math.max(1, Math.ceil(samples.length / TABLE_ROWS_MAX))
  const shown = samples.filter((_, at) => at % step === 0 || at === samples.length - 1)
  const width = (title: string): number => Math.max(7, title.length)
  const head = COLUMNS.map(([, title]) => title.padStart(width(title))).join("  ")
  const rows = shown.map((sample) =>
    COLUMNS.map(([column, title, digits]) => sample[column].toFixed(digits).padStart(width(title))).join("  "),
  )
  return [head, ...rows]
}

const afterWarmUp = (samples: readonly SoakSample[]): readonly SoakSample[] =>
  samples.slice(Math.floor(samples.length * WARM_UP))

/** Of one column after the warm-up, per hour. */
export function trendOf(samples: readonly SoakSample[], column: Column): Trend {
  return theilSen(afterWarmUp(samples).map((sample) => [sample.atS / HOUR_S, sample[column]] as const))
}

/** First, last and highest of a column. */
export function rangeOf(samples: readonly SoakSample[], column: Column): readonly [number, number, number] {
  const values = samples.map((sample) => sample[column])
  return [values[0] ?? NaN, values.at(-1) ?? NaN, Math.max(...values)]
}

/** Median of the last third less that of the first, after the warm-up: what a trend came to. */
export function grownBy(samples: readonly SoakSample[], column: Column): number {
  const values = afterWarmUp(samples).map((sample) => sample[column])
  const third = Math.max(1, Math.floor(values.length / 3))
  return quantile(values.slice(-third), 0.5) - quantile(values.slice(0, third), 0.5)
}

/** The process that the parent watches over. */
function childOf(parent: number): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ")
  return Number(children[0])
}

/** undefined when it was killed a moment ago. */
function rssOfWhoRuns(pid: number): number | undefined {
  try {
    return rssOf(pid)
  } catch {
    return undefined
  }
}
