/** One connection of the server's: endpoints on its streams, and how much is taken from a peer that is a stranger still. */
import type { KnownCaller } from "./node/caller.ts"
import type { AccountService } from "../core/contract/account-service.ts"
import type { Auth } from "../core/contract/caller.ts"
import type { NodeService } from "../core/contract/node-service.ts"
import { FRAME_BYTES_MAX, STRANGER_FRAME_BYTES_MAX } from "../core/domain/limits.ts"
import type { World } from "../core/domain/world.ts"
import { attach } from "../core/rpc/attach.ts"
import type { Endpoint } from "../core/rpc/endpoint.ts"
import { serveNode } from "../core/rpc/serve-node.ts"
import type { ServedNode } from "../core/rpc/serve-node.ts"
import { CLOSE_CODES } from "../core/transport/transport.ts"
import type { Connection } from "../core/transport/transport.ts"

/** A stranger that is told what was wrong with its frame has so long to hear it; then its connection ends. */
const REASON_MS = 100

export interface Serving {
  readonly world: World
  readonly account: AccountService
  /** A call with a token has come. @throws E050 */
  readonly request: () => void
  /** Whose token it is. @throws E002, E005, E006, E007, … */
  readonly caller: (auth: Auth) => Promise<KnownCaller>
  /** So many bytes have come. @returns for how many milliseconds no more are to be read. */
  readonly pace: (bytes: number) => number
  /** @throws E050 */
  readonly service: (caller: KnownCaller) => NodeService
  readonly onCall: NonNullable<ServedNode["onCall"]>
  /** Those that are open, of all connections. */
  readonly endpoints: Set<Endpoint>
}

/** Large frames are taken from its first valid token on (docs/decisions/0055). */
export function serveConnection(connection: Connection, serving: Serving): void {
  const { world, account, endpoints, onCall, pace } = serving
  let isStranger = true
  const served = serveNode({
    account,
    async authenticate(auth) {
      serving.request()
      const caller = await serving.caller(auth)
      isStranger = false
      return serving.service(caller)
    },
    onCall,
    clock: world.clock,
  })
  const frameBytesMax = (): number => (isStranger ? STRANGER_FRAME_BYTES_MAX : FRAME_BYTES_MAX)
  const leave = (): void => {
    connection.close(CLOSE_CODES.protocol, "malformed message")
  }
  connection.onStream((stream) => {
    const endpoint = attach(stream, { world, served, frameBytesMax, pace, trace: connection.trace })
    endpoints.add(endpoint)
    void endpoint.closed.then(({ code }) => {
      endpoints.delete(endpoint)
      if (isStranger && code === "E026") world.clock.after(REASON_MS, leave)
    })
  })
}
