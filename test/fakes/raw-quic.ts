/** QUIC peers without manners: they send what a test tells them, packet by packet. */
import { randomBytes } from "node:crypto"
import { createSocket } from "node:dgram"
import type { Socket } from "node:dgram"
import { once } from "node:events"
import quiche from "@matrixai/quic/native/quiche.js"
import type { Config, Connection } from "@matrixai/quic/native/types.js"
import { utf8 } from "../../core/domain/bytes.ts"
import type { ServerCertificate } from "../../core/transport/certificate.ts"
import { until } from "./until.ts"

const HOST = "127.0.0.1"
const PACKET_BYTES = 1350

function rawConfig(alpn: string, certificate?: ServerCertificate): Config {
  const config = quiche.Config.withBoringSslCtx(
    false,
    false,
    undefined,
    certificate && [utf8(certificate.keyPem)],
    certificate && [utf8(certificate.certificatePem)],
    undefined,
  )
  config.setApplicationProtos([alpn])
  config.setMaxIdleTimeout(10_000)
  config.setInitialMaxData(1_000_000)
  config.setInitialMaxStreamDataBidiLocal(1_000_000)
  config.setInitialMaxStreamDataBidiRemote(1_000_000)
  config.setInitialMaxStreamsBidi(8)
  return config
}

async function bound(from = HOST): Promise<Socket> {
  const socket = createSocket("udp4")
  socket.bind(0, from)
  await once(socket, "listening")
  return socket
}

export class RawClient {
  readonly native: Connection
  readonly received: Buffer[] = []
  readonly #socket: Socket
  readonly #port: number

  private constructor(socket: Socket, port: number, alpn: string) {
    this.#socket = socket
    this.#port = port
    const local = { host: socket.address().address, port: socket.address().port }
    const scid = randomBytes(20)
    this.native = quiche.Connection.connect("localhost", scid, local, { host: HOST, port }, rawConfig(alpn))
    socket.on("message", (datagram) => this.received.push(datagram))
  }

  /** @param from an address of this computer. */
  static async open(port: number, alpn = "capnp", from = HOST): Promise<RawClient> {
    return new RawClient(await bound(from), port, alpn)
  }

  /** What the library would send now; nothing is sent. */
  flight(): Buffer[] {
    const packets: Buffer[] = []
    for (;;) {
      const packet = Buffer.alloc(PACKET_BYTES)
      const sent = this.native.send(packet)
      if (!sent) return packets
      packets.push(packet.subarray(0, sent[0]))
    }
  }

  send(...datagrams: readonly Uint8Array[]): void {
    for (const datagram of datagrams) this.#socket.send(datagram, this.#port, HOST)
  }

  /** Gives the library the oldest datagram that came. */
  async feed(): Promise<void> {
    await until("an answer", () => this.received.length > 0)
    const to = { host: this.#socket.address().address, port: this.#socket.address().port }
    const datagram = this.received.shift()
    if (datagram) this.native.recv(Buffer.from(datagram), { from: { host: HOST, port: this.#port }, to })
  }

  /** Up to the first packet with a valid token, which is returned and not sent. */
  async proveAddress(): Promise<Buffer> {
    this.send(...this.flight())
    await this.feed()
    const [initial] = this.flight()
    if (!initial) throw new Error("no Initial after the Retry")
    return initial
  }

  close(): void {
    this.#socket.close()
  }
}

/** A server with another protocol; it answers one client. */
export async function startRawServer(alpn: string, certificate: ServerCertificate): Promise<Socket> {
  const socket = await bound()
  const local = { host: HOST, port: socket.address().port }
  let native: Connection | undefined
  socket.on("message", (datagram, from) => {
    const peer = { host: from.address, port: from.port }
    native ??= quiche.Connection.accept(randomBytes(20), undefined, local, peer, rawConfig(alpn, certificate))
    try {
      native.recv(datagram, { from: peer, to: local })
    } catch {
      // It refuses; what it has to say follows.
    }
    for (;;) {
      const packet = Buffer.alloc(PACKET_BYTES)
      const sent = native.send(packet)
      if (!sent) return
      socket.send(packet.subarray(0, sent[0]), from.port, from.address)
    }
  })
  return socket
}
