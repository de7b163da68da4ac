/**
 * The HTTP door for operators beside the QUIC server: a status page, /healthz, /readyz, /metrics. No secrets, no writing.
 * Whether it is well it tells everybody who comes; why not, and its numbers, only whom `mayRead` lets in.
 */
import { fastify } from "fastify"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { AddressInfo } from "node:net"
import { QpqError, toQpqError } from "../../core/domain/errors.ts"
import { WIRE_VERSION } from "../../core/domain/versions.ts"
import type { World } from "../../core/domain/world.ts"
import type { HostPort } from "../config-values.ts"
import type { NodeStore } from "../store/node-store.ts"
import type { Metrics } from "./metrics.ts"
import { mayRead } from "./sidecar-access.ts"
import { STATUS_HEADERS, statusFile, statusPage } from "./status-page.ts"
import type { StatusFile } from "./status-page.ts"

const ANSWER_MS_MAX = 2000
/** A setting that need not exist: reading it shows that the store answers. */
const ANY_SETTING = "health"
const UNAVAILABLE = 503
const UNAUTHORIZED = 401
const FORBIDDEN = 403
const NOT_FOUND = 404
/** No route has a schema; their compilers, half of fastify, are not loaded. */
const noSchema = (): never => {
  throw new QpqError("E099", "a route with a schema")
}
const WITHOUT_SCHEMAS = { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } }

export interface SidecarRooms {
  /** The program's version, as health says it to clients. */
  readonly version: string
  readonly world: World
  readonly store: NodeStore
  readonly metrics: Metrics
  /** Why the QUIC server does not serve; undefined while it does. */
  readonly trouble: () => string | undefined
  readonly isDraining: () => boolean
  /** Why a new connection would not trust the certificate; undefined while it would. */
  readonly untrusted: () => string | undefined
  /** What opens the numbers to those who are not on this computer. Secret. */
  readonly token?: Uint8Array
}

export interface Sidecar {
  readonly address: HostPort
  close(): Promise<void>
}

/** @throws E071 when the address cannot be bound. */
export async function startSidecar(at: HostPort, rooms: SidecarRooms): Promise<Sidecar> {
  const { store, world, metrics } = rooms
  const http = fastify({ logger: false, forceCloseConnections: true, schemaController: WITHOUT_SCHEMAS })
  const isKnown = ({ ip, headers }: FastifyRequest): boolean => mayRead({ address: ip, headers }, rooms.token)
  const versions = { version: rooms.version, wireVersion: WIRE_VERSION }
  const answered = (request: FastifyRequest, reply: FastifyReply, reason: string | undefined): FastifyReply => {
    const more = isKnown(request) ? { reason, ...versions } : {}
    if (reason === undefined) return reply.send({ status: "ok", ...more })
    return reply.code(UNAVAILABLE).send({ status: "unavailable", ...more })
  }
  const onlyKnown = {
    onRequest: async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      if (isKnown(request)) return
      if (rooms.token) reply.code(UNAUTHORIZED).header("www-authenticate", 'Basic realm="qpq-server", charset="UTF-8"')
      else reply.code(FORBIDDEN)
      await reply.send({ error: "from this computer, or with the token of health-token-file" })
    },
  }

  http.get("/healthz", async (request, reply) => {
    const reason = rooms.trouble() ?? (await failureOf(world, store.setting(ANY_SETTING)))
    return answered(request, reply, reason)
  })
  http.get("/readyz", async (request, reply) => {
    const known = (rooms.isDraining() ? "draining" : undefined) ?? rooms.trouble() ?? rooms.untrusted()
    return answered(request, reply, known ?? (await failureOf(world, store.probe(world.clock.now()))))
  })
  http.get("/", onlyKnown, async (_request, reply) => reply.redirect("status"))
  const give = (reply: FastifyReply, file: StatusFile | undefined): FastifyReply =>
    file
      ? reply.headers(STATUS_HEADERS).type(file.type).send(file.bytes)
      : reply.code(NOT_FOUND).send({ error: "no such page" })
  http.get("/status", onlyKnown, async (_request, reply) => give(reply, statusPage()))
  http.get("/status/", onlyKnown, async (_request, reply) => reply.redirect("../status"))
  http.get<{ Params: { name: string } }>("/status/:name", onlyKnown, async ({ params }, reply) =>
    give(reply, statusFile(params.name)),
  )
  http.get("/metrics", onlyKnown, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.exposition()),
  )

  try {
    await http.listen({ host: at.host, port: at.port })
  } catch (cause) {
    throw new QpqError("E071", `health ${at.host}:${at.port} cannot be bound`, { cause })
  }
  const { address, port } = http.server.address() as AddressInfo
  return { address: { host: address, port }, close: () => http.close() }
}

/** Why the store does not answer well and soon; undefined when it does. */
async function failureOf(world: World, answer: Promise<unknown>): Promise<string | undefined> {
  let stop: () => void = () => undefined
  const late = new Promise<string>((resolve) => {
    stop = world.clock.after(ANSWER_MS_MAX, () => {
      resolve("the store does not answer in time")
    })
  })
  const outcome = answer.then(
    () => undefined,
    (thrown: unknown) => `store: ${toQpqError(thrown).message}`,
  )
  try {
    return await Promise.race([outcome, late])
  } finally {
    stop()
  }
}
