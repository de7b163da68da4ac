/** Attackers below QUIC's handshake: datagrams made or repeated by hand, from many ports and addresses. */
import { randomBytes } from "node:crypto"
import { createSocket } from "node:dgram"
import type { Socket } from "node:dgram"
import { once } from "node:events"
import quiche from "@matrixai/quic/native/quiche.js"
import { clientConfig } from "../../core/transport/quic-config.ts"
import { TRANSPORT_LIMITS } from "../../core/transport/transport.ts"
import { RawClient } from "../fakes/raw-quic.ts"
import { addressAt, pause } from "./abuse-peers.ts"
import type { Attack, Attacker } from "./abuse-peers.ts"

/** Of each kind of datagram; a flood from one machine that still leaves the line to others. */
const PER_SECOND = 2000
const BURST_MS = 10
const PORTS = 200
const HALF_OPEN = 600
const PER_ADDRESS = 40
const ZERO_RTT = 0xd0
const SHORT = 0x40

/** Initial packets without a token, each from one of many ports: what each costs is a Retry. */
export const initials: Attacker = async (attack) => {
  const sockets = await ports(attack)
  const { host, port } = attack.address
  const config = clientConfig(undefined, TRANSPORT_LIMITS)
  const packets = sockets.map((socket) => {
    const local = { host: socket.address().address, port: socket.address().port }
    const native = quiche.Connection.connect(undefined, randomBytes(20), local, { host, port }, config)
    const packet = Buffer.alloc(1350)
    const sent = native.send(packet)
    return packet.subarray(0, sent?.[0] ?? 0)
  })
  await flood(attack, "initials", (at) => {
    sockets[at % sockets.length]!.send(packets[at % packets.length]!, port, host)
  })
  close(sockets)
}

/** Handshakes that prove their address and then say no more, as many as may be half open, again and again. */
export const handshakes: Attacker = async (attack) => {
  const { address, signal, scale, count } = attack
  for (let at = 0; !signal.aborted; at++) {
    const raw = await RawClient.open(
      address.port,
      "capnp",
      addressAt(Math.floor((at % (HALF_OPEN * scale)) / PER_ADDRESS)),
    )
    const left = raw
      .proveAddress()
      .then((packet) => {
        raw.send(packet)
        count("half handshakes")
      })
      .catch(() => undefined)
    await Promise.race([left, pause(1000, signal)])
    setImmediate(() => void left.then(() => raw.close()))
    await pause(2, signal)
  }
}

/** Random bytes of every length. */
export const garbage: Attacker = async (attack) => {
  const sockets = await ports(attack)
  const { host, port } = attack.address
  await flood(attack, "garbage", (at) => {
    sockets[at % sockets.length]!.send(randomBytes((at * 7) % 1400), port, host)
  })
  close(sockets)
}

/** Packets like 0-RTT, a token sent again from other ports, and short packets for connections that are gone or others'. */
export const replays: Attacker = async (attack) => {
  const { address, signal } = attack
  const raw = await RawClient.open(address.port, "capnp", addressAt(0))
  const proven = await raw.proveAddress()
  raw.send(proven)
  await pause(BURST_MS, signal)
  const sockets = await ports(attack)
  const early = Buffer.concat([Buffer.from([ZERO_RTT, 0, 0, 0, 1, 20]), randomBytes(1244)])
  const short = (): Buffer => Buffer.concat([Buffer.from([SHORT]), proven.subarray(6, 26), randomBytes(60)])
  await flood(attack, "replays", (at) => {
    const socket = sockets[at % sockets.length]!
    const packet = [proven, early, short(), randomBytes(40)][at % 4]!
    socket.send(packet, address.port, address.host)
    if (at % 4 === 0) raw.send(proven)
  })
  raw.close()
  close(sockets)
}

async function ports({ scale }: Attack): Promise<readonly Socket[]> {
  const made: Socket[] = []
  for (let at = 0; at < PORTS * scale; at++) {
    const socket = createSocket("udp4")
    socket.on("error", () => undefined)
    socket.bind(0, addressAt(at % 40))
    await once(socket, "listening")
    made.push(socket)
  }
  return made
}

function close(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.close()
}

/** `PER_SECOND` times a second until the signal fires. */
async function flood({ signal, count }: Attack, what: string, send: (at: number) => void): Promise<void> {
  const since = performance.now()
  for (let at = 0; !signal.aborted;) {
    const due = ((performance.now() - since) * PER_SECOND) / 1000
    for (; at < due; at++) {
      send(at)
      count(what)
    }
    await pause(BURST_MS, signal)
  }
}
