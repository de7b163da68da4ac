/** Connections from a given loopback address, so that a server on the same computer tells its peers apart as in life. */
import quiche from "@matrixai/quic/native/quiche.js"
import type { Config } from "@matrixai/quic/native/types.js"
import { equal } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { hostPortText } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { OutboundBudget } from "../../core/transport/outbound-budget.ts"
import { CONNECTION_ID_BYTES } from "../../core/transport/packet-header.ts"
import { pinOf } from "../../core/transport/pin.ts"
import { clientConfig } from "../../core/transport/quic-config.ts"
import { QuicConnection } from "../../core/transport/quic-connection.ts"
import { QuicEndpoint, routingIdOf } from "../../core/transport/quic-endpoint.ts"
import { leafCertificate } from "../../core/transport/server-trust.ts"
import { TRANSPORT_LIMITS } from "../../core/transport/transport.ts"
import type { Connection, Dialer, DialOptions, ServerIdentity } from "../../core/transport/transport.ts"

/** An attacker's own patience has no end. */
const LIMITS = { ...TRANSPORT_LIMITS, handshakeMs: 15_000, outboundBytesMax: 1e9, outboundTotalBytesMax: 1e9 }

export class BoundDialer implements Dialer {
  readonly #from: string
  readonly #config: Config = clientConfig(undefined, LIMITS)

  /** @param from an address of this computer, such as 127.0.0.2. */
  constructor(from: string) {
    this.#from = from
  }

  inspect(): Promise<ServerIdentity> {
    return Promise.reject(new QpqError("E099", "nobody looks at certificates here"))
  }

  async connect({ host, port, trust }: Pick<DialOptions, "host" | "port" | "trust">): Promise<Connection> {
    const endpoint = await QuicEndpoint.open({
      world: realWorld,
      host: this.#from,
      port: 0,
      warn: () => undefined,
      onForgotten: () => void endpoint.close(),
    })
    const scid = realWorld.random.bytes(CONNECTION_ID_BYTES)
    const native = quiche.Connection.connect(undefined, scid, endpoint.local, { host, port }, this.#config)
    return new Promise((resolve, reject) => {
      const connection = new QuicConnection(native, endpoint, {
        world: realWorld,
        limits: LIMITS,
        peerAddress: hostPortText({ host, port }),
        trace: "bound",
        budget: new OutboundBudget(LIMITS, () => []),
        side: "client",
        routingId: routingIdOf(scid),
        verify(established) {
          const pin = pinOf(leafCertificate(established))
          if (trust.kind === "pins" && trust.pins.some((known) => equal(known, pin))) return pin
          throw new QpqError("E056")
        },
        onEstablished: resolve,
      })
      endpoint.add(connection)
      connection.wake()
      void connection.closed.then(({ error }) => {
        endpoint.unref()
        reject(error)
      })
    })
  }
}
