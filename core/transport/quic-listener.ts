/** The server's end of QUIC: proves addresses by Retry, keeps the caps, and makes connections out of what remains. */
import quiche from "@matrixai/quic/native/quiche.js"
import { hostPortText } from "../domain/server-address.ts"
import type { World } from "../domain/world.ts"
import { Admission } from "./admission.ts"
import type { ServerCertificate } from "./certificate.ts"
import { initialClose } from "./initial-close.ts"
import { OutboundBudget } from "./outbound-budget.ts"
import { CONNECTION_ID_BYTES, QUIC_VERSION } from "./packet-header.ts"
import type { LongHeader } from "./packet-header.ts"
import { TRANSPORT_CODES } from "./quic-close.ts"
import { UDP_PAYLOAD_BYTES, serverSetting } from "./quic-config.ts"
import type { ServerSetting } from "./quic-config.ts"
import { QuicConnection } from "./quic-connection.ts"
import type { PeerEndpoint } from "./quic-connection.ts"
import { QuicEndpoint, routingIdOf, traceOf } from "./quic-endpoint.ts"
import { RetryTokens } from "./retry-token.ts"
import { checkProtocol } from "./server-trust.ts"
import { SERVER_SHUTDOWN, TRANSPORT_LIMITS } from "./transport.ts"
import type { ListenOptions, Listener, TransportLimits, TransportStats } from "./transport.ts"

/** RFC 9000 section 14.1: a smaller first datagram would let us be used to flood others. */
const INITIAL_BYTES_MIN = 1200
/** RFC 9000 section 7.2. */
const ORIGINAL_ID_BYTES_MIN = 8
/** How long peers may take to hear that the listener closes. */
const CLOSING_MS_MAX = 500
const CLOSING_POLL_MS = 5

export interface QuicListenOptions extends ListenOptions {
  /** An address, not a name. */
  readonly host: string
  readonly certificate: ServerCertificate
}

/** @throws E071 when the address cannot be bound or the certificate not be used. */
export async function listenQuic(world: World, options: QuicListenOptions): Promise<QuicListener> {
  const limits = { ...TRANSPORT_LIMITS, ...options.limits }
  const setting = serverSetting(options.certificate, limits)
  const unrouted: { handle?: QuicListener } = {}
  const endpoint = await QuicEndpoint.open({
    world,
    host: options.host,
    port: options.port,
    warn: options.warn ?? (() => undefined),
    onUnrouted: (datagram, header, from) => unrouted.handle?.onUnrouted(datagram, header, from),
    onForgotten: (connection) => unrouted.handle?.onForgotten(connection),
  })
  const listener = new QuicListener(endpoint, { world, limits, setting, onConnection: options.onConnection })
  unrouted.handle = listener
  return listener
}

interface ListenerParts {
  readonly world: World
  readonly limits: TransportLimits
  readonly setting: ServerSetting
  readonly onConnection: ListenOptions["onConnection"]
}

export class QuicListener implements Listener {
  readonly #endpoint: QuicEndpoint
  readonly #parts: ListenerParts
  readonly #tokens: RetryTokens
  readonly #admission: Admission
  readonly #budget: OutboundBudget
  readonly #leave = new Map<QuicConnection, () => void>()
  readonly #established = new Set<QuicConnection>()
  #setting: ServerSetting
  #isAccepting = true
  #retries = 0
  #handshakesDone = 0
  #handshakesFailed = 0

  constructor(endpoint: QuicEndpoint, parts: ListenerParts) {
    this.#endpoint = endpoint
    this.#parts = parts
    this.#setting = parts.setting
    this.#tokens = new RetryTokens(parts.world)
    this.#admission = new Admission(parts.limits)
    this.#budget = new OutboundBudget(parts.limits, () => this.#leave.keys())
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#endpoint.local
  }

  get pin(): Uint8Array {
    return this.#setting.pin
  }

  /** New connections get this certificate; present ones go on with theirs. @throws E071, and nothing changes. */
  useCertificate(certificate: ServerCertificate): void {
    this.#setting = serverSetting(certificate, this.#parts.limits)
  }

  stopAccepting(): void {
    this.#isAccepting = false
  }

