/** What the connections and listeners of every transport promise. */
import { expect, test } from "vitest"
import { utf8 } from "../../core/domain/bytes.ts"
import { CLOSE_CODES, SERVER_SHUTDOWN } from "../../core/transport/transport.ts"
import type { Connection } from "../../core/transport/transport.ts"
import { TIMEOUT_MS } from "../fakes/networks.ts"
import type { TransportFixture } from "../fakes/networks.ts"
import { collect, echo } from "../fakes/streams.ts"
import { until } from "../fakes/until.ts"

const MIB = 1_048_576

export function testConnections(fixture: TransportFixture): void {
  test("closing tells the peer code and reason, once", async () => {
    const { client, server, near, far } = await fixture.pair()
    const failed = collect(far)
    const ownFailed = collect(near)
    client.close(77, "enough")
    client.close(78, "again")
    const [seen, own] = await Promise.all([server.closed, client.closed])
    expect(seen).toMatchObject({ by: "peer", code: 77, reason: "enough", error: { code: "E054" } })
    expect(own).toMatchObject({ by: "local", code: 77, reason: "enough" })
    await until("the streams know", () => failed.failure() !== undefined && ownFailed.failure() !== undefined)
    expect(failed.failure()).toMatchObject({ kind: "closed", reason: { code: 77 } })
    expect(() => client.openStream()).toThrow("connection lost")
  })

  test("a peer that never reads is closed at the cap; its neighbour goes on", async () => {
    const connections: Connection[] = []
    const listener = await fixture.serve((connection) => connections.push(connection), { outboundBytesMax: 3 * MIB })
    const slow = await fixture.connect(listener)
    const quick = await fixture.connect(listener)
    await until("both are seen", () => connections.length === 2)
    const [toSlow, toQuick] = connections
    quick.onStream((stream) => stream.onData(() => undefined))
    const stream = toSlow!.openStream()
    for (let count = 0; count < 6; count++) stream.write(new Uint8Array(MIB))
    expect(await toSlow!.closed).toMatchObject({ by: "local", code: CLOSE_CODES.slowReader })
    expect(await slow.closed).toMatchObject({
      by: "peer",
      code: CLOSE_CODES.slowReader,
      reason: "peer does not read: outbound queue full",
    })
    const other = toQuick!.openStream()
    other.write(new Uint8Array(MIB))
    await until("the neighbour got it", () => other.bufferedBytes === 0)
    expect(listener.stats()).toMatchObject({ slowClosed: 1, queuedBytes: 0 })
  })

  test("what is kept elsewhere for a peer counts as queued for it", async () => {
    const connections: Connection[] = []
    const listener = await fixture.serve((connection) => connections.push(connection), { outboundBytesMax: 3 * MIB })
    await fixture.connect(listener)
    await until("it is seen", () => connections.length === 1)
    const stream = connections[0]!.openStream()
    stream.hold(2 * MIB)
    expect(listener.stats().queuedBytes).toBe(2 * MIB)
    stream.hold(-MIB)
    stream.hold(3 * MIB)
    expect(await connections[0]!.closed).toMatchObject({ by: "local", code: CLOSE_CODES.slowReader })
    stream.hold(-MIB)
    expect(listener.stats()).toMatchObject({ slowClosed: 1, queuedBytes: 0 })
  })

  test("when too much waits for all, the slowest goes", async () => {
    const connections: Connection[] = []
    const listener = await fixture.serve((connection) => connections.push(connection), {
      outboundTotalBytesMax: 8 * MIB,
    })
    const clients = [await fixture.connect(listener), await fixture.connect(listener)]
    await until("both are seen", () => connections.length === 2)
    connections[0]!.openStream().write(new Uint8Array(3 * MIB))
    connections[1]!.openStream().write(new Uint8Array(6 * MIB))
    expect(await connections[1]!.closed).toMatchObject({ by: "local", code: CLOSE_CODES.slowReader })
    expect(await clients[1]!.closed).toMatchObject({ by: "peer", code: CLOSE_CODES.slowReader })
    expect(() => connections[0]!.openStream()).not.toThrow()
  })

  test("a peer that takes nothing for too long is closed", async () => {
    const { server } = await fixture.pair({ writeStallMs: 50 })
    server.openStream().write(new Uint8Array(3 * MIB))
    expect(await server.closed).toMatchObject({ by: "local", reason: "peer does not read: write timeout" })
  })

  test("connections beyond the cap per address are refused, and room returns", async () => {
    const listener = await fixture.serve(echo, { connectionsPerAddressMax: 2 })
    const first = await fixture.connect(listener)
    await fixture.connect(listener)
    await expect(fixture.connect(listener)).rejects.toMatchObject({ code: "E051" })
    expect(listener.stats().refusedAddress).toBe(1)
    first.close(CLOSE_CODES.goodbye, "")
    await until("one has left", () => listener.stats().connections === 1)
    await fixture.connect(listener)
  })

  test("connections beyond the cap in all are refused", async () => {
    const listener = await fixture.serve(echo, { connectionsMax: 1 })
    await fixture.connect(listener)
    await expect(fixture.connect(listener)).rejects.toMatchObject({ code: "E051" })
    expect(listener.stats().refusedTotal).toBe(1)
  })

  test("a closing listener says goodbye to everybody and lets go of the port", async () => {
    const listener = await fixture.serve()
    const clients = [await fixture.connect(listener), await fixture.connect(listener)]
    await until("the server knows them", () => listener.stats().established === 2)
    await listener.close(CLOSE_CODES.goodbye, SERVER_SHUTDOWN)
    for (const client of clients) {
      expect(await client.closed).toMatchObject({
        by: "peer",
        code: 0,
        reason: SERVER_SHUTDOWN,
        error: { code: "E059" },
      })
    }
    const next = await fixture.network.listen({ ...listener.address, onConnection: echo })
    await next.close(CLOSE_CODES.goodbye, "")
  })

  test("a listener that stops accepting refuses new connections and keeps the old", async () => {
    const listener = await fixture.serve()
    const client = await fixture.connect(listener)
    listener.stopAccepting()
    await expect(fixture.connect(listener)).rejects.toMatchObject({ code: "E059" })
    const stream = client.openStream()
    const answer = collect(stream)
    stream.write(utf8("still here"))
    await until("the echo is there", () => answer.length() === 10)
  })

  test("where nobody listens, connecting ends in time", async () => {
    const listener = await fixture.serve()
    await listener.close(CLOSE_CODES.goodbye, "")
    const attempt = fixture.network
      .dialer()
      .connect({ ...listener.address, trust: { kind: "pins", pins: [] }, timeoutMs: 200 })
    await expect(attempt).rejects.toMatchObject({ code: "E053" })
  })

  test("connecting can be given up", async () => {
    const listener = await fixture.serve()
    await listener.close(CLOSE_CODES.goodbye, "")
    const stop = new AbortController()
    const attempt = fixture.network.dialer().connect({
      ...listener.address,
      trust: { kind: "pins", pins: [] },
      timeoutMs: 60_000,
      signal: stop.signal,
    })
    stop.abort()
    await expect(attempt).rejects.toThrow("aborted")
  })

  test("another pin is refused; both ends of a good connection know the pin", async () => {
    const listener = await fixture.serve()
    const wrong = fixture.network.dialer().connect({
      ...listener.address,
      trust: { kind: "pins", pins: [new Uint8Array(32)] },
      timeoutMs: TIMEOUT_MS,
    })
    await expect(wrong).rejects.toMatchObject({ code: "E056" })
    const { client, server } = await fixture.pair()
    expect(client.serverPin).toEqual(server.serverPin)
    expect(client.serverPin).toHaveLength(32)
  })

  test("a server can be looked at before it is trusted", async () => {
    const listener = await fixture.serve()
    const identity = await fixture.network.dialer().inspect({ ...listener.address, timeoutMs: TIMEOUT_MS })
    expect(identity.pin).toEqual(listener.pin)
    expect(identity.subject).toContain("CN=")
    expect(identity.notAfter).toBeGreaterThan(Date.now())
  })

  test("a ping harms nothing, before or after the end", async () => {
    const { client, server } = await fixture.pair()
    client.ping()
    server.ping()
    client.close(CLOSE_CODES.goodbye, "")
    client.ping()
    expect(await server.closed).toMatchObject({ by: "peer", code: 0 })
  })
}
