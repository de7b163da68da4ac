/** Two ends of a connection inside one process, with flow control and closing as QUIC has them. */
import { copyOf } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { ConnectionBase, applicationError } from "./connection-base.ts"
import type { ConnectionSetting } from "./connection-base.ts"
import { StreamBase } from "./stream-base.ts"
import type { StreamOwner } from "./stream-base.ts"
import type { ByteStream } from "./transport.ts"

class MemoryStream extends StreamBase {
  peer: MemoryStream | undefined
  readonly #windowBytes: number
  #arrived: Uint8Array[] = []
  #arrivedBytes = 0
  #peerEnded = false

  constructor(id: number, owner: StreamOwner, windowBytes: number) {
    super(id, owner)
    this.#windowBytes = windowBytes
  }

  protected sendReset(code: number): void {
    const peer = this.peer
    setImmediate(() => peer?.fail({ kind: "reset", code }))
  }

  /** Moves what fits into the peer's window, then gives the reader what has arrived. */
  turn(): void {
    this.#send()
    this.#deliver()
  }

  #send(): void {
    const { peer } = this
    if (!peer || this.isDead) return
    for (let piece = this.queue.peek(); piece !== undefined; piece = this.queue.peek()) {
      const length = Math.min(piece.length, peer.#windowBytes - peer.#arrivedBytes)
      if (length <= 0) return
      peer.#arrived.push(copyOf(piece.subarray(0, length)))
      peer.#arrivedBytes += length
      this.taken(length)
      peer.turnSoon()
    }
    if (!this.isEndDue) return
    this.markEndSent()
    peer.#peerEnded = true
    peer.turnSoon()
  }

  #deliver(): void {
    while (this.isFlowing) {
      const bytes = this.#arrived.shift()
      if (bytes === undefined) break
      this.#arrivedBytes -= bytes.length
      this.peer?.turnSoon()
      this.emitData(bytes)
      // As with QUIC, where the next read overwrites them: who keeps them is found.
      bytes.fill(0)
    }
    if (this.#peerEnded && this.#arrivedBytes === 0) this.emitEnd()
  }

  #isTurning = false

  turnSoon(): void {
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(() => {
      this.#isTurning = false
      this.turn()
    })
  }
}

export interface MemorySetting extends ConnectionSetting {
  readonly serverPin: Uint8Array
}

export class MemoryConnection extends ConnectionBase<MemoryStream> {
  readonly serverPin: Uint8Array
  #peer: MemoryConnection | undefined
  #nextId: number

  /** @param side 0 for the client, 1 for the server, as in QUIC's stream ids. */
  constructor(setting: MemorySetting, side: 0 | 1) {
    super(setting)
    this.serverPin = setting.serverPin
    this.#nextId = side
  }

  join(peer: MemoryConnection): void {
    this.#peer = peer
  }

  openStream(): ByteStream {
    this.assertOpen()
    const peer = this.#peer
    const side = this.#nextId % 4
    this.#forgetOver()
    const own = [...this.streams.keys()].filter((id) => id % 4 === side)
    if (!peer || own.length >= peer.limits.streamsMax) throw new QpqError("E052", "too many streams")
    const stream = new MemoryStream(this.#nextId, this, this.limits.streamWindowBytes)
    const twin = new MemoryStream(this.#nextId, peer, peer.limits.streamWindowBytes)
    stream.peer = twin
    twin.peer = stream
    this.#nextId += 4
    this.streams.set(stream.id, stream)
    setImmediate(() => {
      if (!peer.closeReason) peer.accept(twin)
    })
    return stream
  }

  ping(): void {
    // Nothing can be lost here.
  }

  close(code: number, reason: string): void {
    if (this.closeReason) return
    const peer = this.#peer
    this.finish({ by: "local", code, reason, error: new QpqError("E054", reason) })
    setImmediate(() => peer?.finish({ by: "peer", code, reason, error: applicationError(code, reason) }))
  }

  wake(stream: StreamBase): void {
    if (stream instanceof MemoryStream) stream.turnSoon()
  }

  #forgetOver(): void {
    for (const stream of this.streams.values()) if (stream.isOver) this.streams.delete(stream.id)
  }
}
