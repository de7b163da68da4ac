/** A stream of a QUIC connection: moves bytes between its queue and the native code when the connection has its turn. */
import quiche from "@matrixai/quic/native/quiche.js"
import type { Connection as NativeConnection } from "@matrixai/quic/native/types.js"
import { EMPTY } from "../domain/bytes.ts"
import { toQpqError } from "../domain/errors.ts"
import { StreamBase } from "./stream-base.ts"
import type { StreamOwner } from "./stream-base.ts"

/** Read at once, and read per turn, so that one busy stream does not hold up other connections. */
const READ_BYTES = 65_536
const READ_BYTES_PER_TURN = 16 * READ_BYTES

/** Filled, and read by the stream's handler, within one call; shared because everything here runs on one thread. */
const SCRATCH = new Uint8Array(READ_BYTES)

export class QuicStream extends StreamBase {
  readonly #native: NativeConnection

  constructor(id: number, owner: StreamOwner, native: NativeConnection) {
    super(id, owner)
    this.#native = native
  }

  /** Gives the reader what has come. True when there may be more: the connection needs another turn. */
  read(): boolean {
    let readBytes = 0
    while (this.isFlowing && readBytes < READ_BYTES_PER_TURN) {
      const got = this.#attempt(() => this.#native.streamRecv(this.id, SCRATCH))
      if (!got) return false
      const [length, isEnd] = got
      readBytes += length
      if (length > 0) this.emitData(SCRATCH.subarray(0, length))
      if (isEnd) this.emitEnd()
      if (length < READ_BYTES) return false
    }
    return this.isFlowing
  }

  /** Hands over what the network takes now. */
  send(): void {
    if (this.isDead || this.hasOutgoingEnded) return
    const piece = this.queue.peek()
    if (piece !== undefined) this.#sendQueue(piece)
    else if (!this.isEndDue) this.#noticeStop()
    if (this.isEndDue && this.#attempt(() => this.#native.streamSend(this.id, EMPTY, true)) !== undefined) {
      this.markEndSent()
    }
  }

  protected sendReset(code: number): void {
    for (const direction of [quiche.Shutdown.Write, quiche.Shutdown.Read]) {
      try {
        this.#native.streamShutdown(this.id, direction, code)
      } catch {
        // The direction has ended already: there is nobody left to tell.
      }
    }
  }

  #sendQueue(first: Uint8Array): void {
    for (let piece: Uint8Array | undefined = first; piece !== undefined; piece = this.queue.peek()) {
      const bytes = piece
      const length = this.#attempt(() => this.#native.streamSend(this.id, bytes, false)) ?? 0
      if (length === 0) return
      this.taken(length)
      if (length < bytes.length) return
    }
  }

  /** With nothing to send, STOP_SENDING would go unseen. */
  #noticeStop(): void {
    this.#attempt(() => this.#native.streamCapacity(this.id))
  }

  /** Undefined when the native code has nothing to do, or the peer dropped the stream, which fails it. */
  #attempt<Result>(step: () => Result | null): Result | undefined {
    try {
      return step() ?? undefined
    } catch (thrown) {
      const code = droppedWith(thrown)
      if (code === undefined) throw toQpqError(thrown)
      this.sendReset(code)
      this.fail({ kind: "reset", code })
      return undefined
    }
  }
}

/** The peer's code when `thrown` says that it dropped the stream. */
function droppedWith(thrown: unknown): number | undefined {
  const text = thrown instanceof Error ? thrown.message : ""
  const code = /Stream(?:Reset|Stopped)\((\d+)\)/.exec(text)?.[1]
  if (code !== undefined) return Number(code)
  // Both directions are done on the wire and forgotten there.
  return text.startsWith("InvalidStreamState") ? 0 : undefined
}
