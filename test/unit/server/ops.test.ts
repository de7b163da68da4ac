/** What operators see: health, metrics and a log without secrets. */
import { afterEach, expect, test } from "vitest"
import { QpqError } from "../../../core/domain/errors.ts"
import { serverLog } from "../../../server/ops/log.ts"
import { serverMetrics } from "../../../server/ops/metrics.ts"
import { startSidecar } from "../../../server/ops/sidecar.ts"
import type { Sidecar } from "../../../server/ops/sidecar.ts"
import type { NodeStore } from "../../../server/store/node-store.ts"
import { fresh } from "../../fakes/node-device.ts"
import { memoryKind } from "../../fakes/node-stores.ts"
import { until } from "../../fakes/until.ts"
import { fakeWorld } from "../../fakes/world.ts"

const sidecars: Sidecar[] = []
afterEach(async () => {
  for (const sidecar of sidecars.splice(0)) await sidecar.close()
})

async function started(change: Partial<NodeStore> = {}) {
  const world = fakeWorld()
  const state: { trouble: string | undefined; draining: boolean } = { trouble: undefined, draining: false }
  const store = { ...(await memoryKind.open()), ...change }
  const sidecar = await startSidecar(
    { host: "127.0.0.1", port: 0 },
    {
      world,
      store,
      metrics: serverMetrics(),
      software: "qpq-server <test>",
      waiting: () => 7,
      trouble: () => state.trouble,
      isDraining: () => state.draining,
    },
  )
  sidecars.push(sidecar)
  const get = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${sidecar.address.port}${path}`)
    return [answer.status, await answer.text()]
  }
  return { world, state, get, sidecar, store }
}

test("a draining server is healthy but not ready", async () => {
  const { state, get } = await started()
  state.draining = true
  expect((await get("/healthz"))[0]).toBe(200)
  expect(await get("/readyz")).toEqual([503, '{"status":"unavailable","reason":"draining"}'])
})

test("a server in trouble says why", async () => {
  const { state, get } = await started()
  state.trouble = "the store's thread ended"
  for (const path of ["/healthz", "/readyz"]) {
    expect(await get(path)).toEqual([503, '{"status":"unavailable","reason":"the store\'s thread ended"}'])
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

test("the status page says what serves, how it is and how much it keeps", async () => {
  const { state, get } = await started({ counts: async () => ({ accounts: 3, mailRows: 4, groupTags: 5 }) })
  const lineOf = (label: string, value: string) => `<tr><th scope="row">${label}</th><td>${value}</td></tr>`
  const [status, page] = await get("/")
  expect(status).toBe(200)
  expect(page).toContain("<h1>qpq-server &lt;test&gt;</h1>")
  for (const line of [
    lineOf("state", "serving"),
    lineOf("long polls waiting", "7"),
    lineOf("accounts", "3"),
    lineOf("rows waiting in mailboxes", "4"),
    lineOf("groups", "5"),
  ]) {
    expect(page).toContain(line)
  }
  state.draining = true
  expect((await get("/"))[1]).toContain(lineOf("state", "draining"))
  state.trouble = "E060 <damaged>"
  expect((await get("/"))[1]).toContain(lineOf("state", "E060 &lt;damaged&gt;"))
})

test("the status page of a store that fails says so and shows no numbers", async () => {
  const { get } = await started({ counts: () => Promise.reject(new QpqError("E063", "SQLITE_IOERR")) })
  const [status, page] = await get("/")
  expect(status).toBe(200)
  expect(page).toContain("SQLITE_IOERR")
  expect(page).toContain("<td>unknown</td>")
})

test("other paths and methods are not there", async () => {
  const { get, sidecar } = await started()
  expect((await get("/status"))[0]).toBe(404)
  const post = await fetch(`http://127.0.0.1:${sidecar.address.port}/readyz`, { method: "POST", body: "x" })
  expect(post.status).toBe(404)
})

test("an address that is taken is refused in our terms", async () => {
  const { sidecar } = await started()
  const numbers = { metrics: serverMetrics(), software: "test", waiting: () => 0 }
  const rooms = { world: fakeWorld(), store: await memoryKind.open(), ...numbers }
  const second = startSidecar(sidecar.address, { ...rooms, trouble: () => undefined, isDraining: () => false })
  await expect(second).rejects.toMatchObject({ code: "E071" })
})

test("counting rows is not done anew for each question, and a store that fails leaves the other numbers", async () => {
  const metrics = serverMetrics()
  const world = fakeWorld()
  let asked = 0
  let failing = false
  const store = {
    ...(await memoryKind.open()),
    counts: async () => {
      asked++
      if (failing) throw new QpqError("E063")
      return { accounts: 3, mailRows: 4, groupTags: 5 }
    },
  }
  const stats = { established: 1, connections: 2, handshakesFailed: 6, slowClosed: 0, refusedTotal: 1 }
  const more = { refusedAddress: 2, retries: 0, packetsReceived: 0, packetsSent: 0, queuedBytes: 0 }
  const dropped = { zeroRtt: 7, malformed: 0, unknown: 0, short: 0, token: 0, expired: 0, refused: 0, rejected: 0 }
  metrics.watch({
    store,
    world,
    stats: () => ({ ...stats, ...more, dropped }),
    waiting: () => 8,
    certificateEnds: () => world.clock.now() + 90_000,
  })
  metrics.call("enqueue", "E041", 3)
  metrics.commit("lost")
  const lines = async () => (await metrics.exposition()).split("\n")
  const wanted = ["qpq_mail_rows 4", "qpq_group_tags 5", "qpq_accounts 3", "qpq_connections 2"]
  const told = [
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
