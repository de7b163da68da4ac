/** A UDP socket with the QUIC connections on it: routes datagrams by connection id and gives each connection its turn. */
import { createSocket } from "node:dgram"
import type { RemoteInfo, Socket } from "node:dgram"
import { isIPv6 } from "node:net"
import { hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { World } from "../domain/world.ts"
import { FairTurns } from "./fair-turns.ts"
import { CONNECTION_ID_BYTES, carriesZeroRtt, parsePacketHeader } from "./packet-header.ts"
import type { LongHeader } from "./packet-header.ts"
import type { PeerEndpoint, QuicConnection, QuicHost } from "./quic-connection.ts"
import type { DropReason } from "./transport.ts"

/** Holds some 3000 datagrams: enough that a busy event loop loses none. */
const SOCKET_BUFFER_BYTES = 4 * 1_048_576
/** Then what has arrived in between is read, so that none of it waits behind the turns of many. */
const TURNS_MS_MAX = 1
/** How long closing waits for the kernel to take the last datagrams. */
const DRAIN_MS_MAX = 1000
const DRAIN_POLL_MS = 5

const LONG_FORM = 0x80
const SHORT_HEADER_BYTES = 1 + CONNECTION_ID_BYTES

export interface EndpointOptions {
  readonly world: World
  /** Address to bind, not a name. */
  readonly host: string
  readonly port: number
  readonly warn: (message: string) => void
  /** A long-header packet of no known connection; a server may make one of it. */
  readonly onUnrouted?: (datagram: Uint8Array, header: LongHeader, from: PeerEndpoint) => void
  readonly onForgotten?: (connection: QuicConnection) => void
  /** The kernel would not send. */
  readonly onSendError?: (error: Error) => void
}

export class QuicEndpoint implements QuicHost {
  readonly local: PeerEndpoint
  readonly dropped: Record<DropReason, number> = {
    zeroRtt: 0,
    malformed: 0,
    unknown: 0,
    short: 0,
    token: 0,
    expired: 0,
    refused: 0,
    rejected: 0,
  }
  packetsReceived = 0
  packetsSent = 0
  readonly #socket: Socket
  readonly #options: EndpointOptions
  readonly #routes = new Map<string, QuicConnection>()
  /** By the address of the peer: those with many connections do not make the others wait. */
  readonly #marked = new FairTurns<QuicConnection>()
  #isTurnDue = false
  #isClosed = false

  private constructor(socket: Socket, options: EndpointOptions) {
    this.#socket = socket
    this.#options = options
    const { address, port } = socket.address()
    this.local = { host: address, port }
    socket.on("message", (datagram, from) => this.#onDatagram(datagram, from))
    socket.on("error", (error) => options.warn(`UDP socket: ${error.message}`))
  }

  /** @throws E071 when the address cannot be bound. */
  static async open(options: EndpointOptions): Promise<QuicEndpoint> {
    const family = isIPv6(options.host) ? 6 : 4
    const socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      // Only addresses come here, so the answer can be immediate: it saves a round of the event loop per packet.
      lookup: (host, _options, callback) => callback(null, host, family),
    })
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject)
        socket.bind(options.port, options.host, () => {
          socket.off("error", reject)
          resolve()
        })
      })
    } catch (cause) {
      socket.close()
      throw new QpqError("E071", `cannot listen on ${options.host} port ${options.port}`, { cause })
    }
    enlargeBuffers(socket, options.warn)
    return new QuicEndpoint(socket, options)
  }

  get connections(): Iterable<QuicConnection> {
    return this.#routes.values()
  }

  add(connection: QuicConnection): void {
    this.#routes.set(connection.routingId, connection)
  }

  mark(connection: QuicConnection): void {
    this.#marked.add(connection.peerGroup, connection)
    this.#turnSoon()
  }

  send(packet: Uint8Array, to: PeerEndpoint): void {
    if (this.#isClosed) return
    this.packetsSent++
    const { onSendError } = this.#options
    if (!onSendError) this.#socket.send(packet, 0, packet.length, to.port, to.host)
    else {
      this.#socket.send(packet, 0, packet.length, to.port, to.host, (error) => {
        if (error) onSendError(error)
      })
    }
  }

  forget(connection: QuicConnection): void {
    if (!this.#routes.delete(connection.routingId)) return
    this.#options.onForgotten?.(connection)
  }

  drop(reason: DropReason): void {
    this.dropped[reason]++
  }

  /** What is left to do here shall not keep the process alive. */
  unref(): void {
    this.#socket.unref()
  }

  /** Waits until the kernel has taken what was sent. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    for (let left = this.#marked.size; left > 0; left--) this.#turnNext()
    this.#isClosed = true
    const { clock } = this.#options.world
    const giveUpAt = clock.monotonic() + DRAIN_MS_MAX
    while (this.#socket.getSendQueueCount() > 0 && clock.monotonic() < giveUpAt) await clock.sleep(DRAIN_POLL_MS)
    this.#socket.close()
  }

  #onDatagram(datagram: Buffer, { address, port }: RemoteInfo): void {
    this.packetsReceived++
    const from = { host: address, port }
    const isLong = ((datagram[0] ?? 0) & LONG_FORM) !== 0
    if (isLong) this.#onLongHeader(datagram, from)
    else if (datagram.length < SHORT_HEADER_BYTES) this.drop("malformed")
    else this.#deliver(this.#routes.get(datagram.toString("latin1", 1, SHORT_HEADER_BYTES)), datagram, from)
  }

  #onLongHeader(datagram: Buffer, from: PeerEndpoint): void {
    const header = parsePacketHeader(datagram)
    const connection = header && this.#routes.get(routingIdOf(header.dcid))
    if (carriesZeroRtt(datagram)) this.drop("zeroRtt")
    else if (header?.form !== "long") this.drop("malformed")
    else if (connection) this.#deliver(connection, datagram, from)
    else if (this.#options.onUnrouted) this.#options.onUnrouted(datagram, header, from)
    else this.drop("unknown")
  }

  #deliver(connection: QuicConnection | undefined, datagram: Uint8Array, from: PeerEndpoint): void {
    if (!connection) this.drop("unknown")
    else if (!connection.receive(datagram, from)) this.drop("rejected")
  }

  #turnSoon(): void {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    setImmediate(() => {
      this.#isTurnDue = false
      this.#turnSome()
    })
  }

  #turnSome(): void {
    const { clock } = this.#options.world
    const endsAt = clock.monotonic() + TURNS_MS_MAX
    // Those that are marked again in their turn come after the next reading.
    for (let left = this.#marked.size; left > 0 && clock.monotonic() < endsAt; left--) this.#turnNext()
    if (this.#marked.size > 0) this.#turnSoon()
  }

  #turnNext(): void {
    const connection = this.#marked.next()
    try {
      connection?.turn()
    } catch (cause) {
      if (connection) this.#onFault(connection, cause)
    }
  }

  #onFault(connection: QuicConnection, cause: unknown): void {
    this.#options.warn(`connection ${connection.peerAddress}: ${cause instanceof Error ? cause.message : "fault"}`)
    try {
      connection.crash(cause)
    } catch {
      // Its handlers fail too; it is forgotten all the same.
    }
  }
}

/** Connection ids as keys of a Map. */
export const routingIdOf = (id: Uint8Array): string =>
  Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1")

const TRACE_BYTES = 8

/** @param id the first one that the client chose. */
export const traceOf = (id: Uint8Array): string => hex(id.subarray(0, TRACE_BYTES))

function enlargeBuffers(socket: Socket, warn: (message: string) => void): void {
  try {
    socket.setRecvBufferSize(SOCKET_BUFFER_BYTES)
    socket.setSendBufferSize(SOCKET_BUFFER_BYTES)
  } catch {
    // Some systems refuse instead of giving what they can; the sizes below tell.
  }
  const bytes = Math.min(socket.getRecvBufferSize(), socket.getSendBufferSize())
  if (bytes >= SOCKET_BUFFER_BYTES) return
  warn(
    `the kernel allows UDP buffers of only ${bytes} bytes; set net.core.rmem_max and wmem_max to ${SOCKET_BUFFER_BYTES}`,
  )
}
