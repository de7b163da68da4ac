/** From one person's send to the other's timeline: MLS, both stores, a real server over loopback. Run: npm run bench live */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Client } from "../../core/client/client-api.ts"
import { ProfileGate } from "../../core/client/gate.ts"
import { realWorld } from "../../core/domain/world.ts"
import { benchServer } from "./bench-server.ts"

const WARM = 30
const MESSAGES = 300
const GOAL_MS = 15
const CATCH_UP = 1000
const CATCH_UP_GOAL_MS = 3000

const folder = mkdtempSync(join(tmpdir(), "qpq-bench-"))
const server = await benchServer(folder)
const gates = await Promise.all(["alice", "bob"].map((name) => registered(name)))
const [alice, bob] = gates.map((gate) => gate.client)
if (!alice || !bob) throw new Error("nobody")
const stop = new AbortController()
try {
  const { groupId } = await alice.createGroup("bench", "hybrid")
  await alice.invite(groupId, ["bob"])
  await bob.sync(5000)
  await bob.accept(groupId)
  await alice.follow()
  await bob.follow()
  const heard = arrivals(bob)
  const times: number[] = []
  for (let at = 0; at < WARM + MESSAGES; at++) {
    const startedAt = performance.now()
    const id = await alice.send(groupId, `message ${at}`)
    const arrived = (await heard(id)) - startedAt
    if (at >= WARM) times.push(arrived)
  }
  const sorted = times.sort((a, b) => a - b)
  const p50 = sorted[sorted.length >> 1] ?? Number.NaN
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  console.log(`client to client: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (goal p50 <= ${GOAL_MS} ms)`)
  const caughtUp = await catchUp(groupId)
  console.log(`catch up on ${CATCH_UP} messages: ${Math.round(caughtUp)} ms (goal <= ${CATCH_UP_GOAL_MS} ms)`)
  console.log(JSON.stringify({ p50, p99, caughtUp }))
  process.exitCode = p50 <= GOAL_MS && caughtUp <= CATCH_UP_GOAL_MS ? 0 : 1
} finally {
  stop.abort()
  await Promise.all(gates.map((gate) => gate.close()))
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

async function registered(name: string): Promise<ProfileGate> {
  const gate = new ProfileGate({ home: join(folder, name), world: realWorld, unsafeTestingTinyStretching: true })
  await gate.unlock("bench")
  await gate.register({ name, password: "bench", server: server.address })
  return gate
}

/** Resolves with the time at which the row with this id is told. */
function arrivals(client: Client): (id: string) => Promise<number> {
  const seen = new Map<string, number>()
  const waiting = new Map<string, (at: number) => void>()
  void (async () => {
    for await (const event of client.events(stop.signal)) {
      if (event.kind !== "timeline") continue
      const at = performance.now()
      waiting.get(event.row.id)?.(at)
      seen.set(event.row.id, at)
    }
  })()
  return (id) => {
    const at = seen.get(id)
    return at === undefined ? new Promise((resolve) => waiting.set(id, resolve)) : Promise.resolve(at)
  }
}

/** Bob closes his profile, a thousand messages come, he opens it again. */
async function catchUp(groupId: string): Promise<number> {
  const away = gates[1]
  if (!alice || !away) return Number.NaN
  await away.close()
  for (let at = 0; at < CATCH_UP; at++) await alice.send(groupId, `while away ${at}`)
  while ((await alice.queued()) > 0) await realWorld.clock.sleep(20)
  await away.unlock("bench")
  await away.open()
  const startedAt = performance.now()
  await away.client.sync(60_000)
  return performance.now() - startedAt
}
