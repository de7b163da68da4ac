/** How QUIC connections stay alive, notice that a peer is gone, and keep one's fault from the others. */
import { expect, test } from "vitest"
import { utf8 } from "../../core/domain/bytes.ts"
import type { CloseReason } from "../../core/transport/transport.ts"
import { EchoServer, assertEchoes } from "../fakes/quic-server.ts"
import { echo } from "../fakes/streams.ts"
import { until } from "../fakes/until.ts"

const NEVER_MS = 1_000_000

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
