/** A client's and a server's endpoint joined in memory. */
import type { Auth } from "../../core/contract/caller.ts"
import { attach } from "../../core/rpc/attach.ts"
import type { Endpoint } from "../../core/rpc/endpoint.ts"
import { remoteNode, type RemoteNode } from "../../core/rpc/remote-node.ts"
import { type ServedNode, serveNode } from "../../core/rpc/serve-node.ts"
import { AUTH, type FakeServices } from "./fake-services.ts"
import { type FakeStream, streamPair } from "./stream-pair.ts"
import { type FakeWorld, fakeWorld } from "./world.ts"

export interface EndpointPair {
  readonly client: Endpoint
  readonly server: Endpoint
  readonly node: RemoteNode
  readonly world: FakeWorld
  readonly streams: readonly [FakeStream, FakeStream]
}

export interface PairOptions extends Partial<ServedNode> {
  readonly auth?: () => Auth | undefined
}

/** The server's services are `services`; every token is accepted unless `authenticate` is given. */
export function endpointPair(services: FakeServices, options: PairOptions = {}): EndpointPair {
  const world = fakeWorld()
  const streams = streamPair()
  const { auth = () => AUTH, ...served } = options
  const server = attach(streams[1], {
    world,
    served: serveNode({
      account: services.account,
      authenticate: async () => services.node,
      clock: world.clock,
      ...served,
    }),
  })
  const client = attach(streams[0], { world })
  return { client, server, node: remoteNode(client, auth), world, streams }
}