  async close(code: number, reason: string): Promise<void> {
    this.#isAccepting = false
    const present = [...this.#endpoint.connections].filter((connection) => !connection.closeReason)
    for (const connection of present) connection.close(code, reason)
    const { clock } = this.#parts.world
    const giveUpAt = clock.monotonic() + CLOSING_MS_MAX
    // Long enough to tell them again when the first packet was lost.
    while (present.some((connection) => !connection.isGone) && clock.monotonic() < giveUpAt)
      await clock.sleep(CLOSING_POLL_MS)
    for (const connection of [...this.#endpoint.connections]) connection.abandon(reason)
    await this.#endpoint.close()
  }

  stats(): TransportStats {
    return {
      connections: this.#admission.total,
      established: this.#established.size,
      handshakesDone: this.#handshakesDone,
      handshakesFailed: this.#handshakesFailed,
      retries: this.#retries,
      refusedTotal: this.#admission.refusedTotal,
      refusedAddress: this.#admission.refusedAddress,
      slowClosed: this.#budget.slowClosed,
      packetsReceived: this.#endpoint.packetsReceived,
      packetsSent: this.#endpoint.packetsSent,
      queuedBytes: this.#budget.queuedBytes,
      dropped: { ...this.#endpoint.dropped },
    }
  }

  onForgotten(connection: QuicConnection): void {
    if (!this.#established.delete(connection)) this.#handshakesFailed++
    this.#leave.get(connection)?.()
    this.#leave.delete(connection)
  }

  onUnrouted(datagram: Uint8Array, header: LongHeader, from: PeerEndpoint): void {
    if (datagram.length < INITIAL_BYTES_MIN) this.#endpoint.drop("short")
    else if (header.version !== QUIC_VERSION) this.#negotiateVersion(header, from)
    else if (header.type !== "initial" || !header.token) this.#endpoint.drop("unknown")
    else if (header.dcid.length < ORIGINAL_ID_BYTES_MIN) this.#endpoint.drop("malformed")
    else if (header.token.length === 0) this.#retry(header, from)
    else this.#checkToken(datagram, { ...header, token: header.token, from })
  }

  #checkToken(datagram: Uint8Array, { token, dcid, scid, from }: TokenPacket): void {
    const verdict = this.#tokens.check(token, { address: from.host, port: from.port, dcid })
    if (verdict.kind === "forged") this.#endpoint.drop("token")
    else if (verdict.kind === "expired") this.#endpoint.drop("expired")
    else this.#enter(datagram, { originalDcid: verdict.originalDcid, dcid, scid, from })
  }

  #negotiateVersion({ version, scid, dcid }: LongHeader, from: PeerEndpoint): void {
    // Version 0 is itself a negotiation, and ids longer than ours cannot be answered.
    const isAnswerable = version !== 0 && scid.length <= CONNECTION_ID_BYTES && dcid.length <= CONNECTION_ID_BYTES
    if (isAnswerable) this.#answer((packet) => quiche.negotiateVersion(scid, dcid, packet), from)
    else this.#endpoint.drop("malformed")
  }

  #retry({ scid, dcid }: LongHeader, from: PeerEndpoint): void {
    const nextDcid = this.#parts.world.random.bytes(CONNECTION_ID_BYTES)
    const token = this.#tokens.issue({ address: from.host, port: from.port, dcid: nextDcid }, dcid)
    this.#retries++
    this.#answer((packet) => quiche.retry(scid, dcid, nextDcid, token, QUIC_VERSION, packet), from)
  }

  #answer(write: (packet: Uint8Array) => number, to: PeerEndpoint): void {
    const packet = Buffer.allocUnsafe(UDP_PAYLOAD_BYTES)
    this.#endpoint.send(packet.subarray(0, write(packet)), to)
  }

  #enter(datagram: Uint8Array, first: FirstPacket): void {
    const leave = this.#isAccepting ? this.#admission.enter(first.from.host) : undefined
    if (!leave) {
      this.#refuse(first, this.#isAccepting ? "too many connections" : SERVER_SHUTDOWN)
      return
    }
    const { world, limits, onConnection } = this.#parts
    const { pin, config } = this.#setting
    const native = quiche.Connection.accept(first.dcid, first.originalDcid, this.#endpoint.local, first.from, config)
    const connection = new QuicConnection(native, this.#endpoint, {
      world,
      limits,
      peerAddress: hostPortText(first.from),
      trace: traceOf(first.scid),
      budget: this.#budget,
      side: "server",
      routingId: routingIdOf(first.dcid),
      verify: (established) => {
        checkProtocol(established)
        return pin
      },
      onEstablished: (established) => {
        this.#established.add(established)
        this.#handshakesDone++
        onConnection(established)
      },
    })
    this.#leave.set(connection, leave)
    this.#endpoint.add(connection)
    if (!connection.receive(datagram, first.from)) this.#endpoint.drop("rejected")
  }

  /** Says why, without making or keeping anything for the client. */
  #refuse(first: FirstPacket, reason: string): void {
    this.#endpoint.drop("refused")
    this.#endpoint.send(initialClose(first, TRANSPORT_CODES.connectionRefused, reason), first.from)
  }
}

interface TokenPacket {
  readonly token: Uint8Array
  readonly dcid: Uint8Array
  readonly scid: Uint8Array
  readonly from: PeerEndpoint
}

interface FirstPacket {
  /** From before the Retry: the client wants it confirmed. */
  readonly originalDcid: Uint8Array
  readonly dcid: Uint8Array
  readonly scid: Uint8Array
  readonly from: PeerEndpoint
}
