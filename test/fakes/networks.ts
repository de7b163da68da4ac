/** The networks that exist, and what a test needs on one: listeners, connections, and their end. */
import { utf8 } from "../../core/domain/bytes.ts"
import { realWorld } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import { MemoryNetwork } from "../../core/transport/memory.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { listenQuic } from "../../core/transport/quic-listener.ts"
import { CLOSE_CODES } from "../../core/transport/transport.ts"
import type {
  ByteStream,
  Connection,
  Dialer,
  Listener,
  ListenOptions,
  TransportLimits,
} from "../../core/transport/transport.ts"
import { echo } from "./streams.ts"
import { until } from "./until.ts"

export const TIMEOUT_MS = 15_000

export interface Network {
  readonly name: string
  readonly host: string
  readonly listen: (options: ListenOptions) => Promise<Listener>
  readonly dialer: (limits?: Partial<TransportLimits>) => Dialer
}

const memory = new MemoryNetwork(realWorld)
const certificate = await makeCertificate(realWorld, [])
const quic = (host: string): Network => ({
  name: `QUIC on ${host}`,
  host,
  listen: async (options) => listenQuic(realWorld, { ...options, certificate }),
  dialer: (limits) => new QuicDialer(realWorld, limits),
})

export const NETWORKS: readonly Network[] = [
  { name: "memory", host: "host", listen: async (options) => memory.listen(options), dialer: () => memory.dialer() },
  quic("127.0.0.1"),
  quic("::1"),
]

/** Both ends of a fresh connection, and of its first stream. */
export interface Pair {
  readonly listener: Listener
  readonly client: Connection
  readonly server: Connection
  readonly near: ByteStream
  readonly far: ByteStream
}

export class TransportFixture {
  readonly network: Network
  readonly #cleanups: (() => unknown)[] = []

  constructor(network: Network) {
    this.network = network
  }

  async serve(
    onConnection: (connection: Connection) => void = echo,
    limits: Partial<TransportLimits> = {},
  ): Promise<Listener> {
    const listener = await this.network.listen({ host: this.network.host, port: 0, onConnection, limits })
    this.#cleanups.push(() => listener.close(CLOSE_CODES.goodbye, "test over"))
    return listener
  }

  async connect(listener: Listener): Promise<Connection> {
    const connection = await this.network.dialer().connect({
      ...listener.address,
      trust: { kind: "pins", pins: [listener.pin] },
      timeoutMs: TIMEOUT_MS,
    })
    this.#cleanups.push(() => connection.close(CLOSE_CODES.goodbye, "test over"))
    return connection
  }

  async pair(limits: Partial<TransportLimits> = {}): Promise<Pair> {
    const connections: Connection[] = []
    const listener = await this.serve((connection) => connections.push(connection), limits)
    const client = await this.connect(listener)
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

  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup()
  }
}
