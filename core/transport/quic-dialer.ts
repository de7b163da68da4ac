/** The client's end of QUIC: resolves the name, tries its addresses, verifies the server, then hands the connection over. */
import { lookup } from "node:dns/promises"
import type { X509Certificate } from "node:crypto"
import { isIP } from "node:net"
import quiche from "@matrixai/quic/native/quiche.js"
import type { Config, Connection as NativeConnection } from "@matrixai/quic/native/types.js"
import { QpqError, hasCode } from "../domain/errors.ts"
import { hostPortText } from "../domain/server-address.ts"
import type { World } from "../domain/world.ts"
import { OutboundBudget } from "./outbound-budget.ts"
import { CONNECTION_ID_BYTES } from "./packet-header.ts"
import { clientConfig } from "./quic-config.ts"
import { QuicConnection } from "./quic-connection.ts"
import { QuicEndpoint, routingIdOf, traceOf } from "./quic-endpoint.ts"
import { pinOf } from "./pin.ts"
import { checkProtocol, checkServer, explained, leafCertificate } from "./server-trust.ts"
import { CLOSE_CODES, TRANSPORT_LIMITS } from "./transport.ts"
import type {
  Connection,
  DialOptions,
  Dialer,
  ServerEndpoint,
  ServerIdentity,
  TransportLimits,
  Trust,
} from "./transport.ts"

/** A name may have many addresses; the next one is tried when the one before has not answered by then (RFC 8305). */
const ADDRESSES_MAX = 4
const STAGGER_MS = 250

interface Target {
  readonly address: string
  readonly family: number
}

interface Attempt {
  readonly server: ServerEndpoint
  readonly config: Config
  readonly verify: (native: NativeConnection) => Uint8Array
  readonly explain: (error: QpqError, native: NativeConnection) => QpqError
  /** Aborted when another attempt succeeded or the caller gave up. */
  readonly signal: AbortSignal
  readonly giveUpAtMs: number
}

export class QuicDialer implements Dialer {
  readonly #world: World
  readonly #limits: TransportLimits
  /** Parsing the CA list is slow, so each trust has one Config. */
  readonly #configs = new Map<string, Config>()

  constructor(world: World, limits: Partial<TransportLimits> = {}) {
    this.#world = world
    this.#limits = { ...TRANSPORT_LIMITS, ...limits }
  }

  async connect(options: DialOptions): Promise<Connection> {
    const name = options.serverName ?? options.host
    return this.#dial(options, options.trust, (certificate) => checkServer(certificate, options.trust, name))
  }

