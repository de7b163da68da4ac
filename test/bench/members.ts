/** One more member in a group of a hundred, at the client and at the server, and an outbox that drains. Run: npm run bench members */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { ProfileGate } from "../../core/client/gate.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { migrationsFolder } from "../../core/domain/package-root.ts"
import { realWorld } from "../../core/domain/world.ts"
import { localStore } from "../../server/store/local-store.ts"
import { benchServer } from "./bench-server.ts"
import { commitRequest } from "../fakes/commit-request.ts"
import { house } from "../fakes/house.ts"
import { fresh } from "../fakes/node-device.ts"
import { testRooms } from "../fakes/node-rooms.ts"
import { freshTag, itemTo, resident } from "../fakes/node-stores.ts"

const MEMBERS = 100
const CLIENT_GOAL_MS = 500
const SERVER_GOAL_MS = 30
const ROUNDS = 20
/** A first update of a group of a hundred in the hybrid suite. */
const COMMIT_BYTES = 126_000
const OUTBOX = 1000
const TYPED_EVERY_MS = 50
/** What a person takes for at once. */
const TYPED_GOAL_MS = 50

const missed: string[] = []
await client()
await server()
await outbox()
process.exit(missed.length === 0 ? 0 : 1)

function report(what: string, times: readonly number[], goalMs: number): void {
  const sorted = times.toSorted((a, b) => a - b)
  const p50 = sorted[sorted.length >> 1] ?? Number.NaN
  const worst = sorted.at(-1) ?? Number.NaN
  const verdict = p50 <= goalMs ? "reached" : "MISSED"
  if (p50 > goalMs) missed.push(what)
  console.log(`${what}: median ${p50.toFixed(1)} ms, worst ${worst.toFixed(1)} ms; goal ${goalMs} ms: ${verdict}`)
}

/** Real sessions on a server in memory in the same process: what is measured holds both ends. */
async function client(): Promise<void> {
  const here = await house()
  const alice = await here.join("alice")
  const names = Array.from({ length: MEMBERS - 1 }, (_, at) => `user${at}`)
  const newcomers = Array.from({ length: 5 }, (_, at) => `new${at}`)
  for (const name of [...names, ...newcomers]) await (await here.join(name)).close()
  const { groupId } = await alice.createGroup("all", "hybrid")
  await alice.invite(groupId, names)
  await alice.sync(60_000)
  const times: number[] = []
  for (const name of newcomers) {
    const since = performance.now()
    await alice.invite(groupId, [name])
    times.push(performance.now() - since)
  }
  report(`add one member to ${MEMBERS}, from the wish to the new epoch`, times, CLIENT_GOAL_MS)
  await here.close()
}

/** The server's own part of such a commit: signature, compare-and-swap, one row each, in SQLite on this disk. */
async function server(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "qpq-bench-"))
  const options = { path: join(folder, "node.sqlite"), migrations: migrationsFolder("node"), newGeneration: fresh(8) }
  const store = localStore(options)
  try {
    const { node, identity } = await (await testRooms(store)).join("alice")
    const recipients = []
    while (recipients.length < MEMBERS) recipients.push(itemTo((await resident(store)).deviceKey, { prefix: EMPTY }))
    const times: number[] = []
    const groupTag = freshTag()
    let proof: Uint8Array = EMPTY
    for (let round = 0; round < ROUNDS; round++) {
      const next = fresh(32)
      const change = { groupTag, baseEpoch: BigInt(round), proof, nextVerifier: sha256(next), recipients }
      const request = commitRequest(identity, { ...change, payload: fresh(COMMIT_BYTES) })
      const since = performance.now()
      const { accepted } = await node.commit(request)
      times.push(performance.now() - since)
      if (!accepted) throw new Error("the commit was refused")
      proof = next
    }
    report(`a commit of ${COMMIT_BYTES} bytes for ${MEMBERS} mailboxes, in the server`, times, SERVER_GOAL_MS)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A thousand texts wait; while they go, somebody goes on typing and sending: all in one thread, unlike in the app. */
async function outbox(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "qpq-bench-"))
  const node = await benchServer(folder)
  const gates: ProfileGate[] = []
  for (const name of ["alice", "bob"]) {
    const gate = new ProfileGate({ home: join(folder, name), world: realWorld, unsafeTestingTinyStretching: true })
    await gate.unlock("bench")
    await gate.register({ name, password: "bench", server: node.address })
    gates.push(gate)
  }
  const [alice, bob] = gates.map((gate) => gate.client)
  if (!alice || !bob) throw new Error("nobody")
  try {
    const { groupId } = await alice.createGroup("bench", "hybrid")
    await alice.invite(groupId, ["bob"])
    for (let at = 0; at < OUTBOX; at++) await alice.send(groupId, `queued ${at}`)
    const delay = monitorEventLoopDelay({ resolution: 5 })
    const times: number[] = []
    const since = performance.now()
    await alice.follow()
    delay.enable()
    while ((await alice.queued()) > 0) {
      const typedAt = performance.now()
      await alice.send(groupId, `typed meanwhile ${times.length}`)
      times.push(performance.now() - typedAt)
      await realWorld.clock.sleep(TYPED_EVERY_MS)
    }
    delay.disable()
    const tookMs = performance.now() - since
    report(`send() while ${OUTBOX} texts drain in ${(tookMs / 1000).toFixed(1)} s`, times, TYPED_GOAL_MS)
    const [p99, worst] = [delay.percentile(99) / 1e6, delay.max / 1e6]
    console.log(`event loop of that thread meanwhile: p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`)
  } finally {
    await Promise.all(gates.map((gate) => gate.close()))
    await node.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
