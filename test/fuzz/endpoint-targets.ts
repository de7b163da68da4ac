/** Damaged frames against a serving and an asking endpoint, in pieces: answers, typed exceptions or an end with a code. */
import { concat } from "../../core/domain/bytes.ts"
import { isErrorCode, QpqError } from "../../core/domain/errors.ts"
import { Endpoint } from "../../core/rpc/endpoint.ts"
import { remoteNode } from "../../core/rpc/remote-node.ts"
import { serveNode } from "../../core/rpc/serve-node.ts"
import { AUTH, fakeServices } from "../fakes/fake-services.ts"
import { NODE_CALLS } from "../fakes/node-calls.ts"
import { FETCH } from "../fakes/node-requests.ts"
import { recordingSink } from "../fakes/stream-pair.ts"
import { fakeWorld, turn } from "../fakes/world.ts"
import { framesOf, reframed, twoSegments } from "./spoken-frames.ts"
import type { Target } from "./target.ts"

const CALLED = [
  "ping",
  "enqueue",
  "fetch",
  "resolveUser",
  "createChannel",
  "uploadKeyPackage",
  "registerFinish",
  "enqueueMany",
]
const SHARE = 4

/** The bootstrap first, then one call each. */
async function askedFrames(): Promise<Uint8Array[]> {
  const sink = recordingSink()
  const node = remoteNode(new Endpoint({ sink, world: fakeWorld() }), () => AUTH)
  for (const method of CALLED) {
    NODE_CALLS.get(method)?.[0](node).catch(() => undefined)
    await turn()
    await turn()
  }
  return framesOf(sink)
}

/** The peer may say of an Abort or an exception that it is E099; a fault of our own has a cause. */
const isOwnFault = (failure: QpqError): boolean => failure.code === "E099" && failure.cause instanceof Error

/** The bytes in two pieces, cut at a place that depends on them. */
function receiveInPieces(endpoint: Endpoint, bytes: Uint8Array): void {
  const cut = (bytes[bytes.length >> 1] ?? 0) % (bytes.length + 1)
  endpoint.receive(bytes.subarray(0, cut))
  endpoint.receive(bytes.subarray(cut))
}

/** @throws what the endpoint ended with; nothing when it goes on. */
function endOf(endpoint: Endpoint): string {
  const { failure } = endpoint
  endpoint.failed(undefined)
  if (!failure) return "goes on"
  if (failure.code !== "E099" || isOwnFault(failure)) throw failure
  return "ended by the peer"
}

async function servingTarget(): Promise<Target> {
  const frames = await askedFrames()
  const [bootstrap = new Uint8Array(0)] = frames
  const services = fakeServices()
  const world = fakeWorld()
  const decode = async (bytes: Uint8Array): Promise<string> => {
    const outcomes: string[] = []
    const served = serveNode({
      account: services.account,
      authenticate: async () => services.node,
      clock: world.clock,
      onCall: ({ outcome }) => outcomes.push(outcome),
    })
    const endpoint = new Endpoint({ sink: recordingSink(), world, served })
    endpoint.receive(bootstrap)
    receiveInPieces(endpoint, bytes)
    await turn()
    services.seen.length = 0
    const odd = outcomes.find((outcome) => outcome !== "ok" && (outcome === "E099" || !isErrorCode(outcome)))
    if (odd !== undefined) throw new Error(`a call ended with ${odd}`)
    return endOf(endpoint)
  }
  return {
    name: "serving endpoint",
    corpus: [...frames, ...frames.map(twoSegments)],
    decode,
    mend: reframed,
    share: SHARE,
  }
}

async function askingTarget(): Promise<Target> {
  const services = fakeServices()
  const world = fakeWorld()
  const ask = (endpoint: Endpoint): Promise<unknown> => remoteNode(endpoint, () => AUTH).fetch(FETCH)
  const [asked, answered] = [recordingSink(), recordingSink()]
  ask(new Endpoint({ sink: asked, world })).catch(() => undefined)
  await turn()
  const served = serveNode({ account: services.account, authenticate: async () => services.node, clock: world.clock })
  new Endpoint({ sink: answered, world, served }).receive(concat(...asked.chunks))
  for (let turns = 0; turns < 4; turns++) await turn()
  const frames = framesOf(answered)
  const [capability = new Uint8Array(0)] = frames
  const decode = async (bytes: Uint8Array): Promise<unknown> => {
    const endpoint = new Endpoint({ sink: recordingSink(), world })
    const call = ask(endpoint)
    endpoint.receive(capability)
    receiveInPieces(endpoint, bytes)
    endpoint.failed(undefined)
    return call.catch((thrown: unknown) => {
      if (thrown instanceof QpqError && thrown.code === "E099" && !isOwnFault(thrown)) return "the peer's E099"
      throw thrown
    })
  }
  return {
    name: "asking endpoint",
    corpus: [...frames, ...frames.map(twoSegments)],
    decode,
    mend: reframed,
    share: SHARE,
  }
}

export const endpointTargets = async (): Promise<readonly Target[]> => [await servingTarget(), await askingTarget()]
