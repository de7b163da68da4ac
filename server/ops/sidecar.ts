/** The HTTP door for operators beside the QUIC server: a status page, /healthz, /readyz, /metrics. No secrets, no writing. */
import { fastify } from "fastify"
import type { FastifyReply } from "fastify"
import type { AddressInfo } from "node:net"
import { QpqError, toQpqError } from "../../core/domain/errors.ts"
import type { World } from "../../core/domain/world.ts"
import type { HostPort } from "../config-values.ts"
import type { NodeStore } from "../store/node-store.ts"
import { keptCounts } from "./metrics.ts"
import type { Metrics } from "./metrics.ts"
import { statusPage } from "./status-page.ts"

const ANSWER_MS_MAX = 2000
/** A setting that need not exist: reading it shows that the store answers. */
const ANY_SETTING = "health"
const UNAVAILABLE = 503
/** No route has a schema; their compilers, half of fastify, are not loaded. */
const noSchema = (): never => {
  throw new QpqError("E099", "a route with a schema")
}
const WITHOUT_SCHEMAS = { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } }

export interface SidecarRooms {
  readonly world: World
  readonly store: NodeStore
  readonly metrics: Metrics
  readonly software: string
  /** Long polls that wait now. */
  readonly waiting: () => number
  /** Why the QUIC server does not serve; undefined while it does. */
  readonly trouble: () => string | undefined
  readonly isDraining: () => boolean
}

export interface Sidecar {
  readonly address: HostPort
  close(): Promise<void>
}

/** @throws E071 when the address cannot be bound. */
export async function startSidecar(at: HostPort, rooms: SidecarRooms): Promise<Sidecar> {
  const { store, world, metrics } = rooms
  const counts = keptCounts(rooms)
  const http = fastify({ logger: false, forceCloseConnections: true, schemaController: WITHOUT_SCHEMAS })
  const answered = async (reply: FastifyReply, reason: string | undefined): Promise<FastifyReply> =>
    reason === undefined
      ? reply.send({ status: "ok" })
      : reply.code(UNAVAILABLE).send({ status: "unavailable", reason })

  http.get("/healthz", async (_request, reply) => {
    const reason = rooms.trouble() ?? (await failureOf(world, store.setting(ANY_SETTING)))
    return answered(reply, reason)
  })
  http.get("/readyz", async (_request, reply) => {
    const draining = rooms.isDraining() ? "draining" : undefined
    const reason = draining ?? rooms.trouble() ?? (await failureOf(world, store.probe(world.clock.now())))
    return answered(reply, reason)
  })
  http.get("/", async (_request, reply) => {
    const counting = counts()
    const unanswered = await failureOf(world, counting)
    const failure = rooms.trouble() ?? unanswered
    const known = unanswered === undefined ? await counting : undefined
    const state = failure ?? (rooms.isDraining() ? "draining" : "serving")
    const { software } = rooms
    reply.header("content-security-policy", "default-src 'none'").type("text/html; charset=utf-8")
    return reply.send(statusPage({ software, state, waiting: rooms.waiting(), counts: known }))
  })
  http.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.exposition()))

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
