/** Who asks too much is told when to come again; who waits loses nothing, and nobody else notices. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { QpqError } from "../../core/domain/errors.ts"
import { retryAfterMs } from "../../core/domain/retry-hint.ts"
import { startLogin } from "../../core/opaque/login.ts"
import type { NodeWatch } from "../../server/node.ts"
import type { RateLimit } from "../../server/node/rate-limits.ts"
import { realWorld } from "../../core/domain/world.ts"
import { userName } from "../../core/domain/user-name.ts"
import { house } from "../fakes/house.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

describe("a server process", () => {
  const folder = dataFolder()
  let server: ServerProcess
  beforeAll(async () => {
    server = await ServerProcess.start(folder.path, "--rate-limit", "20", "--login-limit", "3", "--ingress-limit", "1")
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder.remove()
  })

  /** What was thrown by those that failed. */
  const refusalsOf = async (calls: readonly Promise<unknown>[]): Promise<readonly QpqError[]> => {
    const ends = await Promise.allSettled(calls)
    return ends.flatMap((end) => (end.status === "rejected" ? [end.reason as QpqError] : []))
  }

  test("answers a burst and refuses the rest, each with the time to come again, and counts them", async () => {
    const { node, connection } = await server.dial()
    const refusals = await refusalsOf(Array.from({ length: 200 }, () => node.ping()))
    expect(refusals.length).toBeGreaterThan(50)
    expect(refusals.length).toBeLessThanOrEqual(120)
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: "E050", retryable: true })
      expect(retryAfterMs(refusal)).toBeLessThanOrEqual(300)
    }
    await server.shows(`qpq_rate_limited_total{limit="address"} ${refusals.length}`)
    await realWorld.clock.sleep(retryAfterMs(refusals[0]!) ?? 0)
    expect(await node.ping()).toBeGreaterThan(0)
    connection.close(0, "done")
  })

  test("refuses a fourth attempt for one name, known or not, in the same words; other names go on", async () => {
    const { node, connection } = await server.dial()
    await realWorld.clock.sleep(1000)
    const { request } = await startLogin("a password")
    const attempt = (name: string): Promise<unknown> => node.loginStart(userName(name), request)
    expect(await refusalsOf([1, 2, 3].map(() => attempt("nobody")))).toEqual([])
    const [refusal] = await refusalsOf([attempt("nobody")])
    expect(refusal).toMatchObject({ code: "E050" })
    // An attempt comes back in 20 s; on a busy machine a part of that has passed.
    expect(retryAfterMs(refusal!)).toBeGreaterThan(10_000)
    expect(retryAfterMs(refusal!)).toBeLessThanOrEqual(20_000)
    expect(await refusalsOf([attempt("somebody")])).toEqual([])
    connection.close(0, "done")
  })

  test("reads one address only so fast, and says for how long it did not", async () => {
    const pacedSeconds = async (): Promise<number> =>
      Number(/^qpq_ingress_paced_seconds_total (\S+)$/mu.exec((await server.get("/metrics")).body)?.[1])
    expect(await pacedSeconds()).toBe(0)
    const { node, connection } = await server.dial()
    const before = performance.now()
    const calls = Array.from({ length: 100 }, () => node.registerStart(userName("somebody"), new Uint8Array(60_000)))
    expect(await refusalsOf(calls)).toHaveLength(100)
    // Four seconds' worth of bytes come at once, the rest at the rate.
    const [restMs, tookMs] = [(1000 * (100 * 60_000 - 4 * 1_048_576)) / 1_048_576, performance.now() - before]
    expect(tookMs).toBeGreaterThan(restMs / 2)
    expect(await pacedSeconds()).toBeGreaterThan(0)
    connection.close(0, "done")
  })
})

test("what is said faster than the server takes comes later, all of it, once and in its order", async () => {
  const refused: RateLimit[] = []
  const watch: NodeWatch = {
    call: () => undefined,
    commit: () => undefined,
    limited: (limit) => refused.push(limit),
    paced: () => undefined,
    payload: () => undefined,
    audit: () => undefined,
    swept: () => undefined,
    failed: () => undefined,
  }
  const rates = { requestsPerSecond: 20, loginsPerMinute: 100, registrationsPerHour: 100, bytesPerSecond: 1e9 }
  const here = await house(realWorld, { rates, watch })
  const [alice, bob] = [await here.settle("alice"), await here.settle("bob")]
  const { groupId } = await alice.session.createGroup("team", "hybrid")
  await alice.session.invite(groupId, ["bob"])
  await bob.sync()
  await bob.session.accept(groupId)
  for (const { session } of [alice, bob]) await session.follow()
  const texts = Array.from({ length: 200 }, (_, at) => `text ${at}`)
  for (const text of texts) await alice.session.send(groupId, text)
  const read = (): readonly string[] =>
    bob.store.timeline({ limit: 1000 }).flatMap((row) => (row.kind === "text" ? [row.body] : []))
  await until("Bob has it all", () => read().length >= texts.length)
  expect(read()).toEqual(texts)
  await until("nothing waits", () => alice.store.outboxCount() === 0)
  expect(refused.length).toBeGreaterThan(0)
  expect([alice.troubles, bob.troubles]).toEqual([[], []])
  await here.close()
}, 60_000)
