/** Attackers from many addresses: what they share, and those who connect and then behave badly on their streams. */
import type { Auth } from "../../core/contract/caller.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { formatPin } from "../../core/domain/server-address.ts"
import type { ServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { attach } from "../../core/rpc/attach.ts"
import { remoteNode } from "../../core/rpc/remote-node.ts"
import type { RemoteNode } from "../../core/rpc/remote-node.ts"
import type { ByteStream, Connection } from "../../core/transport/transport.ts"
import { BoundDialer } from "../fakes/bound-dialer.ts"
import { fetchOf, fresh, joined, letterTo } from "../fakes/node-device.ts"
import type { LoggedIn } from "../fakes/node-device.ts"

export interface Attack {
  readonly address: ServerAddress
  readonly signal: AbortSignal
  /** 1 is the full size. */
  readonly scale: number
  readonly seed: number
  /** Counts what the attacker was told, or did. */
  readonly count: (what: string) => void
}

export type Attacker = (attack: Attack) => Promise<void>

const PER_ADDRESS = 50
const PEERS = 500
const STRANGERS_FRAME_BYTES = 65_000
const SLOW_READERS = 20
const HALF_FRAMES = 40
const FRAME_CLAIMED_BYTES = 6_000_000
const LETTER_BYTES = 2_000_000
const LETTERS = 4
const SECOND_MS = 1000

/** Of this attack alone: what one leaves behind is not in the way of the next. */
const NETWORK = 1 + (process.pid % 200)
/** Addresses of this computer that are no honest person's. */
export const addressAt = (at: number): string => `127.${NETWORK}.${Math.floor(at / 250)}.${1 + (at % 250)}`

const open = new Set<Connection>()

/** Tells the server, so that the next attack finds its places free. */
export function closeAll(): void {
  for (const connection of open) connection.close(0, "")
}

export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  realWorld.clock.sleep(ms, signal).catch(() => undefined)

/** Refused ones are counted, and undefined. */
export async function connectFrom({ address, count }: Attack, from: string): Promise<Connection | undefined> {
  try {
    const { host, port, pins } = address
    const connection = await new BoundDialer(from).connect({ host, port, trust: { kind: "pins", pins } })
    count("connected")
    open.add(connection)
    return connection
  } catch (thrown) {
    count(`connection ${toQpqError(thrown).code}`)
    return undefined
  }
}

export const nodeOn = (connection: Connection, auth?: Auth): RemoteNode =>
  remoteNode(attach(connection.openStream(), { world: realWorld }), () => auth)

/** An account made from there, with a connection that speaks for it and is no stranger's any more. */
export async function accountFrom(
  attack: Attack,
  from: string,
): Promise<{ readonly node: RemoteNode; readonly who: LoggedIn; readonly connection: Connection }> {
  const connection = await connectFrom(attack, from)
  if (!connection) throw new Error(`no connection from ${from}`)
  const door = { service: nodeOn(connection), serverName: formatPin(connection.serverPin) }
  const who = await joined(door, `mallory${Buffer.from(fresh(6)).toString("hex")}`)
  const node = nodeOn(connection, who.auth)
  await node.fetchHybridKeys([])
  return { node, who, connection }
}

async function peers(attack: Attack, number: number, perAddress = PER_ADDRESS): Promise<readonly Connection[]> {
  const made: Connection[] = []
  for (let at = 0; at < number * attack.scale && !attack.signal.aborted; at++) {
    const connection = await connectFrom(attack, addressAt(Math.floor(at / perAddress)))
    if (connection) made.push(connection)
  }
  return made
}

/** Up to the cap of each of several addresses, and past it, again and again. */
export const connections: Attacker = async (attack) => {
  await peers(attack, 300, PER_ADDRESS + 10)
  while (!attack.signal.aborted) {
    await connectFrom(attack, addressAt(0))
    await pause(5, attack.signal)
  }
}

/** Many who send one byte a second, all at once, of a frame that would take a day. */
export const drips: Attacker = async (attack) => {
  const streams = (await peers(attack, PEERS)).map((connection) => connection.openStream())
  for (const stream of streams) write(stream, headerOf(STRANGERS_FRAME_BYTES))
  while (!attack.signal.aborted) {
    for (const stream of streams) write(stream, Uint8Array.of(0))
    attack.count("rounds of bytes")
    await pause(SECOND_MS, attack.signal)
  }
}

/** Many who each ask little and seldom, but all at the same moment: no limit of an address is reached. */
export const volleys: Attacker = async (attack) => {
  const nodes = (await peers(attack, PEERS)).map((connection) => nodeOn(connection))
  while (!attack.signal.aborted) {
    const since = performance.now()
    const asked = nodes.map((node) =>
      node.health().then(
        () => "answered",
        (thrown: unknown) => toQpqError(thrown).code,
      ),
    )
    for (const what of await Promise.all(asked)) attack.count(what)
    await pause(Math.max(0, SECOND_MS - (performance.now() - since)), attack.signal)
  }
}

/** They ask for all that waits for them, again and again, and read none of it. */
export const slowReaders: Attacker = async (attack) => {
  const { signal, scale, count } = attack
  for (let at = 0; at < SLOW_READERS * scale && !signal.aborted; at++) {
    const { node, who, connection } = await accountFrom(attack, addressAt(at))
    const own = who.identity.deviceKey
    for (let letter = 0; letter < LETTERS; letter++) {
      await node.enqueue(letterTo(own, { payload: fresh(LETTER_BYTES) })).catch((thrown: unknown) => {
        count(`enqueue ${toQpqError(thrown).code}`)
      })
    }
    const stream = connection.openStream()
    const deaf = remoteNode(attach(stream, { world: realWorld }), () => who.auth)
    stream.pause()
    for (let ask = 0; ask < 60; ask++) {
      deaf.fetch(fetchOf(own)).catch((thrown: unknown) => {
        count(`fetch ${toQpqError(thrown).code}`)
      })
    }
    count("slow readers")
  }
  await pause(60 * SECOND_MS, signal)
}

/** Streams opened with half a frame on them, then left or torn down, over and over. */
export const halfStreams: Attacker = async (attack) => {
  const { signal, count } = attack
  const made = await peers(attack, 100)
  for (let round = 0; !signal.aborted && made.length > 0; round++) {
    const connection = made[round % made.length]!
    try {
      const stream = connection.openStream()
      stream.write(fresh(4))
      if (round % 2 === 0) await pause(1, signal)
      if (round % 3 !== 0) stream.reset(9)
      count("streams")
    } catch (thrown) {
      count(`stream ${toQpqError(thrown).code}`)
    }
    await pause(1, signal)
  }
}

/** Of a frame of one segment. */
function headerOf(bytes: number): Uint8Array {
  const header = new Uint8Array(8)
  new DataView(header.buffer).setUint32(4, bytes / 8, true)
  return header
}

/** Frames of almost six megabytes that lack their last bytes, on every stream that is given. */
async function halfFramesOn(connection: Connection, { signal, count }: Attack): Promise<void> {
  const frame = new Uint8Array(FRAME_CLAIMED_BYTES)
  frame.set(headerOf(FRAME_CLAIMED_BYTES))
  try {
    for (let at = 0; at < 8; at++) {
      write(connection.openStream(), frame)
      count("frames without an end")
      await pause(20, signal)
    }
  } catch (thrown) {
    count(`stream ${toQpqError(thrown).code}`)
  }
}

/** Of people who have accounts. */
export const halfFrames: Attacker = async (attack) => {
  for (let at = 0; at < HALF_FRAMES * attack.scale && !attack.signal.aborted; at++) {
    const { connection } = await accountFrom(attack, addressAt(at))
    await halfFramesOn(connection, attack)
  }
  await pause(60 * SECOND_MS, attack.signal)
}

/** Of nobody. */
export const strangersFrames: Attacker = async (attack) => {
  for (const connection of await peers(attack, HALF_FRAMES)) await halfFramesOn(connection, attack)
  await pause(60 * SECOND_MS, attack.signal)
}

export function write(stream: ByteStream, bytes: Uint8Array): void {
  try {
    stream.write(bytes)
  } catch {
    // The server closed it.
  }
}
