/** What every transport promises, asked of the one in memory and of QUIC alike. */
import { afterEach, describe, expect, test } from "vitest"
import { utf8 } from "../../core/domain/bytes.ts"
import { hasCode } from "../../core/domain/errors.ts"
import { realWorld } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import { MemoryNetwork } from "../../core/transport/memory.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { listenQuic } from "../../core/transport/quic-listener.ts"
import { CLOSE_CODES, SERVER_SHUTDOWN } from "../../core/transport/transport.ts"
import type {
  ByteStream,
  Connection,
  Dialer,
  Listener,
  ListenOptions,
  TransportLimits,
} from "../../core/transport/transport.ts"
import { collect, echo } from "../fakes/streams.ts"
import { until } from "../fakes/until.ts"

const TIMEOUT_MS = 15_000
const MIB = 1_048_576

interface Network {
  readonly name: string
  readonly host: string
  listen(options: ListenOptions): Promise<Listener>
  dialer(limits?: Partial<TransportLimits>): Dialer
}

const memory = new MemoryNetwork(realWorld)
const certificate = await makeCertificate(realWorld, [])
const quic = (host: string): Network => ({
  name: `QUIC on ${host}`,
  host,
  listen: async (options) => listenQuic(realWorld, { ...options, certificate }),
  dialer: (limits) => new QuicDialer(realWorld, limits),
})

const NETWORKS: readonly Network[] = [
  { name: "memory", host: "host", listen: async (options) => memory.listen(options), dialer: () => memory.dialer() },
  quic("127.0.0.1"),
  quic("::1"),
]

