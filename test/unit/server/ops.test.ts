/** What operators see: health, metrics and a log without secrets. */
import { afterEach, expect, test } from "vitest"
import { QpqError } from "../../../core/domain/errors.ts"
import { serverLog } from "../../../server/ops/log.ts"
import { serverMetrics } from "../../../server/ops/metrics.ts"
import { startSidecar } from "../../../server/ops/sidecar.ts"
import type { Sidecar } from "../../../server/ops/sidecar.ts"
import { NO_COUNTS } from "../../../server/store/store-counts.ts"
import type { NodeStore } from "../../../server/store/node-store.ts"
import { fresh } from "../../fakes/node-device.ts"
import { memoryKind } from "../../fakes/node-stores.ts"
import { until } from "../../fakes/until.ts"
import { fakeWorld } from "../../fakes/world.ts"

const sidecars: Sidecar[] = []
afterEach(async () => {
  for (const sidecar of sidecars.splice(0)) await sidecar.close()
})

interface State {
  trouble?: string
  untrusted?: string
  draining: boolean
}

async function started(change: Partial<NodeStore> = {}, token?: Uint8Array) {
  const world = fakeWorld()
  const state: State = { draining: false }
  const store = { ...(await memoryKind.open()), ...change }
  const sidecar = await startSidecar(
    { host: "127.0.0.1", port: 0 },
    {
      version: "1.2.3",
      world,
      store,
      metrics: serverMetrics("1.2.3"),
      trouble: () => state.trouble,
      isDraining: () => state.draining,
      untrusted: () => state.untrusted,
      ...(token && { token }),
    },
  )
  sidecars.push(sidecar)
  const get = async (path: string, headers: Record<string, string> = {}): Promise<[number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${sidecar.address.port}${path}`, { headers })
    return [answer.status, await answer.text()]
  }
  return { world, state, get, sidecar, store }
}

test("a draining server is healthy but not ready", async () => {
  const { state, get } = await started()
  state.draining = true
  expect((await get("/healthz"))[0]).toBe(200)
  expect(await get("/readyz")).toEqual([
    503,
    '{"status":"unavailable","reason":"draining","version":"1.2.3","wireVersion":1}',
  ])
})

test("a server in trouble says why", async () => {
  const { state, get } = await started()
  state.trouble = "the store's thread ended"
  for (const path of ["/healthz", "/readyz"]) {
    expect(await get(path)).toEqual([
      503,
      '{"status":"unavailable","reason":"the store\'s thread ended","version":"1.2.3","wireVersion":1}',
    ])
  }
})

test("a server whose certificate nobody would trust now is healthy and not ready", async () => {
  const { state, get } = await started()
  state.untrusted = "the certificate expired at noon"
  expect((await get("/healthz"))[0]).toBe(200)
  expect(await get("/readyz")).toEqual([503, expect.stringContaining("the certificate expired at noon")])
})

test("others hear only whether it is well, unless they have the token", async () => {
  const elsewhere = { "x-forwarded-for": "192.0.2.7" }
  const token = "token of twenty letters"
  const without = await started()
  expect(await without.get("/metrics", elsewhere)).toEqual([403, expect.stringContaining("health-token-file")])
  const { state, get } = await started({}, Buffer.from(token))
  for (const path of ["/status", "/status/page.mjs", "/metrics"]) {
    expect(await get(path, elsewhere)).toEqual([401, expect.stringContaining("health-token-file")])
    const authorization = `Basic ${Buffer.from(`any:${token}`).toString("base64")}`
    expect((await get(path, { ...elsewhere, authorization }))[0]).toBe(200)
  }
  expect(await get("/readyz", elsewhere)).toEqual([200, '{"status":"ok"}'])
  expect(await get("/readyz")).toEqual([200, '{"status":"ok","version":"1.2.3","wireVersion":1}'])
  state.trouble = "E060 /where/it/is"
  for (const path of ["/healthz", "/readyz"]) {
    expect(await get(path, elsewhere)).toEqual([503, '{"status":"unavailable"}'])
  }
})

test("a store that can be read but not written is healthy and not ready", async () => {
  const { get } = await started({ probe: () => Promise.reject(new QpqError("E063", "SQLITE_FULL")) })
  expect((await get("/healthz"))[0]).toBe(200)
  const [status, body] = await get("/readyz")
  expect([status, body]).toEqual([503, expect.stringContaining("SQLITE_FULL")])
})

test("a store that does not answer is unavailable after two seconds, not for ever", async () => {
  const { get, world } = await started({ setting: () => new Promise(() => undefined) })
  const answer = get("/healthz")
  await until("the question waits", () => world.clock.pending === 1)
  await world.advance(2000)
  expect((await answer)[0]).toBe(503)
})

test("the status page and all that it needs come from here, and may load nothing else", async () => {
  const { get, sidecar } = await started()
  const [status, page] = await get("/")
  expect([status, page]).toEqual([200, (await get("/status"))[1]])
  expect((await get("/status/"))[1]).toBe(page)
  const needed = [...page.matchAll(/(?:src|href)="(status\/[^"]+)"/g)].map(([, path = ""]) => path)
  expect(needed).toEqual(["status/uplot.css", "status/page.css", "status/uplot.js", "status/page.mjs"])
  for (const path of [...needed, "status/charts.mjs", "status/numbers.mjs"]) {
    const answer = await fetch(`http://127.0.0.1:${sidecar.address.port}/${path}`)
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      path.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
    ])
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'")
    expect((await answer.text()).length).toBeGreaterThan(100)
  }
  for (const name of ["secret", "..%2f..%2fpackage.json", "constructor", "__proto__", "numbers.d.mts", "index.html"]) {
    expect((await get(`/status/${name}`))[0]).toBe(404)
  }
})

