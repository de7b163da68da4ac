/** The network without a network: the same promises as over QUIC, kept inside one process, for tests and demonstrations. */
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { hostPortText } from "../domain/server-address.ts"
import type { World } from "../domain/world.ts"
import { Admission } from "./admission.ts"
import { MemoryConnection } from "./memory-connection.ts"
import { OutboundBudget } from "./outbound-budget.ts"
import { TRANSPORT_LIMITS } from "./transport.ts"
import type {
  Connection,
  DialOptions,
  Dialer,
  ListenOptions,
  Listener,
  ServerEndpoint,
  ServerIdentity,
  TransportLimits,
  TransportStats,
  Trust,
} from "./transport.ts"

const PIN_BYTES = 32
const FIRST_PORT = 40_000
const NOTHING_DROPPED = {
  zeroRtt: 0,
  malformed: 0,
  unknown: 0,
  short: 0,
  token: 0,
  expired: 0,
  refused: 0,
  rejected: 0,
}

/** One world of hosts that can reach each other. */
export class MemoryNetwork {
  readonly #world: World
  readonly #listeners = new Map<string, MemoryListener>()
  #nextPort = FIRST_PORT

  constructor(world: World) {
    this.#world = world
  }

  /** @throws E071 when the address is taken. */
  async listen(options: ListenOptions): Promise<Listener> {
    const port = options.port === 0 ? this.#nextPort++ : options.port
    const key = hostPortText({ host: options.host, port })
    if (this.#listeners.has(key)) throw new QpqError("E071", `port ${port} is taken`)
    const listener = new MemoryListener(this.#world, { ...options, port }, () => this.#listeners.delete(key))
    this.#listeners.set(key, listener)
    return listener
  }

  /** @param address where its connections come from, for the cap per address. */
  dialer(address = "192.0.2.1"): Dialer {
    return {
      connect: async (options) => this.#connect(options, address),
      inspect: async (server, trust) => this.#inspect(server, trust),
    }
  }

  async #connect(options: DialOptions, address: string): Promise<Connection> {
    const listener = await this.#find(options)
    verify(listener.pin, options.trust)
    return listener.accept(`${address}:${this.#nextPort++}`, address)
  }

  async #inspect(server: ServerEndpoint, trust: Trust | undefined): Promise<ServerIdentity> {
    const listener = await this.#find(server)
    if (trust) verify(listener.pin, trust)
    return { pin: listener.pin, subject: "CN=memory", issuer: "CN=memory", notAfter: Number.MAX_SAFE_INTEGER }
  }

  async #find(server: ServerEndpoint): Promise<MemoryListener> {
    server.signal?.throwIfAborted()
    const listener = this.#listeners.get(hostPortText(server))
    if (listener) return listener
    await this.#world.clock.sleep(server.timeoutMs, server.signal)
    throw new QpqError("E053", `${hostPortText(server)} does not answer`)
  }
}

class MemoryListener implements Listener {
  readonly address: { readonly host: string; readonly port: number }
  readonly pin: Uint8Array
  readonly #world: World
  readonly #options: ListenOptions
  readonly #limits: TransportLimits
  readonly #admission: Admission
  readonly #connections = new Set<MemoryConnection>()
  readonly #forget: () => void
  #isAccepting = true
  readonly #budget: OutboundBudget
  #accepted = 0

  constructor(world: World, options: ListenOptions, forget: () => void) {
    this.#world = world
    this.#options = options
    this.#limits = { ...TRANSPORT_LIMITS, ...options.limits }
    this.#admission = new Admission(this.#limits)
    this.#budget = new OutboundBudget(this.#limits, () => this.#connections)
    this.#forget = forget
    this.address = { host: options.host, port: options.port }
    this.pin = world.random.bytes(PIN_BYTES)
  }

  /** The client's end of a new connection. @throws E051, E059 */
  accept(peerAddress: string, address: string): Connection {
    if (!this.#isAccepting) throw new QpqError("E059")
    const leave = this.#admission.enter(address)
    if (!leave) throw new QpqError("E051")
    const trace = (++this.#accepted).toString(16).padStart(16, "0")
    const common = { world: this.#world, serverPin: this.pin, trace }
    const server = new MemoryConnection(
      {
        ...common,
        limits: this.#limits,
        peerAddress,
        budget: this.#budget,
      },
      1,
    )
    const client = new MemoryConnection(
      {
        ...common,
        limits: TRANSPORT_LIMITS,
        peerAddress: hostPortText(this.address),
        budget: new OutboundBudget(TRANSPORT_LIMITS, () => []),
      },
      0,
    )
    server.join(client)
    client.join(server)
    this.#connections.add(server)
    void server.closed.then(() => {
      this.#connections.delete(server)
      leave()
    })
    this.#options.onConnection(server)
    return client
  }

  stopAccepting(): void {
    this.#isAccepting = false
  }

  async close(code: number, reason: string): Promise<void> {
    this.#forget()
    for (const connection of this.#connections) connection.close(code, reason)
  }

  stats(): TransportStats {
    const { total, refusedTotal, refusedAddress } = this.#admission
    return {
      connections: total,
      established: total,
      handshakesDone: 0,
      handshakesFailed: 0,
      retries: 0,
      refusedTotal,
      refusedAddress,
      slowClosed: this.#budget.slowClosed,
      packetsReceived: 0,
      packetsSent: 0,
      queuedBytes: this.#budget.queuedBytes,
      dropped: NOTHING_DROPPED,
    }
  }
}

function verify(pin: Uint8Array, trust: Trust): void {
  if (trust.kind === "ca") throw new QpqError("E057", "self-signed")
  if (!trust.pins.some((known) => equal(known, pin))) throw new QpqError("E056")
}
