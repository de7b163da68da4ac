/** What tracers hook into: a channel of Node's diagnostics. Without one that listens a call costs one comparison. */
import { channel } from "node:diagnostics_channel"
import type { EndedCall } from "../../core/rpc/serve-node.ts"

/** Stays for ever: programs outside subscribe to it (deploy/opentelemetry.mjs). */
const CALLS = channel("qpq-server:call")

/** Fields may be added. */
export interface PublishedCall extends Omit<EndedCall, "thrown"> {
  /** Milliseconds since the Unix epoch. */
  readonly endedAt: number
}

export function publishCall(call: Omit<PublishedCall, "endedAt">): void {
  if (!CALLS.hasSubscribers) return
  const published: PublishedCall = { ...call, endedAt: performance.timeOrigin + performance.now() }
  CALLS.publish(published)
}
