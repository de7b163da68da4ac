/** A QUIC echo server with an honest client on it, to see whether others harm them. */
import { utf8 } from "../../core/domain/bytes.ts"
import { realWorld } from "../../core/domain/world.ts"
import type { World } from "../../core/domain/world.ts"
import { makeCertificate } from "../../core/transport/certificate.ts"
import type { ServerCertificate } from "../../core/transport/certificate.ts"
import { QuicDialer } from "../../core/transport/quic-dialer.ts"
import { listenQuic } from "../../core/transport/quic-listener.ts"
import type { QuicListener } from "../../core/transport/quic-listener.ts"
import { CLOSE_CODES } from "../../core/transport/transport.ts"
import type { Connection, TransportLimits, Trust } from "../../core/transport/transport.ts"
import { collect, echo } from "./streams.ts"
import { until } from "./until.ts"

export const CONNECT_MS = 15_000
const HOST = "127.0.0.1"

export const sharedCertificate: ServerCertificate = await makeCertificate(realWorld, [])

export interface ServerOptions {
  readonly world?: World
  readonly limits?: Partial<TransportLimits>
  readonly clientLimits?: Partial<TransportLimits>
  readonly certificate?: ServerCertificate
  readonly onConnection?: (connection: Connection) => void
  readonly warn?: (message: string) => void
}

export class EchoServer implements AsyncDisposable {
  readonly listener: QuicListener
  readonly #dialer: QuicDialer

  private constructor(listener: QuicListener, dialer: QuicDialer) {
    this.listener = listener
    this.#dialer = dialer
  }

  static async start(options: ServerOptions = {}): Promise<EchoServer> {
    const listener = await listenQuic(options.world ?? realWorld, {
      host: HOST,
      port: 0,
      certificate: options.certificate ?? sharedCertificate,
      onConnection: options.onConnection ?? echo,
      ...(options.limits && { limits: options.limits }),
      ...(options.warn && { warn: options.warn }),
    })
    return new EchoServer(listener, new QuicDialer(realWorld, options.clientLimits))
  }

  get port(): number {
    return this.listener.address.port
  }

  async connect(change: { trust?: Trust; serverName?: string } = {}): Promise<Connection> {
    return this.#dialer.connect({
      host: HOST,
      port: this.port,
      trust: { kind: "pins", pins: [this.listener.pin] },
      timeoutMs: CONNECT_MS,
      ...change,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close(CLOSE_CODES.goodbye, "test over")
  }
}

/** One question and its answer on a fresh stream. */
export async function assertEchoes(client: Connection): Promise<void> {
  const stream = client.openStream()
  const answer = collect(stream)
  stream.write(utf8("unharmed"))
  stream.end()
  await until("the honest client is answered", answer.ended)
  if (Buffer.from(answer.bytes()).toString() !== "unharmed") throw new Error("another answer")
}
