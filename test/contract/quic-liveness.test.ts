/** How QUIC connections stay alive, notice that a peer is gone, and keep one's fault from the others. */
import { setTimeout as delay } from "node:timers/promises"
import { expect, test } from "vitest"
import { utf8 } from "../../core/domain/bytes.ts"
import { CLOSE_CODES } from "../../core/transport/transport.ts"
import type { CloseReason } from "../../core/transport/transport.ts"
import { EchoServer, assertEchoes } from "../fakes/quic-server.ts"
import { echo } from "../fakes/streams.ts"
import { until } from "../fakes/until.ts"

const NEVER_MS = 1_000_000
/** A handshake and a close take six to nine. */
const PACKETS_MAX = 30

test("a quiet connection is kept alive by its client", async () => {
  await using server = await EchoServer.start({
    limits: { idleMs: 1500 },
    clientLimits: { idleMs: 1500, keepAliveMs: 200 },
  })
  const client = await server.connect()
  let end: CloseReason | undefined
  void client.closed.then((reason) => (end = reason))
  const startedAt = performance.now()
  await until("thrice the idle time is over", () => performance.now() - startedAt > 4500)
  expect(end).toBeUndefined()
  await assertEchoes(client)
})

test("without a sign of life both ends give up after the idle time", async () => {
  const ends: CloseReason[] = []
  await using server = await EchoServer.start({
    limits: { idleMs: 300 },
    clientLimits: { idleMs: 300, keepAliveMs: NEVER_MS },
    onConnection: (connection) => void connection.closed.then((reason) => ends.push(reason)),
  })
  const client = await server.connect()
  expect(await client.closed).toMatchObject({ by: "idle", error: { code: "E054" } })
  await until("the server noticed", () => ends.length === 1 && server.listener.stats().connections === 0)
  expect(ends[0]).toMatchObject({ by: "idle" })
})

test("a handler that throws ends its own connection only", async () => {
  const warnings: string[] = []
  let count = 0
  await using server = await EchoServer.start({
    warn: (message) => warnings.push(message),
    onConnection: (connection) => {
      if (++count === 1) echo(connection)
      else {
        connection.onStream((stream) =>
          stream.onData(() => {
            throw new TypeError("a fault in the program")
          }),
        )
      }
    },
  })
  const healthy = await server.connect()
  const faulty = await server.connect()
  faulty.openStream().write(utf8("go"))
  expect(await faulty.closed).toMatchObject({ by: "peer", code: 1, reason: "internal fault" })
  expect(warnings.some((message) => message.includes("a fault in the program"))).toBe(true)
  await assertEchoes(healthy)
  expect(server.listener.stats().connections).toBe(1)
})

test.each([0, 5, 20, 100])(
  "a client that closes at once, and then has no time for %i ms, says so and is quiet",
  async (busyMs) => {
    await using server = await EchoServer.start()
    const client = await server.connect()
    client.close(CLOSE_CODES.goodbye, "done")
    occupy(busyMs)
    expect(await client.closed).toMatchObject({ by: "local", code: CLOSE_CODES.goodbye })
    await until("the server has heard it", () => server.listener.stats().connections === 0)
    await delay(100)
    expect(server.listener.stats().packetsReceived).toBeLessThan(PACKETS_MAX)
  },
)

test.each([5, 20, 100])("one that had no time for %i ms before it closes, too", async (busyMs) => {
  await using server = await EchoServer.start()
  const client = await server.connect()
  occupy(busyMs)
  client.close(CLOSE_CODES.goodbye, "done")
  await until("the server has heard it", () => server.listener.stats().connections === 0)
  await delay(100)
  expect(server.listener.stats().packetsReceived).toBeLessThan(PACKETS_MAX)
})

/** The thread does nothing else meanwhile: timers are late, and what came waits. */
function occupy(ms: number): void {
  const endAt = performance.now() + ms
  while (performance.now() < endAt) continue
}
