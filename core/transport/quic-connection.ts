/** One QUIC connection over the native code: datagrams in, one turn per event-loop round, timers, closing. */
import type { Connection as NativeConnection } from "@matrixai/quic/native/types.js"
import { EMPTY, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { peerGroup } from "./admission.ts"
import { ConnectionBase } from "./connection-base.ts"
import type { ConnectionSetting } from "./connection-base.ts"
import { PeerStreams, STREAM_ID_STEP } from "./peer-streams.ts"
import { TRANSPORT_CODES, closeReasonOf } from "./quic-close.ts"
import { UDP_PAYLOAD_BYTES } from "./quic-config.ts"
import { QuicStream } from "./quic-stream.ts"
import { CLOSE_CODES } from "./transport.ts"
import type { ByteStream, CloseReason } from "./transport.ts"

/** Then the other connections have their turn. */
const PACKETS_PER_TURN_MAX = 256
const TIMER_SLACK_MS = 1

export interface PeerEndpoint {
  readonly host: string
  readonly port: number
}

/** What a connection asks of the socket it lives on. */
export interface QuicHost {
  readonly local: PeerEndpoint
  /** Gives the connection a turn in this round of the event loop. */
  mark(connection: QuicConnection): void
  send(packet: Uint8Array, to: PeerEndpoint): void
  /** Nothing more will come from it. */
  forget(connection: QuicConnection): void
}

export interface QuicSetting extends ConnectionSetting {
  readonly side: "client" | "server"
  /** The id in the header of packets for this connection. */
  readonly routingId: string
  /** Called when the handshake is complete: returns the server's pin. @throws when the peer is not the right one. */
  readonly verify: (native: NativeConnection) => Uint8Array
  readonly onEstablished: (connection: QuicConnection) => void
  /** Says more about what ended a handshake than the TLS library does. */
  readonly explain?: (error: QpqError, native: NativeConnection) => QpqError
}

export class QuicConnection extends ConnectionBase<QuicStream> {
  /** The address it shares its turns with. */
  readonly peerGroup: string
  readonly #native: NativeConnection
  readonly #host: QuicHost
  readonly #setting: QuicSetting
  #pin: Uint8Array | undefined
  #state: "handshake" | "open" | "closing" | "gone" = "handshake"
  #refusal: QpqError | undefined
  #nextOwnId: number
  readonly #peerStreams: PeerStreams
  #isMarked = false
  #wakeAtMs = 0
  #cancelWake: (() => void) | undefined
  #cancelRhythm: (() => void) | undefined

  constructor(native: NativeConnection, host: QuicHost, setting: QuicSetting) {
    super(setting)
    this.peerGroup = peerGroup(setting.peerAddress)
    this.#native = native
    this.#host = host
    this.#setting = setting
    this.#nextOwnId = setting.side === "client" ? 0 : 1
    this.#peerStreams = new PeerStreams(native, 1 - this.#nextOwnId, this.limits.streamsMax)
    this.#cancelRhythm = this.world.clock.after(this.limits.handshakeMs, () => this.abandon("no handshake in time"))
  }

  get routingId(): string {
    return this.#setting.routingId
  }

  /** Known once established. @throws E054 before. */
  get serverPin(): Uint8Array {
    if (!this.#pin) throw new QpqError("E054", "not established")
    return this.#pin
  }

  get isEstablished(): boolean {
    return this.#state === "open"
  }

  /** Nothing more is sent for it, not even its close again. */
  get isGone(): boolean {
    return this.#state === "gone"
  }

  openStream(): ByteStream {
    this.assertOpen()
    if (this.#state !== "open") throw new QpqError("E054", "closing")
    try {
      this.#native.streamSend(this.#nextOwnId, EMPTY, false)
    } catch (cause) {
      throw new QpqError("E052", "too many streams", { cause })
    }
    const stream = new QuicStream(this.#nextOwnId, this, this.#native)
    this.#nextOwnId += STREAM_ID_STEP
    this.streams.set(stream.id, stream)
    return stream
  }

  ping(): void {
    if (this.#state !== "open") return
    this.#native.sendAckEliciting()
    this.#mark()
  }

  close(code: number, reason: string): void {
    // Before the handshake is complete application codes do not travel (RFC 9000 section 10.2.3).
    if (this.#state === "handshake") this.#close(false, TRANSPORT_CODES.connectionRefused, reason)
    if (this.#state !== "open") return
    for (const stream of this.streams.values()) stream.send()
    this.#sendPackets()
    this.#close(true, code, reason)
    // At once: a timer of the handshake that ends in between makes the native code send without end instead.
    this.#sendPackets()
  }

  /** Ends it now without waiting for the peer, who is told once. */
  abandon(why: string): void {
    if (this.#state === "gone") return
    this.#close(false, 0, why)
    this.#sendPackets()
    this.finish({ by: "handshake", code: 0, reason: why, error: new QpqError("E053", why) })
    this.#leave()
  }

  /** A fault of our own while it had its turn: it must not be tried again, nor harm the others. */
  crash(cause: unknown): void {
    const error = new QpqError("E099", "connection closed", { cause })
    try {
      const isEarly = this.#state === "handshake"
      this.#close(!isEarly, isEarly ? TRANSPORT_CODES.internalError : CLOSE_CODES.internal, "internal fault")
      this.#sendPackets()
      this.finish({ by: "local", code: CLOSE_CODES.internal, reason: error.message, error })
    } finally {
      this.#leave()
    }
  }

  /** One datagram that was routed here. True when the native code took it. */
  receive(datagram: Uint8Array, from: PeerEndpoint): boolean {
    this.#mark()
    try {
      this.#native.recv(datagram, { from, to: this.#host.local })
      return true
    } catch {
      // Forged or damaged packets are normal; what ends the connection shows in its state at the turn.
      return false
    }
  }

  /** Everything that follows from what arrived, was written, or timed out since the last turn. */
  turn(): void {
    this.#isMarked = false
    if (this.#state === "gone") return
    // The queue of path events is unbounded, and a peer fills it.
    while (this.#native.pathEventNext() as unknown) continue
    if (this.#state === "handshake" && this.#native.isEstablished()) this.#establish()
    if (this.#state === "open") this.#moveStreams()
    this.#sendPackets()
    this.#noticeClose()
  }

  wake(): void {
    this.#mark()
  }

  protected override finish(reason: CloseReason): void {
    this.#state = "closing"
    this.#cancelRhythm?.()
    super.finish(reason)
  }

  #mark(): void {
    if (this.#isMarked || this.#state === "gone") return
    this.#isMarked = true
    this.#host.mark(this)
  }

  #establish(): void {
    this.#cancelRhythm?.()
    try {
      this.#pin = this.#setting.verify(this.#native)
    } catch (thrown) {
      this.#refuse(thrown)
      return
    }
    this.#state = "open"
    if (this.#setting.side === "client") this.#keepAlive()
    this.#setting.onEstablished(this)
  }

  /** The handshake went through, but with the wrong peer. */
  #refuse(thrown: unknown): void {
    const refusal = thrown instanceof QpqError ? thrown : new QpqError("E099", undefined, { cause: thrown })
    this.#refusal = refusal
    // The peer cannot read the close before it has our end of the handshake.
    this.#sendPackets()
    const { noApplicationProtocol, badCertificate } = TRANSPORT_CODES
    this.#close(false, refusal.code === "E058" ? noApplicationProtocol : badCertificate, refusal.message)
  }

  #keepAlive(): void {
    this.#cancelRhythm = this.world.clock.after(this.limits.keepAliveMs, () => {
      if (this.#state !== "open") return
      this.ping()
      this.#keepAlive()
    })
  }

  #moveStreams(): void {
    const isMore = this.#native.isReadable() && this.#readStreams()
    for (const [id, stream] of this.streams) {
      stream.send()
      if (stream.isOver) this.streams.delete(id)
    }
    if (isMore) this.#mark()
  }

  /** True when there may be more. */
  #readStreams(): boolean {
    for (const id of this.#peerStreams.begun()) this.accept(new QuicStream(id, this, this.#native))
    let isMore = false
    for (const [id, stream] of this.streams) {
      if (this.#native.streamReadable(id) && stream.read()) isMore = true
    }
    return isMore
  }

  #sendPackets(): void {
    for (let count = 0; count < PACKETS_PER_TURN_MAX; count++) {
      const packet = Buffer.allocUnsafe(UDP_PAYLOAD_BYTES)
      const sent = this.#nextPacket(packet)
      if (!sent) return
      this.#host.send(packet.subarray(0, sent[0]), sent[1].to)
    }
    this.#mark()
  }

  #nextPacket(packet: Uint8Array): [number, { to: PeerEndpoint }] | null {
    try {
      return this.#native.send(packet)
    } catch (cause) {
      this.#refusal ??= new QpqError("E054", "packets cannot be made", { cause })
      this.#close(false, TRANSPORT_CODES.internalError, "")
      return null
    }
  }

  #noticeClose(): void {
    const isClosed = this.#native.isClosed()
    if (isClosed || this.#native.isDraining()) {
      if (!this.closeReason) this.finish(this.#reasonNow())
    }
    if (isClosed) this.#leave()
    else this.#armWake()
  }

  #reasonNow(): CloseReason {
    const reason = closeReasonOf({
      local: this.#native.localError(),
      peer: this.#native.peerError(),
      isEstablished: this.#pin !== undefined,
      refusal: this.#refusal,
    })
    const { explain } = this.#setting
    return explain ? { ...reason, error: explain(reason.error, this.#native) } : reason
  }

  #close(isApplication: boolean, code: number, reason: string): void {
    if (this.#state === "gone" || this.#state === "closing") return
    this.#state = "closing"
    this.#native.close(isApplication, code, utf8(reason))
    this.#mark()
  }

  #leave(): void {
    if (!this.closeReason) this.finish(this.#reasonNow())
    this.#state = "gone"
    this.#cancelWake?.()
    this.#host.forget(this)
  }

  /** Moves the timer only when it would fire too late: an early one looks at the time and goes to sleep again. */
  #armWake(): void {
    const delayMs = this.#native.timeout()
    if (delayMs === null) return
    const atMs = this.world.clock.monotonic() + delayMs + TIMER_SLACK_MS
    if (this.#cancelWake && this.#wakeAtMs <= atMs) return
    this.#cancelWake?.()
    this.#wakeAtMs = atMs
    this.#cancelWake = this.world.clock.after(delayMs + TIMER_SLACK_MS, () => this.#onWake())
  }

  #onWake(): void {
    this.#cancelWake = undefined
    if (this.#state === "gone") return
    if (this.#native.timeout() === 0) this.#native.onTimeout()
    this.#mark()
  }
}