test("other paths and methods are not there", async () => {
  const { get, sidecar } = await started()
  expect((await get("/nowhere"))[0]).toBe(404)
  const post = await fetch(`http://127.0.0.1:${sidecar.address.port}/readyz`, { method: "POST", body: "x" })
  expect(post.status).toBe(404)
})

test("an address that is taken is refused in our terms", async () => {
  const { sidecar } = await started()
  const numbers = { metrics: serverMetrics("1.2.3") }
  const rooms = { world: fakeWorld(), store: await memoryKind.open(), ...numbers }
  const second = startSidecar(sidecar.address, {
    ...rooms,
    version: "1.2.3",
    trouble: () => undefined,
    isDraining: () => false,
    untrusted: () => undefined,
  })
  await expect(second).rejects.toMatchObject({ code: "E071" })
})

test("counting rows is not done anew for each question, and a store that fails leaves the other numbers", async () => {
  const metrics = serverMetrics("1.2.3")
  const world = fakeWorld()
  let asked = 0
  let failing = false
  const store = {
    ...(await memoryKind.open()),
    counts: async () => {
      asked++
      if (failing) throw new QpqError("E063")
      return { ...NO_COUNTS, accounts: 3, mailRows: 4, groupTags: 5, mailRowsOfOne: 2, keyPackages: 60, logins: 6 }
    },
  }
  const stats = {
    established: 1,
    handshakesDone: 9,
    connections: 2,
    handshakesFailed: 6,
    slowClosed: 0,
    refusedTotal: 1,
  }
  const more = { refusedAddress: 2, retries: 0, packetsReceived: 0, packetsSent: 0, queuedBytes: 0 }
  const dropped = { zeroRtt: 7, malformed: 0, unknown: 0, short: 0, token: 0, expired: 0, refused: 0, rejected: 0 }
  metrics.watch({
    store,
    world,
    stats: () => ({ ...stats, ...more, dropped }),
    waiting: () => 8,
    certificateEnds: () => world.clock.now() + 90_000,
    restarts: 2,
  })
  metrics.payload("files", "in", 700)
  metrics.transaction(3, 4)
  metrics.queue(11, 12)
  metrics.call("enqueue", "E041", 3)
  metrics.commit("lost")
  const lines = async () => (await metrics.exposition()).split("\n")
  const counted = ["qpq_mailbox_rows_max 2", "qpq_key_packages 60", "qpq_logins 6", "qpq_file_bytes 0"]
  const wanted = [...counted, "qpq_mail_rows 4", "qpq_group_tags 5", "qpq_accounts 3", "qpq_connections 2"]
  const told = [
    'qpq_build_info{version="1.2.3"} 1',
    'qpq_payload_bytes_total{kind="files",way="in"} 700',
    "qpq_store_transaction_calls_sum 3",
    "qpq_store_transaction_seconds_sum 0.004",
    "qpq_store_queue_calls 11",
    "qpq_store_queue_bytes 12",
    "qpq_restarts_total 2",
    "qpq_handshakes_total 9",
    "qpq_handshakes_failed_total 6",
    "qpq_connections_refused_total 3",
    "qpq_long_polls_waiting 8",
    "qpq_certificate_expires_seconds 90",
  ]
  const call = 'qpq_calls_total{method="enqueue",outcome="E041"} 1'
  const commit = 'qpq_commits_total{fate="lost"} 1'
  const expected = [...wanted, ...told, call, commit, 'qpq_datagrams_dropped_total{reason="zeroRtt"} 7']
  expect(await lines()).toEqual(expect.arrayContaining(expected))
  expect(await lines()).toEqual(expect.arrayContaining(expected))
  expect(asked).toBe(1)
  failing = true
  await world.advance(60_000)
  const without = await lines()
  expect(without).toEqual(expect.arrayContaining(told))
  expect(without.some((line) => line.startsWith("qpq_mail_rows "))).toBe(false)
})

test("no bytes and nothing named like a secret reach the log", () => {
  const written: string[] = []
  const log = serverLog("debug", { write: (line) => written.push(line) })
  const secret = fresh(32)
  const cause = new QpqError("E099", "inner", { cause: { token: "hunter2", key: secret } })
  log.info({ accessToken: "hunter2", password: "hunter2", nested: { refreshToken: "hunter2", list: [secret] } }, "one")
  log.error({ error: new QpqError("E063", "disk", { cause }), secret, count: 3n, bytes: secret.buffer }, "two")
  const text = written.join("")
  expect(text).not.toContain("hunter2")
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    expect(text).not.toContain(Buffer.from(secret).toString(encoding))
  }
  expect(text).not.toContain([...secret].slice(0, 4).join(","))
  const [one, two] = written.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(one).toMatchObject({ level: "info", msg: "one", accessToken: "[secret]" })
  expect(two).toMatchObject({ level: "error", count: "3", error: { code: "E063", cause: { code: "E099" } } })
})
