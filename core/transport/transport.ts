/** What a network must offer to the rooms above: reliable byte streams between a dialer that verifies and a listener that limits. */
import type { QpqError } from "../domain/errors.ts"

/**
 * One bidirectional stream. Both directions end separately (`end`), or together and abruptly (`reset`).
 * Bytes wait in the network's flow control until `onData` is given, and again while paused.
 */
export interface ByteStream {
  /**
   * Queues `bytes`, which the caller no longer changes. False means: wait for `onDrain` before writing more.
   * A stream that has failed swallows writes. @throws E099 after `end`.
   */
  write(bytes: Uint8Array): boolean
  /** Bytes written that the network has not taken yet. */
  readonly bufferedBytes: number
  /** Ends the outgoing direction once everything written is sent. A second call does nothing. */
  end(): void
  /** Drops both directions; the peer's `onFailure` gets `code`. Own handlers are not called. */
  reset(code: number): void
  pause(): void
  resume(): void
  /** So many bytes more, or fewer, are kept outside of the stream for its peer: they count as queued for it. */
  hold(grownBytes: number): void
  /**
   * Gets what arrives, in order: bytes that are the handler's until it returns, so it copies what it keeps. Replaces an
   * earlier handler, as the others do.
   */
  onData(handler: (bytes: Uint8Array) => void): void
  /** The peer ended its direction; called once, after the last byte. */
  onEnd(handler: () => void): void
  /** There is room again after a `write` that returned false. */
  onDrain(handler: () => void): void
  /** Called once, also when the failure came before the handler; nothing follows it. */
  onFailure(handler: (failure: StreamFailure) => void): void
}

export type StreamFailure =
  { readonly kind: "reset"; readonly code: number } | { readonly kind: "closed"; readonly reason: CloseReason }

export interface Connection {
  /** `address:port` of the other end, for logs. */
  readonly peerAddress: string
  /** 16 hex digits that both ends log of it: the beginning of the client's first connection id, which packets show. */
  readonly trace: string
  /** SHA-256 of the server certificate's SubjectPublicKeyInfo, 32 bytes, the same at both ends. */
  readonly serverPin: Uint8Array
  /** @throws E052 when the peer allows no further stream, E054 when the connection is closed. */
  openStream(): ByteStream
  /** Streams that the peer opened, from the first one on, however late the handler comes. */
  onStream(handler: (stream: ByteStream) => void): void
  /** Makes the peer answer soon, so that neither end counts the connection as idle. */
  ping(): void
  /** Tells the peer `code` and `reason`. What is still queued may be lost: `end` streams first. Idempotent. */
  close(code: number, reason: string): void
  /** Settles once, never rejects. */
  readonly closed: Promise<CloseReason>
}

export interface CloseReason {
  /** "idle": nothing heard for the idle time; "handshake": it was never established. */
  readonly by: "local" | "peer" | "idle" | "handshake"
  readonly code: number
  readonly reason: string
  /** The same for whoever waits for an answer on this connection. */
  readonly error: QpqError
}

/** Application codes of CONNECTION_CLOSE. */
export const CLOSE_CODES = { goodbye: 0, internal: 1, slowReader: 2, protocol: 3 } as const
/** A draining server says goodbye with this text; the peer sees E059. */
export const SERVER_SHUTDOWN = "server shutdown"

/** How a client decides that it speaks with the right server. */
export type Trust =
  /** The server's public key is one of these (32 bytes each); names and dates do not count. */
  | { readonly kind: "pins"; readonly pins: readonly Uint8Array[] }
  /** A chain to one of these roots (PEM; default: Mozilla's list as shipped with Node) and the right name or address. */
  | { readonly kind: "ca"; readonly pem?: string }

export interface ServerEndpoint {
  /** Host name, IPv4 address, or IPv6 address without brackets. */
  readonly host: string
  readonly port: number
  /** The name to verify when it is not `host`. */
  readonly serverName?: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface DialOptions extends ServerEndpoint {
  readonly trust: Trust
}

/** What a server shows: for the person to compare or to read, never for sending. */
export interface ServerIdentity {
  readonly pin: Uint8Array
  readonly subject: string
  /** The same as `subject` when the server signed it itself. */
  readonly issuer: string
  /** Milliseconds since the Unix epoch. */
  readonly notAfter: number
}

export interface Dialer {
  /**
   * Resolves only after the server has been verified; no application byte is sent before.
   * @throws E051 too many connections, E053 no answer, E056 wrong pin, E057 not trusted or another name,
   * E058 not this protocol, E059 shutting down; the signal's reason when aborted.
   */
  connect(options: DialOptions): Promise<Connection>
  /**
   * Connects only to learn who answers.
   * @throws as `connect` does; without `trust` nobody is refused for E056 or E057.
   */
  inspect(server: ServerEndpoint, trust?: Trust): Promise<ServerIdentity>
}

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly limits?: Partial<TransportLimits>
  /** Gets each connection once its handshake is complete. */
  readonly onConnection: (connection: Connection) => void
  /** Things the operator should know, as one line of text. */
  readonly warn?: (message: string) => void
}

export interface Listener {
  readonly address: { readonly host: string; readonly port: number }
  /** Pin of the certificate that new connections get. */
  readonly pin: Uint8Array
  /** From now on new connections are refused as E059; present ones go on. */
  stopAccepting(): void
  /** New connections are refused, present ones closed with `code` and `reason`; resolves when all is sent. */
  close(code: number, reason: string): Promise<void>
  stats(): TransportStats
}

export interface TransportStats {
  /** Open now, half-open ones included. */
  readonly connections: number
  readonly established: number
  readonly handshakesDone: number
  readonly handshakesFailed: number
  readonly retries: number
  /** Refused by the cap on all connections, and by that on one address. */
  readonly refusedTotal: number
  readonly refusedAddress: number
  /** Closed because they did not read what they asked for. */
  readonly slowClosed: number
  readonly packetsReceived: number
  readonly packetsSent: number
  /** Bytes waiting for slow peers, over all connections. */
  readonly queuedBytes: number
  /** Datagrams thrown away, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>
}

export type DropReason = "zeroRtt" | "malformed" | "unknown" | "short" | "token" | "expired" | "refused" | "rejected"

export interface TransportLimits {
  readonly connectionsMax: number
  /** Per IPv4 address, or per /64 of IPv6. */
  readonly connectionsPerAddressMax: number
  readonly handshakeMs: number
  readonly idleMs: number
  /** How often a client says that it is still there. */
  readonly keepAliveMs: number
  readonly streamsMax: number
  readonly streamWindowBytes: number
  readonly connectionWindowBytes: number
  /** Queued for one peer before it is closed as too slow. */
  readonly outboundBytesMax: number
  /** Queued for all peers before the slowest one is closed. */
  readonly outboundTotalBytesMax: number
  /** A peer that takes nothing for so long, while something waits for it, is closed. */
  readonly writeStallMs: number
}

const MIB = 1_048_576

export const TRANSPORT_LIMITS: TransportLimits = {
  connectionsMax: 2000,
  connectionsPerAddressMax: 50,
  handshakeMs: 5000,
  idleMs: 30_000,
  keepAliveMs: 10_000,
  streamsMax: 8,
  streamWindowBytes: MIB,
  connectionWindowBytes: 8 * MIB,
  outboundBytesMax: 16 * MIB,
  outboundTotalBytesMax: 32 * MIB,
  writeStallMs: 30_000,
}
