/** What may wait for slow peers over all connections of a listener; past it the slowest one goes, the others stay. */
import type { TransportLimits } from "./transport.ts"

export interface SlowPeer {
  readonly queuedBytes: number
  closeSlow(why: string): void
}

export class OutboundBudget {
  readonly #limits: TransportLimits
  readonly #peers: () => Iterable<SlowPeer>
  #queuedBytes = 0
  /** Peers closed because they did not read. */
  slowClosed = 0

  constructor(limits: TransportLimits, peers: () => Iterable<SlowPeer>) {
    this.#limits = limits
    this.#peers = peers
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  account(deltaBytes: number): void {
    this.#queuedBytes += deltaBytes
    if (deltaBytes < 0 || this.#queuedBytes <= this.#limits.outboundTotalBytesMax) return
    let slowest: SlowPeer | undefined
    for (const peer of this.#peers()) if (peer.queuedBytes > (slowest?.queuedBytes ?? 0)) slowest = peer
    slowest?.closeSlow("too much waits for all peers together")
  }
}
