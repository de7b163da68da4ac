/** The face's end of the core's port: calls and events cross it, and a core that hangs or dies is replaced. */
import { expect, test } from "vitest"
import type { ClientEvent, Core } from "../../../core/client/client-api.ts"
import { hostCore } from "../../../core/client/host.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { echoing, FakeCoreThread, silent } from "../../fakes/core-thread.ts"
import { fakeWorld, turn } from "../../fakes/world.ts"
import type { FakeWorld } from "../../fakes/world.ts"

type Answer = ConstructorParameters<typeof FakeCoreThread>[0]

interface Rig {
  readonly core: Core
  readonly threads: FakeCoreThread[]
  readonly world: FakeWorld
  readonly told: ClientEvent[]
  readonly newest: () => FakeCoreThread
  /** Lets `seconds` pass in which the newest thread says each second that it lives. */
  readonly beating: (seconds: number) => Promise<void>
}

/** @param answers how the first thread answers, the second, …; the last one goes for all later ones. */
function rig(...answers: readonly Answer[]): Rig {
  const world = fakeWorld()
  const threads: FakeCoreThread[] = []
  const start = (): FakeCoreThread => {
    const thread = new FakeCoreThread(answers[Math.min(threads.length, answers.length - 1)] ?? echoing)
    threads.push(thread)
    return thread
  }
  const core = hostCore({ start, world })
  const told: ClientEvent[] = []
  const listen = async (): Promise<void> => {
    for await (const event of core.events(new AbortController().signal)) told.push(event)
  }
  void listen()
  const newest = (): FakeCoreThread => threads.at(-1) as FakeCoreThread
  const beating = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      newest().say({ kind: "beat" })
      await world.advance(1000)
    }
  }
  return { core, threads, world, told, newest, beating }
}

const lagged: ClientEvent = { kind: "lagged" }
const caughtUp: ClientEvent = { kind: "caughtUp" }

/** A call that nobody answers, and what became of it. */
function pending(call: Promise<unknown>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: "pending" }
  call.then(
    () => (seen.outcome = "answered"),
    (thrown: unknown) => (seen.outcome = thrown),
  )
  return seen
}

test("a call crosses the port with its arguments, and its answer comes back", async () => {
  const { core } = rig(echoing)
  expect(await core.send("00ff", "hello")).toEqual({ method: "send", args: ["00ff", "hello"] })
})

test("answers find their calls in whatever order they come", async () => {
  const { core, newest } = rig(silent)
  const both = Promise.all([core.ping(), core.queued()])
  await turn()
  newest().say({ kind: "answer", id: 2, value: "second" })
  newest().say({ kind: "answer", id: 1, value: "first" })
  expect(await both).toEqual(["first", "second"])
})

test("a failure keeps its code and its detail", async () => {
  const { core } = rig(({ id }) => ({ kind: "failure", id, error: { code: "E033", detail: "team", trace: [] } }))
  const thrown: unknown = await core.members("00").catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(QpqError)
  expect(thrown).toMatchObject({ code: "E033", detail: "team", message: "no such group: team" })
})

test("events are forwarded in their order", async () => {
  const { newest, told } = rig(echoing)
  newest().say({ kind: "event", event: caughtUp })
  newest().say({ kind: "event", event: { kind: "queue", queued: 2 } })
  await turn()
  expect(told).toEqual([caughtUp, { kind: "queue", queued: 2 }])
})

test("a thread that beats is left alone, however long a call takes", async () => {
  const { core, threads, beating } = rig(silent)
  const call = pending(core.sync(1))
  await beating(60)
  expect([threads.length, call.outcome]).toEqual([1, "pending"])
})

test("a thread that keeps still for more than twelve seconds is ended and replaced; its calls fail with E054", async () => {
  const { core, threads, world } = rig(silent, echoing)
  const call = pending(core.sync(1))
  await world.advance(12_000)
  expect([threads.length, call.outcome]).toEqual([1, "pending"])
  await world.advance(1000)
  expect(call.outcome).toMatchObject({ code: "E054" })
  expect(threads.map(({ terminated }) => terminated)).toEqual([true, false])
  expect(await core.queued()).toMatchObject({ method: "queued" })
})

