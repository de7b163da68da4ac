/** The server on this computer is one: found when it runs, started when it does not, always at the same address. */
import { existsSync, readdirSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import { realWorld } from "../../core/domain/world.ts"
import { startLocalServer } from "../../tui/local-server.ts"
import type { LocalServer } from "../../tui/local-server.ts"
import { dataFolder } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const around = { world: realWorld, execPath: process.execPath, env: { PATH: process.env["PATH"] } }

const folder = dataFolder()
const pids = new Set<number>()

async function start(): Promise<LocalServer> {
  const server = await startLocalServer(around, folder.path)
  pids.add(server.pid)
  return server
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  if (isRunning(pid)) process.kill(pid, signal)
  await until(`process ${pid} is gone`, () => !isRunning(pid))
}

afterEach(async () => {
  for (const pid of pids) await end(pid, "SIGKILL")
  folder.remove()
  expect(existsSync(folder.path)).toBe(false)
})

test("two starts at once end with one server, later ones find it, and after kill -9 it is back at the same address", async () => {
  const [one, other] = await Promise.all([start(), start()])
  expect(other).toEqual(one)
  expect(one.address).toMatch(/^qpq:\/\/127\.0\.0\.1:\d+\?pin=sha256:/)
  expect(await start()).toEqual(one)
  await end(one.pid, "SIGKILL")

  const [back, same] = await Promise.all([start(), start()])
  expect(same).toEqual(back)
  expect(back.address).toBe(one.address)
  expect(back.pid).not.toBe(one.pid)
  expect(readdirSync(folder.path).filter((name) => name.endsWith(".out"))).toEqual([])
})
