/** What the files for operators ask for exists. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { realWorld } from "../../core/domain/world.ts"
import { CHARTS, TILES } from "../../pages/status/charts.mjs"
import { DASHBOARD, dashboard } from "../../scripts/dashboard.ts"
import { serverMetrics } from "../../server/ops/metrics.ts"
import { memoryKind } from "../fakes/node-stores.ts"

const deployed = (...path: readonly string[]): string => readFileSync(join(packageRoot(), "deploy", ...path), "utf8")
const METRIC = /\b(?:qpq|process|nodejs)_[a-z0-9_]+/g

/** Names as a dashboard may use them: of histograms with what Prometheus adds. */
async function exported(): Promise<ReadonlySet<string>> {
  const metrics = serverMetrics("1.2.3")
  const stats = { connections: 0, established: 0, handshakesDone: 0, handshakesFailed: 0, retries: 0, slowClosed: 0 }
  const more = { refusedTotal: 0, refusedAddress: 0, packetsReceived: 0, packetsSent: 0, queuedBytes: 0 }
  const dropped = { zeroRtt: 0, malformed: 0, unknown: 0, short: 0, token: 0, expired: 0, refused: 0, rejected: 0 }
  metrics.watch({
    store: await memoryKind.open(),
    world: realWorld,
    stats: () => ({ ...stats, ...more, dropped }),
    waiting: () => 0,
    certificateEnds: () => 0,
    restarts: 0,
  })
  const types = [...(await metrics.exposition()).matchAll(/^# TYPE (\S+) (\w+)$/gm)]
  return new Set(
    types.flatMap(([, name = "", type]) =>
      type === "histogram" ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
}

test("every metric of the dashboard, the alerts, the status page and the objectives is exported", async () => {
  const known = await exported()
  const page = readFileSync(join(packageRoot(), "pages", "status", "charts.mjs"), "utf8")
  const objectives = readFileSync(join(packageRoot(), "docs", "SLO.md"), "utf8")
  const texts = [deployed("prometheus", "alerts.yml"), deployed("grafana", "qpq-server.json"), page, objectives]
  for (const text of texts) {
    const names = [...new Set(text.match(METRIC))]
    expect(names.length).toBeGreaterThan(4)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  }
})

test("every metric of our own is on the dashboard", async () => {
  const shown = new Set(deployed("grafana", "qpq-server.json").match(METRIC))
  const own = [...(await exported())].filter((name) => name.startsWith("qpq_") && !/_(?:sum|count)$/.test(name))
  const isShown = (name: string): boolean => shown.has(name) || shown.has(`${name}_bucket`) || shown.has(`${name}_sum`)
  expect(own.filter((name) => !isShown(name.replace(/_bucket$/, "")))).toEqual(["qpq_build_info"])
})

test("the dashboard is what its table says; npx tsx scripts/dashboard.ts writes it anew", async () => {
  expect(readFileSync(DASHBOARD, "utf8")).toBe(await dashboard())
})

test("the status page's charts have lines, and each its own name", () => {
  for (const { title, lines } of CHARTS) {
    expect(lines.length, title).toBeGreaterThan(0)
    expect(new Set(lines.map(({ label }) => label)).size).toBe(lines.length)
  }
  expect(new Set([...CHARTS, ...TILES].map(({ title }) => title)).size).toBe(CHARTS.length + TILES.length)
})