describe.each(NETWORKS)("$name", ({ host, listen, dialer }) => {
  const cleanups: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function serve(
    onConnection: (connection: Connection) => void = echo,
    limits: Partial<TransportLimits> = {},
  ): Promise<Listener> {
    const listener = await listen({ host, port: 0, onConnection, limits })
    cleanups.push(() => listener.close(CLOSE_CODES.goodbye, "test over"))
    return listener
  }

  async function connect(listener: Listener, limits?: Partial<TransportLimits>): Promise<Connection> {
    const connection = await dialer(limits).connect({
      ...listener.address,
      trust: { kind: "pins", pins: [listener.pin] },
      timeoutMs: TIMEOUT_MS,
    })
    cleanups.push(() => connection.close(CLOSE_CODES.goodbye, "test over"))
    return connection
  }

  /** Both ends of a fresh connection, and of its first stream. */
  async function pair(
    limits: Partial<TransportLimits> = {},
  ): Promise<{ listener: Listener; client: Connection; server: Connection; near: ByteStream; far: ByteStream }> {
    const connections: Connection[] = []
    const listener = await serve((connection) => connections.push(connection), limits)
    const client = await connect(listener)
    await until("the server sees the connection", () => connections.length === 1)
    const server = connections[0]!
    const streams: ByteStream[] = []
    server.onStream((stream) => streams.push(stream))
    const near = client.openStream()
    near.write(utf8("!"))
    await until("the server sees the stream", () => streams.length === 1)
    const far = streams[0]!
    let greeted = false
    far.onData(() => (greeted = true))
    await until("the first byte is there", () => greeted)
    return { listener, client, server, near, far }
  }

  test("what is written comes back, in order, and the end with it", async () => {
    const client = await connect(await serve())
    const stream = client.openStream()
    const answer = collect(stream)
    for (let count = 0; count < 500; count++) stream.write(utf8(`${count},`))
    stream.end()
    await until("the echo has ended", answer.ended)
    expect(Buffer.from(answer.bytes()).toString()).toBe(Array.from({ length: 500 }, (_, n) => `${n},`).join(""))
  })

  test("5 MB arrive whole in both directions", async () => {
    const client = await connect(await serve())
    const sent = Buffer.alloc(5 * MIB, "0123456789abcdefghi")
    const stream = client.openStream()
    const answer = collect(stream)
    expect(stream.write(sent)).toBe(false)
    stream.end()
    await until("the echo has ended", answer.ended)
    expect(Buffer.from(answer.bytes()).equals(sent)).toBe(true)
    expect(stream.bufferedBytes).toBe(0)
  })

  test("an end that carries nothing arrives too", async () => {
    const { near, far } = await pair()
    const received = collect(far)
    near.end()
    near.end()
    await until("the end is seen", received.ended)
    expect(received.failure()).toBeUndefined()
  })

  test("one direction ends and the other goes on", async () => {
    const { near, far } = await pair()
    const answer = collect(near)
    const question = collect(far)
    near.write(utf8("question"))
    near.end()
    await until("the question has ended", question.ended)
    far.write(utf8("late "))
    far.write(utf8("answer"))
    far.end()
    await until("the answer has ended", answer.ended)
    expect(Buffer.from(question.bytes()).toString()).toBe("question")
    expect(Buffer.from(answer.bytes()).toString()).toBe("late answer")
    expect(() => near.write(utf8("more"))).toThrow("write after end")
  })

  test("bytes that came before the handler are not lost", async () => {
    const { client, server } = await pair()
    const stream = client.openStream()
    stream.write(utf8("early"))
    stream.end()
    const seen: ByteStream[] = []
    server.onStream((found) => seen.push(found))
    await until("the stream is seen", () => seen.length > 0)
    const received = collect(seen[0]!)
    await until("all has come", received.ended)
    expect(Buffer.from(received.bytes()).toString()).toBe("early")
  })

  test("a reset tells its code and leaves other streams alone", async () => {
    const { client, near, far } = await pair()
    const failed = collect(far)
    near.reset(42)
    await until("the reset is seen", () => failed.failure() !== undefined)
    expect(failed.failure()).toEqual({ kind: "reset", code: 42 })
    expect(far.write(utf8("into the void"))).toBe(false)
    expect(() => client.openStream().write(utf8("still alive"))).not.toThrow()
  })

  test("a reset reaches a peer that had ended its direction, or only writes", async () => {
    const { near, far } = await pair()
    const failed = collect(far)
    near.end()
    await until("the end is seen", failed.ended)
    far.write(new Uint8Array(100))
    near.reset(7)
    await until("the reset is seen", () => failed.failure() !== undefined)
    expect(failed.failure()).toEqual({ kind: "reset", code: 7 })
  })

  test("the server may open streams as well", async () => {
    const { client, server } = await pair()
    echo(client)
    const stream = server.openStream()
    const answer = collect(stream)
    stream.write(utf8("from the server"))
    stream.end()
    await until("the echo has ended", answer.ended)
    expect(Buffer.from(answer.bytes()).toString()).toBe("from the server")
  })

  test("streams beyond the limit are refused and room returns when one is over", async () => {
    const client = await connect(await serve(echo, { streamsMax: 2 }))
    const first = client.openStream()
    first.write(utf8("1"))
    client.openStream().write(utf8("2"))
    expect(() => client.openStream()).toThrow("too many calls at once")
    const answer = collect(first)
    first.end()
    await until("the first is over", answer.ended)
    await until("there is room", () => {
      try {
        client.openStream()
        return true
      } catch (thrown) {
        if (hasCode(thrown, "E052")) return false
        throw thrown
      }
    })
  })

  test("closing tells the peer code and reason, once", async () => {
    const { client, server, near, far } = await pair()
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

  test("a paused reader holds the writer back, and loses nothing", async () => {
    const { near, far } = await pair()
    const received = collect(far)
    far.pause()
    const sent = 6 * MIB
    near.write(new Uint8Array(sent))
    await until("the window is full", () => near.bufferedBytes < 5.5 * MIB)
    const held = near.bufferedBytes
    expect(held).toBeGreaterThan(4 * MIB)
    expect(received.length()).toBeLessThan(MIB)
    let drained = 0
    near.onDrain(() => drained++)
    far.resume()
    await until("all has come", () => received.length() === sent)
    expect(drained).toBe(1)
    expect(near.bufferedBytes).toBe(0)
  })

  test("a peer that never reads is closed at the cap; its neighbour goes on", async () => {
    const connections: Connection[] = []
    const listener = await serve((connection) => connections.push(connection), { outboundBytesMax: 3 * MIB })
    const slow = await connect(listener)
    const quick = await connect(listener)
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

  test("when too much waits for all, the slowest goes", async () => {
    const connections: Connection[] = []
    const listener = await serve((connection) => connections.push(connection), { outboundTotalBytesMax: 8 * MIB })
    const clients = [await connect(listener), await connect(listener)]
    await until("both are seen", () => connections.length === 2)
    connections[0]!.openStream().write(new Uint8Array(3 * MIB))
    connections[1]!.openStream().write(new Uint8Array(6 * MIB))
    expect(await connections[1]!.closed).toMatchObject({ by: "local", code: CLOSE_CODES.slowReader })
    expect(await clients[1]!.closed).toMatchObject({ by: "peer", code: CLOSE_CODES.slowReader })
    expect(() => connections[0]!.openStream()).not.toThrow()
  })

  test("a peer that takes nothing for too long is closed", async () => {
    const { server } = await pair({ writeStallMs: 50 })
    server.openStream().write(new Uint8Array(3 * MIB))
    expect(await server.closed).toMatchObject({ by: "local", reason: "peer does not read: write timeout" })
  })

  test("connections beyond the cap per address are refused, and room returns", async () => {
    const listener = await serve(echo, { connectionsPerAddressMax: 2 })
    const first = await connect(listener)
    await connect(listener)
    await expect(connect(listener)).rejects.toMatchObject({ code: "E051" })
    expect(listener.stats().refusedAddress).toBe(1)
    first.close(CLOSE_CODES.goodbye, "")
    await until("one has left", () => listener.stats().connections === 1)
    await connect(listener)
  })

  test("connections beyond the cap in all are refused", async () => {
    const listener = await serve(echo, { connectionsMax: 1 })
    await connect(listener)
    await expect(connect(listener)).rejects.toMatchObject({ code: "E051" })
    expect(listener.stats().refusedTotal).toBe(1)
  })

  test("a closing listener says goodbye to everybody and lets go of the port", async () => {
    const listener = await serve()
    const clients = [await connect(listener), await connect(listener)]
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
    const next = await listen({ ...listener.address, onConnection: echo })
    await next.close(CLOSE_CODES.goodbye, "")
  })

  test("a listener that stops accepting refuses new connections and keeps the old", async () => {
    const listener = await serve()
    const client = await connect(listener)
    listener.stopAccepting()
    await expect(connect(listener)).rejects.toMatchObject({ code: "E059" })
    const stream = client.openStream()
    const answer = collect(stream)
    stream.write(utf8("still here"))
    await until("the echo is there", () => answer.length() === 10)
  })

  test("where nobody listens, connecting ends in time", async () => {
    const listener = await serve()
    await listener.close(CLOSE_CODES.goodbye, "")
    const attempt = dialer().connect({ ...listener.address, trust: { kind: "pins", pins: [] }, timeoutMs: 200 })
    await expect(attempt).rejects.toMatchObject({ code: "E053" })
  })

  test("connecting can be given up", async () => {
    const listener = await serve()
    await listener.close(CLOSE_CODES.goodbye, "")
    const stop = new AbortController()
    const attempt = dialer().connect({
      ...listener.address,
      trust: { kind: "pins", pins: [] },
      timeoutMs: 60_000,
      signal: stop.signal,
    })
    stop.abort()
    await expect(attempt).rejects.toThrow("aborted")
  })

  test("another pin is refused; both ends of a good connection know the pin", async () => {
    const listener = await serve()
    const wrong = dialer().connect({
      ...listener.address,
      trust: { kind: "pins", pins: [new Uint8Array(32)] },
      timeoutMs: TIMEOUT_MS,
    })
    await expect(wrong).rejects.toMatchObject({ code: "E056" })
    const { client, server } = await pair()
    expect(client.serverPin).toEqual(server.serverPin)
    expect(client.serverPin).toHaveLength(32)
  })

  test("a server can be looked at before it is trusted", async () => {
    const listener = await serve()
    const identity = await dialer().inspect({ ...listener.address, timeoutMs: TIMEOUT_MS })
    expect(identity.pin).toEqual(listener.pin)
    expect(identity.subject).toContain("CN=")
    expect(identity.notAfter).toBeGreaterThan(Date.now())
  })

  test("a ping harms nothing, before or after the end", async () => {
    const { client, server } = await pair()
    client.ping()
    server.ping()
    client.close(CLOSE_CODES.goodbye, "")
    client.ping()
    expect(await server.closed).toMatchObject({ by: "peer", code: 0 })
  })
})