test("time in which this process itself stood still is not held against the thread", async () => {
  const { threads, world, beating } = rig(echoing)
  await beating(1)
  let stood = false
  const { clock } = world
  const monotonic = clock.monotonic.bind(clock)
  clock.monotonic = () => monotonic() + (stood ? 3_600_000 : 0)
  stood = true
  await world.advance(1000)
  await beating(30)
  expect(threads).toHaveLength(1)
})

test("a new thread is told how to unlock, open and follow, in this order, before any other call", async () => {
  const { core, threads, newest, told } = rig(echoing)
  await core.profile()
  await core.follow()
  await core.open()
  await core.unlock("passphrase")
  threads[0]?.die()
  await core.queued()
  expect(newest().asked).toEqual(["unlock", "open", "follow", "queued"])
  expect(threads).toHaveLength(2)
  expect(told).toEqual([lagged])
})

test("who registered or logged in is open again at a new thread; what was never done is not replayed", async () => {
  const { core, threads, newest } = rig(echoing)
  await core.register({ name: "alice", password: "pw", server: undefined })
  threads[0]?.die()
  await core.queued()
  expect(newest().asked).toEqual(["open", "queued"])
})

test("a thread that dies while it is told is replaced like any other, and the next is told from the start", async () => {
  const { core, threads, newest, told } = rig(echoing, silent, echoing)
  await core.unlock("passphrase")
  await core.open()
  threads[0]?.die()
  await turn()
  expect([newest().asked, told]).toEqual([["unlock"], []])
  newest().die()
  await core.queued()
  expect(newest().asked).toEqual(["unlock", "open", "queued"])
  expect(told).toEqual([lagged])
})

test("what a replaced thread still says is not heard", async () => {
  const { threads, told } = rig(echoing)
  threads[0]?.die()
  threads[0]?.say({ kind: "event", event: caughtUp })
  await turn()
  expect(told).toEqual([lagged])
})

test("after too many deaths it gives up, says so, and every call fails", async () => {
  const { core, threads, newest, told } = rig(silent)
  for (let death = 1; death <= 3; death++) newest().die()
  const call = pending(core.queued())
  await turn()
  newest().die()
  await turn()
  expect(threads).toHaveLength(4)
  expect(call.outcome).toMatchObject({ code: "E054" })
  expect(told.at(-1)).toMatchObject({ kind: "trouble", code: "E099" })
  await expect(core.ping()).rejects.toMatchObject({ code: "E054" })
})

test("deaths far apart do not add up", async () => {
  const { core, threads, newest, beating } = rig(echoing)
  for (let death = 1; death <= 8; death++) {
    await beating(601)
    newest().die()
  }
  expect(threads).toHaveLength(9)
  expect(await core.queued()).toMatchObject({ method: "queued" })
})

test("close ends the thread, the calls that wait, and the watch over it; later calls fail", async () => {
  const { core, threads, world } = rig((call) => (call.method === "close" ? echoing(call) : undefined))
  const call = pending(core.sync(1))
  await core.close()
  await turn()
  expect(call.outcome).toMatchObject({ code: "E054" })
  expect(threads[0]?.terminated).toBe(true)
  threads[0]?.die()
  await world.advance(60_000)
  expect([threads.length, world.clock.pending]).toEqual([1, 0])
  await expect(core.ping()).rejects.toMatchObject({ code: "E054" })
})

test("a core that hangs is closed all the same", async () => {
  const { core, threads, world } = rig(silent)
  const call = pending(core.close())
  await world.advance(14_000)
  expect(call.outcome).toMatchObject({ code: "E054" })
  expect(threads.every(({ terminated }) => terminated)).toBe(true)
})
