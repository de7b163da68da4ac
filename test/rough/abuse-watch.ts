/** The server seen from outside while it is attacked: memory, and what its metrics count. */
import { readFileSync } from "node:fs"
import type { ServerProcess } from "../fakes/server-process.ts"
import { realWorld } from "../../core/domain/world.ts"

const EVERY_MS = 250
const KIB_PER_MIB = 1024
const COUNTED = /^qpq_(?:rate_limited|connections_refused|handshakes_failed|slow_closed|datagrams_dropped|calls)_/u

export type Numbers = Readonly<Record<string, number>>

/** Resident memory in MiB. */
export function rssOf(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
  return Number(kib ?? 0) / KIB_PER_MIB
}

/** What the server's process spent in a while. */
export interface Effort {
  /** Processor time of all its threads in cores. */
  readonly cores: number
  /** How long its event loop took at worst to come round, in milliseconds: a timer of 10 ms included. */
  readonly loopMsMax: number
}

/** Watches from now on. @returns what it came to when asked. */
export async function effortOf(server: ServerProcess): Promise<() => Promise<Effort>> {
  // Reading the metrics begins the loop's record anew.
  const [before, since] = [await numbersOf(server), performance.now()]
  return async () => {
    const after = await numbersOf(server)
    const cpuS = (after["process_cpu_seconds_total"] ?? 0) - (before["process_cpu_seconds_total"] ?? 0)
    const loopMsMax = 1000 * (after["nodejs_eventloop_lag_max_seconds"] ?? 0)
    return { cores: (1000 * cpuS) / (performance.now() - since), loopMsMax }
  }
}

/** Every metric by its whole name, labels included. */
export async function numbersOf(server: Pick<ServerProcess, "get">): Promise<Numbers> {
  const { body } = await server.get("/metrics")
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]))
}

/** Handshakes that are not complete. */
export const halfOpen = (numbers: Numbers): number =>
  (numbers["qpq_connections"] ?? 0) - (numbers["qpq_connections_established"] ?? 0)

/** The highest resident memory from now on until the signal fires, in MiB. */
export async function highestRss(pid: number, signal: AbortSignal): Promise<number> {
  let highest = 0
  while (!signal.aborted) {
    highest = Math.max(highest, rssOf(pid))
    await realWorld.clock.sleep(EVERY_MS, signal).catch(() => undefined)
  }
  return highest
}

/** What was refused or thrown away in between, the most frequent first. */
export function refusals(before: Numbers, after: Numbers): string {
  const grown = Object.entries(after)
    .filter(([name]) => COUNTED.test(name) && !name.includes('outcome="ok"'))
    .map(([name, count]) => [shortName(name), count - (before[name] ?? 0)] as const)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
  return grown.length === 0 ? "none" : grown.map(([name, count]) => `${name} ${count}`).join(", ")
}

const shortName = (name: string): string =>
  name
    .replace(/^qpq_calls_total\{method="(\w+)",outcome="(\w+)"\}/u, "$2 $1")
    .replace(/^qpq_rate_limited_total\{limit="(\w+)"\}/u, "limit $1")
    .replace(/^qpq_datagrams_dropped_total\{reason="(\w+)"\}/u, "dropped $1")
    .replace(/^qpq_(\w+)_total$/u, "$1")
    .replaceAll("_", " ")
