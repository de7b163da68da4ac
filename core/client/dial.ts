/** Opens a verified connection and puts the contract on it: QUIC, one stream, Cap'n Proto RPC. */
import type { Auth } from "../contract/caller.ts"
import { hasCode } from "../domain/errors.ts"
import { checkServerVersions, VERSION_CODES } from "../domain/versions.ts"
import type { World } from "../domain/world.ts"
import { attach } from "../rpc/attach.ts"
import { remoteNode } from "../rpc/remote-node.ts"
import { CLOSE_CODES } from "../transport/transport.ts"
import type { Connection, Dialer } from "../transport/transport.ts"
import { within } from "../domain/deadline.ts"
import { patient } from "./patience.ts"
import type { Dial, NodeConnection } from "./link.ts"
import { trustOf } from "./profile-server.ts"
import type { ServerChoice } from "./profile-server.ts"

const CONNECT_MS_MAX = 5000
const CALL_MS_MAX = 20_000

export interface DialRooms extends ServerChoice {
  readonly world: World
  readonly dialer: Dialer
}

/** @throws E053, E055-E058 as `Dialer.connect`. */
export function dialer({ world, dialer: network, ...server }: DialRooms): Dial {
  const { host, port } = server.address
  const trust = trustOf(server)
  return async (auth, signal) => {
    const connection = await network.connect({ host, port, trust, timeoutMs: CONNECT_MS_MAX, signal })
    return onConnection(world, connection, auth)
  }
}

/** The contract over one stream of a connection; it ends with E020 or E003 at a server of other versions. */
export function onConnection(world: World, connection: Connection, auth: () => Auth | undefined): NodeConnection {
  const endpoint = attach(connection.openStream(), { world, trace: connection.trace })
  void connection.closed.then((reason) => {
    endpoint.failed(reason.error)
  })
  const close = (): void => {
    connection.close(CLOSE_CODES.goodbye, "client is done")
  }
  const over = new AbortController()
  void endpoint.closed.then(() => {
    over.abort()
    close()
  })
  const node = remoteNode(endpoint, auth)
  // Asked before all else, and not waited for: what follows fails with it, or was refused by the server already.
  void node
    .health()
    .then(checkServerVersions)
    .catch((thrown: unknown) => {
      // A server that does not answer shows in other ways.
      if (hasCode(thrown, ...VERSION_CODES)) endpoint.failed(thrown)
    })
  return {
    service: patient(withDeadline(world, node), world, over.signal),
    serverPin: connection.serverPin,
    closed: endpoint.closed,
    close,
  }
}

type Service = NodeConnection["service"]

/** A server that does not answer is as good as gone: every call but the long poll ends after a while. @throws E055 */
function withDeadline(world: World, service: Service): Service {
  const calls: readonly (readonly [string, (...args: unknown[]) => Promise<unknown>])[] = Object.entries(service)
  const asked = calls.filter(([name]) => name !== "withSignal")
  const bounded = asked.map(([name, call]) => {
    if (name === "fetchWait") return [name, call] as const
    return [name, (...args: unknown[]) => within(world, CALL_MS_MAX, call(...args))] as const
  })
  return Object.fromEntries(bounded) as unknown as Service
}
