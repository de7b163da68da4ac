/** What a client and a server say to each other, frame by frame, and what an endpoint reads of a frame. */
import { concat } from "../../core/domain/bytes.ts"
import { Endpoint } from "../../core/rpc/endpoint.ts"
import { FrameReader } from "../../core/rpc/frame-reader.ts"
import { remoteNode } from "../../core/rpc/remote-node.ts"
import { readRpcMessage } from "../../core/rpc/rpc-message.ts"
import type { RpcMessage } from "../../core/rpc/rpc-message.ts"
import { serveNode } from "../../core/rpc/serve-node.ts"
import { checkStructure } from "../../core/wire/structure-check.ts"
import { AUTH, fakeServices } from "../fakes/fake-services.ts"
import { NODE_CALLS } from "../fakes/node-calls.ts"
import { recordingSink } from "../fakes/stream-pair.ts"
import { fakeWorld, turn } from "../fakes/world.ts"
import { framesOf } from "./spoken-frames.ts"

export interface Spoken {
  readonly calls: readonly Uint8Array[]
  readonly answers: readonly Uint8Array[]
}

/** What a client and a server say when `method` is called once: bootstrap and call, capability and answer. */
export async function spoken(method: string, services = fakeServices()): Promise<Spoken> {
  const world = fakeWorld()
  const [asked, answered] = [recordingSink(), recordingSink()]
  const client = new Endpoint({ sink: asked, world })
  const [call] = NODE_CALLS.get(method) ?? []
  call?.(remoteNode(client, () => AUTH)).catch(() => undefined)
  await turn()
  const served = serveNode({ account: services.account, authenticate: async () => services.node, clock: world.clock })
  const server = new Endpoint({ sink: answered, world, served })
  server.receive(concat(...asked.chunks))
  for (let turns = 0; turns < 4; turns++) await turn()
  return { calls: framesOf(asked), answers: framesOf(answered) }
}

/** As an endpoint reads a frame: header, structure, envelope. */
export function messageIn(bytes: Uint8Array): RpcMessage | undefined {
  const reader = new FrameReader()
  reader.push(bytes)
  const frame = reader.next()
  if (!frame) return undefined
  checkStructure(frame)
  return readRpcMessage(frame)
}
