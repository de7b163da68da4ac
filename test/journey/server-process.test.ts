/** The server as its operator sees it: one process with a folder, started, asked, stopped, killed and started again. */
import { afterAll, expect, test } from "vitest"
import { sha256 } from "../../core/crypto/hash.ts"
import { packageVersion } from "../../core/domain/package-root.ts"
import { hex } from "../../core/domain/bytes.ts"
import { hasCode } from "../../core/domain/errors.ts"
import { CLOSE_CODES } from "../../core/transport/transport.ts"
import { fetchOf, fresh, joined, letterTo } from "../fakes/node-device.ts"
import { allRows, dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const DRAIN_MS_MAX = 6000
const DEADLINE_MS = 120_000

const folders: ReturnType<typeof dataFolder>[] = []
const folder = (): string => {
  const made = dataFolder()
  folders.push(made)
  return made.path
}
afterAll(() => {
  for (const made of folders) made.remove()
})

test(
  "a started server says one line, is healthy and ready, and counts what it does",
  async () => {
    await using server = await ServerProcess.start(folder())
    expect(server.readyLine).toMatch(
      /^qpq-server ready qpq:\/\/127\.0\.0\.1:\d+\?pin=sha256:[A-Za-z0-9_-]{43} health http:\/\/127\.0\.0\.1:\d+\n$/,
    )
    const { node, door } = await server.dial()
    expect(await node.health()).toMatchObject({ status: "ok", wireVersion: 1, authVersion: 1 })
    await joined(door, "alice")
    const health = JSON.stringify({ status: "ok", version: packageVersion(), wireVersion: 1 })
    for (const path of ["/healthz", "/readyz"]) expect(await server.get(path)).toEqual({ status: 200, body: health })
    const { status, body } = await server.get("/metrics")
    expect(status).toBe(200)
    expect(body).toContain('qpq_calls_total{method="loginFinish",outcome="ok"} 1')
    for (const name of [
      "qpq_call_seconds_bucket",
      "qpq_connections 1",
      "qpq_handshakes_failed_total 0",
      "qpq_long_polls_waiting 0",
      "qpq_mail_rows 0",
      "qpq_group_tags 0",
      "nodejs_eventloop_lag_seconds",
      "process_resident_memory_bytes",
    ]) {
      expect(body).toContain(name)
    }
    const { stderr } = await server.stop()
    expect(stderr).toContain(`"listen":{"host":"127.0.0.1","port":${server.address.port}}`)
    expect(stderr).toContain(`"port":${new URL(server.healthUrl).port}}`)
  },
  DEADLINE_MS,
)

test(
  "SIGTERM answers a waiting long poll, says goodbye and ends with 0 in time",
  async () => {
    await using server = await ServerProcess.start(folder())
    const { connection, node, door } = await server.dial()
    const { identity, auth } = await joined(door, "alice")
    const polling = await server.dial(auth)
    const poll = polling.node.fetchWait(fetchOf(identity.deviceKey), 30_000, new AbortController().signal).then(
      (answer) => answer.envelopes.length === 0,
      (thrown: unknown) => hasCode(thrown, "E059"),
    )
    await server.shows("qpq_long_polls_waiting 1")
    await node.ping()
    const since = performance.now()
    const { status, stdout } = await server.stop("SIGTERM")
    expect(performance.now() - since).toBeLessThan(DRAIN_MS_MAX)
    expect(status).toBe(0)
    expect(stdout).toBe(server.readyLine)
    expect(await poll).toBe(true)
    const reason = await connection.closed
    expect(hasCode(reason.error, "E059")).toBe(true)
  },
  DEADLINE_MS,
)

test(
  "a caller that disconnects in a long poll leaves nobody waiting",
  async () => {
    await using server = await ServerProcess.start(folder())
    const { door } = await server.dial()
    const { identity, auth } = await joined(door, "alice")
    const { node, connection } = await server.dial(auth)
    const polls = [1, 2, 3].map(() =>
      node.fetchWait(fetchOf(identity.deviceKey), 30_000, new AbortController().signal).catch(() => "gone"),
    )
    await server.shows("qpq_long_polls_waiting 3")
    connection.close(CLOSE_CODES.goodbye, "leaving")
    await server.shows("qpq_long_polls_waiting 0")
    expect(await Promise.all(polls)).toEqual(["gone", "gone", "gone"])
  },
  DEADLINE_MS,
)

test(
  "a restart keeps certificate, accounts, tokens, mail and numbering",
  async () => {
    const path = folder()
    const before = await ServerProcess.start(path)
    const first = await before.dial()
    const alice = await joined(first.door, "alice")
    const bob = await joined(first.door, "bob")
    const { deviceKey } = bob.identity
    const sender = await before.dial(alice.auth)
    expect(await sender.node.enqueue(letterTo(deviceKey))).toEqual({ seq: 1n, duplicate: false, head: 0n })
    const letter = letterTo(deviceKey)
    expect(await sender.node.enqueue(letter)).toEqual({ seq: 2n, duplicate: false, head: 0n })
    expect((await before.stop()).status).toBe(0)

    await using after = await ServerProcess.start(path)
    expect(after.address.pins).toEqual(before.address.pins)
    const { node } = await after.dial(alice.auth)
    expect(await node.enqueue(letter)).toEqual({ seq: 2n, duplicate: true, head: 0n })
    expect(await node.enqueue(letterTo(deviceKey))).toEqual({ seq: 3n, duplicate: false, head: 0n })
    const reader = await after.dial(bob.auth)
    const answer = await reader.node.fetch(fetchOf(deviceKey))
    expect(answer.envelopes.map((row) => row.seq)).toEqual([1n, 2n, 3n])
    const nextHash = sha256(fresh(32))
    const refreshed = await node.refreshToken({ refreshToken: bob.refreshToken, nextHash, deviceKey })
    expect(refreshed.accessToken).toHaveLength(32)
    expect(await node.resolveUser(alice.identity.name)).toMatchObject({ accountKey: alice.identity.accountKey })
  },
  DEADLINE_MS,
)

test(
  "kill -9 amid deposits loses no acknowledged row and doubles none",
  async () => {
    const path = folder()
    const before = await ServerProcess.start(path)
    const { door } = await before.dial()
    const alice = await joined(door, "alice")
    const bob = await joined(door, "bob")
    const { node, connection } = await before.dial(alice.auth)
    const acknowledged = new Map<string, bigint>()
    const send = async (): Promise<void> => {
      for (;;) {
        const letter = letterTo(bob.identity.deviceKey)
        const { seq } = await node.enqueue(letter)
        acknowledged.set(hex(letter.messageId), seq)
      }
    }
    const senders = Promise.allSettled(Array.from({ length: 16 }, send))
    await until("many are acknowledged", () => acknowledged.size >= 200)
    expect((await before.stop("SIGKILL")).status).toBe(null)
    connection.close(CLOSE_CODES.goodbye, "the server is gone")
    await senders

    await using after = await ServerProcess.start(path)
    const reader = await after.dial(bob.auth)
    const stored = await allRows(reader.node, bob.identity.deviceKey)
    expect(stored.map((row) => row.seq)).toEqual(stored.map((_, at) => BigInt(at + 1)))
    const seqs = new Map(stored.map((row) => [hex(row.id), row.seq]))
    expect(seqs.size).toBe(stored.length)
    for (const [id, seq] of acknowledged) expect(seqs.get(id)).toBe(seq)
  },
  DEADLINE_MS,
)

test(
  "two signals in a row end the process, without a hang",
  async () => {
    await using server = await ServerProcess.start(folder())
    server.signal("SIGINT")
    server.signal("SIGTERM")
    expect([0, 130]).toContain((await server.ended).status)
  },
  DEADLINE_MS,
)
