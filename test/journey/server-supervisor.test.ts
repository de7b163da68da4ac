/** A frozen or dead server is replaced while people talk, and they notice only a pause. */
import { readdirSync, readFileSync } from "node:fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team"], flags: ["--supervise", "yes"] })
const { shell } = house
beforeAll(() => house.open())
afterAll(() => house[Symbol.asyncDispose]())

/** Of a process, those that run. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? []
      return Number(parent) === pid && state !== "Z" ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const replaced = async (parent: number, before: number | undefined): Promise<number> => {
  const now = (): number | undefined => childrenOf(parent).find((pid) => pid !== before)
  await until("another process", () => now() !== undefined)
  return now() ?? 0
}

test.each([
  ["frozen", "SIGSTOP", 9000, 1],
  ["dead", "SIGKILL", 4000, 2],
] as const)(
  "a %s server is replaced, and the conversation goes on",
  async (_, signal, withinMs, restarts) => {
    const [child] = childrenOf(house.server.pid)
    const stop = new AbortController()
    const following = shell.qpq("bob", ["recv", "--follow"], { signal: stop.signal })
    await house.server.shows("qpq_long_polls_waiting 1")
    const since = performance.now()
    process.kill(child ?? 0, signal)
    await replaced(house.server.pid, child)
    await expect.poll(async () => (await house.server.get("/readyz")).status, { timeout: 10_000 }).toBe(200)
    expect(performance.now() - since).toBeLessThan(withinMs)
    await house.server.shows(`qpq_restarts_total ${restarts}`)
    const text = `after a ${signal}`
    expect(await shell.qpq("alice", ["send", "team", text, "--timeout", "20"])).toMatchObject({ status: 0 })
    await house.server.shows("qpq_long_polls_waiting 1")
    stop.abort()
    expect((await following).json.map((line) => line["text"])).toContain(text)
    expect(childrenOf(house.server.pid)).toHaveLength(1)
  },
  60_000,
)

test("SIGTERM drains the server and ends both; SIGKILL for the parent ends the server too", async () => {
  const folder = dataFolder()
  for (const [signal, status] of [
    ["SIGTERM", 0],
    ["SIGINT", 0],
    ["SIGKILL", null],
  ] as const) {
    const server = await ServerProcess.start(folder.path, "--supervise", "yes")
    const [child = 0] = childrenOf(server.pid)
    expect(await server.stop(signal)).toMatchObject({ status })
    await until("the server is gone", () => !isThere(child))
  }
  folder.remove()
}, 60_000)

test("a server that cannot start says why, once, with its status", async () => {
  const folder = dataFolder()
  const listen = ["--supervise", "yes", "--listen", "192.0.2.1:7000"]
  const { status, stderr } = await ServerProcess.refused(folder.path, ...listen)
  expect([status, stderr.split("E071").length]).toEqual([78, 2])
  folder.remove()
})