  async inspect(server: ServerEndpoint, trust?: Trust): Promise<ServerIdentity> {
    let seen: X509Certificate | undefined
    const name = server.serverName ?? server.host
    const connection = await this.#dial(server, trust, (certificate) => {
      seen = certificate
      return trust ? checkServer(certificate, trust, name) : pinOf(certificate)
    })
    connection.close(CLOSE_CODES.goodbye, "fingerprint read")
    return {
      pin: connection.serverPin,
      subject: seen?.subject ?? "",
      issuer: seen?.issuer ?? "",
      notAfter: Date.parse(seen?.validTo ?? ""),
    }
  }

  async #dial(
    server: ServerEndpoint,
    trust: Trust | undefined,
    check: (certificate: X509Certificate) => Uint8Array,
  ): Promise<QuicConnection> {
    server.signal?.throwIfAborted()
    const over = new AbortController()
    const stop = (): void => over.abort(server.signal?.reason)
    server.signal?.addEventListener("abort", stop, { once: true })
    const attempt: Attempt = {
      server,
      config: this.#config(trust),
      verify: (native) => {
        checkProtocol(native)
        return check(leafCertificate(native))
      },
      explain: (error, native) =>
        explained(error, native, { trust, name: server.serverName ?? server.host, now: this.#world.clock.now() }),
      signal: over.signal,
      giveUpAtMs: this.#world.clock.monotonic() + server.timeoutMs,
    }
    try {
      const targets = await this.#resolve(attempt)
      return await Promise.any(targets.map((target, index) => this.#attempt(attempt, target, index * STAGGER_MS)))
    } catch (thrown) {
      server.signal?.throwIfAborted()
      throw mostTelling(thrown)
    } finally {
      server.signal?.removeEventListener("abort", stop)
      over.abort()
    }
  }

  async #resolve({ server, signal }: Attempt): Promise<readonly Target[]> {
    const family = isIP(server.host)
    if (family !== 0) return [{ address: server.host, family }]
    const late = this.#world.clock.sleep(server.timeoutMs, signal).then(() => {
      throw new QpqError("E053", `${server.host} is not resolved in time`)
    })
    try {
      const found = await Promise.race([lookup(server.host, { all: true }), late])
      return found.slice(0, ADDRESSES_MAX)
    } catch (cause) {
      throw cause instanceof QpqError ? cause : new QpqError("E053", `no such host: ${server.host}`, { cause })
    } finally {
      late.catch(() => undefined)
    }
  }

  async #attempt(attempt: Attempt, target: Target, delayMs: number): Promise<QuicConnection> {
    const { clock } = this.#world
    if (delayMs > 0) await clock.sleep(delayMs, attempt.signal)
    const remainingMs = attempt.giveUpAtMs - clock.monotonic()
    if (remainingMs <= 0) throw new QpqError("E053", "no time left")
    const world = this.#world
    let connection: QuicConnection | undefined
    const endpoint = await QuicEndpoint.open({
      world,
      host: target.family === 6 ? "::" : "0.0.0.0",
      port: 0,
      warn: () => undefined,
      onForgotten: () => void endpoint.close(),
      onSendError: (error) => {
        if (connection?.isEstablished === false) connection.abandon(`cannot send: ${error.message}`)
      },
    })
    const limits = { ...this.#limits, handshakeMs: remainingMs }
    return new Promise((resolve, reject) => {
      connection = openConnection(endpoint, { ...attempt, target, world, limits, onEstablished: resolve })
      const made = connection
      const abort = (): void => {
        if (!made.isEstablished) made.abandon("given up")
      }
      attempt.signal.addEventListener("abort", abort, { once: true })
      if (attempt.signal.aborted) abort()
      void made.closed.then((reason) => {
        endpoint.unref()
        reject(reason.error)
      })
    })
  }

  #config(trust: Trust | undefined): Config {
    const key = trust?.kind === "ca" ? `ca ${trust.pem ?? ""}` : "any"
    const known = this.#configs.get(key)
    if (known) return known
    const config = clientConfig(trust, this.#limits)
    this.#configs.clear()
    this.#configs.set(key, config)
    return config
  }
}

interface OpenOptions extends Attempt {
  readonly target: Target
  readonly world: World
  readonly limits: TransportLimits
  readonly onEstablished: (connection: QuicConnection) => void
}

function openConnection(endpoint: QuicEndpoint, options: OpenOptions): QuicConnection {
  const { server, target, world, limits, config, verify, explain, onEstablished } = options
  const name = server.serverName ?? server.host
  const peer = { host: target.address, port: server.port }
  const scid = world.random.bytes(CONNECTION_ID_BYTES)
  // An address is no server name for TLS (RFC 6066 section 3).
  const native = quiche.Connection.connect(isIP(name) === 0 ? name : undefined, scid, endpoint.local, peer, config)
  const connection = new QuicConnection(native, endpoint, {
    world,
    limits,
    peerAddress: hostPortText(peer),
    trace: traceOf(scid),
    budget: new OutboundBudget(limits, () => []),
    side: "client",
    routingId: routingIdOf(scid),
    verify,
    explain,
    onEstablished,
  })
  endpoint.add(connection)
  connection.wake()
  return connection
}

/** Of several failed attempts the one that got furthest: an answer, however unwelcome, says more than silence. */
function mostTelling(thrown: unknown): unknown {
  if (!(thrown instanceof AggregateError)) return thrown
  const errors: unknown[] = thrown.errors
  return errors.find((error) => !hasCode(error, "E053")) ?? errors[0] ?? new QpqError("E053", "no address")
}
