/** A bad network between clients and a server: a UDP relay that loses, delays, reorders, doubles and cuts. */
import { createSocket } from "node:dgram"
import type { RemoteInfo, Socket } from "node:dgram"
import { once } from "node:events"

export interface Faults {
  /** Part of the datagrams that are lost, 0 to 1; so for the next two. */
  readonly loss?: number
  readonly duplicate?: number
  /** These come `REORDER_MS` later than they should. */
  readonly reorder?: number
  /** Each way, in milliseconds: from … to. */
  readonly delayMs?: readonly [number, number]
  /** Larger UDP payloads are dropped. */
  readonly bytesMax?: number
  /** Nothing passes. */
  readonly hole?: boolean
}

const REORDER_MS = 20

interface Flow {
  readonly client: RemoteInfo
  upstream: Socket
}

export class UdpRelay {
  readonly port: number
  faults: Faults = {}
  passed = 0
  dropped = 0
  readonly #socket: Socket
  readonly #server: { readonly host: string; readonly port: number }
  readonly #random: () => number
  readonly #flows = new Map<string, Flow>()
  #isClosed = false

  private constructor(socket: Socket, server: { readonly host: string; readonly port: number }, seed: number) {
    this.#socket = socket
    this.#server = server
    this.#random = randomOf(seed)
    this.port = socket.address().port
    socket.on("message", (datagram, from) => {
      this.#forth(datagram, from)
    })
  }

  /** On 127.0.0.1, any port. The same seed loses the same datagrams, as far as they come in the same order. */
  static async open(server: { readonly host: string; readonly port: number }, seed: number): Promise<UdpRelay> {
    const socket = await bound()
    return new UdpRelay(socket, server, seed)
  }

  /** The server sees all clients come from other ports, as after a NAT forgot them. */
  async moveClients(): Promise<void> {
    for (const flow of this.#flows.values()) {
      const old = flow.upstream
      flow.upstream = await this.#upstreamFor(flow)
      old.close()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#socket.close()
    for (const { upstream } of this.#flows.values()) upstream.close()
  }

  #forth(datagram: Buffer, client: RemoteInfo): void {
    const name = `${client.address}:${client.port.toString()}`
    const known = this.#flows.get(name)
    if (known) this.#pass(datagram, () => known.upstream.send(datagram, this.#server.port, this.#server.host))
    else void this.#begin(name, client, datagram)
  }

  async #begin(name: string, client: RemoteInfo, first: Buffer): Promise<void> {
    const upstream = await bound()
    if (this.#isClosed || this.#flows.has(name)) {
      upstream.close()
      if (!this.#isClosed) this.#forth(first, client)
      return
    }
    const flow: Flow = { client, upstream }
    this.#flows.set(name, flow)
    this.#listen(flow, upstream)
    this.#forth(first, client)
  }

  async #upstreamFor(flow: Flow): Promise<Socket> {
    const upstream = await bound()
    this.#listen(flow, upstream)
    return upstream
  }

  #listen({ client }: Flow, upstream: Socket): void {
    upstream.on("message", (datagram) => {
      this.#pass(datagram, () => this.#socket.send(datagram, client.port, client.address))
    })
  }

  #pass(datagram: Buffer, send: () => void): void {
    const { loss = 0, duplicate = 0, reorder = 0, delayMs = [0, 0], bytesMax = Infinity, hole } = this.faults
    if (hole === true || datagram.length > bytesMax || this.#random() < loss) {
      this.dropped++
      return
    }
    const copies = this.#random() < duplicate ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const [from, to] = delayMs
      const late = from + (to - from) * this.#random() + (this.#random() < reorder ? REORDER_MS : 0)
      setTimeout(() => {
        if (this.#isClosed) return
        this.passed++
        try {
          send()
        } catch {
          // Its socket was replaced while the datagram was on its way: lost, as on a real line.
        }
      }, late)
    }
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4")
  socket.bind(0, "127.0.0.1")
  await once(socket, "listening")
  return socket
}

/** Mulberry32: enough for dice. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
