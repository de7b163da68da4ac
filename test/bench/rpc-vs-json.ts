/** Calls of 1 KiB, 32 in flight: our endpoint against bare length-prefixed JSON echoes, both over one socket pair. */
import { once } from "node:events"
import net from "node:net"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import { realWorld } from "../../core/domain/world.ts"
import { attach } from "../../core/rpc/attach.ts"
import { remoteNode } from "../../core/rpc/remote-node.ts"
import { serveNode } from "../../core/rpc/serve-node.ts"
import { AUTH, DEVICE, fakeServices, filled, MESSAGE } from "../fakes/fake-services.ts"
import { socketStream } from "../fakes/socket-stream.ts"

const IN_FLIGHT = 32
const RUN_MS = Number(process.argv[2] ?? 2000)
const ROUNDS = 3
const GOAL = 0.4
const PAYLOAD = filled(1024, 7)

type Call = () => Promise<unknown>

async function socketPair(): Promise<[net.Socket, net.Socket]> {
  const listener = net.createServer()
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  const near = net.connect((listener.address() as net.AddressInfo).port, "127.0.0.1")
  const [far] = (await once(listener, "connection")) as [net.Socket]
  listener.close()
  for (const socket of [near, far]) socket.setNoDelay(true)
  return [near, far]
}

/** What each side of the JSON peer does: a length, then the text. */
function onFrames(socket: net.Socket, handle: (text: string) => void): void {
  let buffered: Buffer = Buffer.alloc(0)
  socket.on("data", (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE(0)) {
      const end = 4 + buffered.readUInt32LE(0)
      handle(buffered.toString("utf8", 4, end))
      buffered = buffered.subarray(end)
    }
  })
}

function sendFrame(socket: net.Socket, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  const frame = Buffer.allocUnsafe(4 + body.length)
  frame.writeUInt32LE(body.length, 0)
  body.copy(frame, 4)
  socket.write(frame)
}

async function jsonCall(): Promise<[Call, () => void]> {
  const [near, far] = await socketPair()
  const waiting = new Map<number, (value: unknown) => void>()
  let lastId = 0
  onFrames(far, (text) => sendFrame(far, JSON.parse(text)))
  onFrames(near, (text) => {
    const { id } = JSON.parse(text) as { id: number }
    waiting.get(id)?.(id)
    waiting.delete(id)
  })
  const payload = Buffer.from(PAYLOAD).toString("base64")
  const call: Call = () =>
    new Promise((resolve) => {
      const id = ++lastId
      waiting.set(id, resolve)
      sendFrame(near, { id, payload })
    })
  return [call, () => near.destroy()]
}

async function rpcCall(): Promise<[Call, () => void]> {
  const [near, far] = await socketPair()
  const { account, node } = fakeServices()
  node.enqueue = async () => ({ seq: 1n, duplicate: false, head: 0n })
  const served = serveNode({ account, authenticate: async () => node, clock: realWorld.clock })
  attach(socketStream(far), { world: realWorld, served })
  const remote = remoteNode(attach(socketStream(near), { world: realWorld }), () => AUTH)
  const letter = { recipientKey: DEVICE, channelId: NO_CHANNEL, messageId: MESSAGE, payload: PAYLOAD, ttlSecs: 0 }
  return [() => remote.enqueue(letter), () => near.destroy()]
}

/** Calls per second with always `IN_FLIGHT` under way. */
async function measure(make: () => Promise<[Call, () => void]>): Promise<number> {
  const [call, close] = await make()
  const run = async (ms: number): Promise<number> => {
    const end = performance.now() + ms
    let calls = 0
    const worker = async (): Promise<void> => {
      while (performance.now() < end) {
        await call()
        calls++
      }
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
    return (calls / ms) * 1000
  }
  await run(RUN_MS / 2)
  const rate = await run(RUN_MS)
  close()
  return rate
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

const json: number[] = []
const rpc: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  json.push(await measure(jsonCall))
  rpc.push(await measure(rpcCall))
}
const ratio = median(rpc) / median(json)
console.log(
  `JSON ${Math.round(median(json))}/s, RPC ${Math.round(median(rpc))}/s, ratio ${ratio.toFixed(2)} (goal ${GOAL})`,
)
process.exitCode = ratio >= GOAL ? 0 : 1
