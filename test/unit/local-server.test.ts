/** The server on this computer is one: found by its pin, started when it does not run, ended only when it is it. */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ProfileGate } from "../../core/client/gate.ts"
import { packageRoot } from "../../core/domain/package-root.ts"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { realWorld } from "../../core/domain/world.ts"
import { startLocalServer, stopLocalServer } from "../../tui/local-server.ts"
import type { LocalServer } from "../../tui/local-server.ts"
import { dataFolder, SERVER_PROGRAM, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

let folder = dataFolder()
const pids = new Set<number>()
const gate = new ProfileGate({ home: "/nowhere", world: realWorld })
const env = { PATH: process.env["PATH"] }
const around = {
  world: realWorld,
  execPath: process.execPath,
  env,
  server: [SERVER_PROGRAM],
  inspect: (address: string) => gate.inspect(address),
}

async function start(): Promise<LocalServer> {
  const server = await startLocalServer(around, folder.path)
  pids.add(server.pid)
  return server
}

const stop = (): Promise<LocalServer | undefined> =>
  stopLocalServer({ world: realWorld, kill: (pid, signal) => process.kill(pid, signal) }, folder.path)

const record = (server: LocalServer & { readonly isEnding?: boolean }): void => {
  writeFileSync(join(folder.path, "local-server.json"), JSON.stringify(server))
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

/** A process that has nothing to do with us. */
function bystander(): number {
  const { pid } = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { stdio: "ignore" })
  if (pid === undefined) throw new Error("no process")
  pids.add(pid)
  return pid
}

beforeEach(() => {
  folder = dataFolder()
})

afterEach(async () => {
  for (const pid of pids) await end(pid, "SIGKILL")
  pids.clear()
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

test("a server that shows another pin at the recorded address is not used", async () => {
  const other = dataFolder()
  await using impostor = await ServerProcess.start(other.path)
  const own = await start()
  const { port } = impostor.address
  const stranger = own.address.replace(/:\d+\?/, `:${port}?`)
  record({ address: stranger, pid: own.pid })
  await expect(start()).rejects.toMatchObject({ code: "E056" })
  // Nor is it when the recorded process is over, and the port is taken.
  await end(own.pid, "SIGKILL")
  await expect(start()).rejects.toMatchObject({ code: "E056" })
  other.remove()
})

test("a server started by hand on the same folder is used: its pin is the recorded one", async () => {
  const first = await start()
  await end(first.pid, "SIGKILL")
  const { port } = new URL(first.address)
  await using byHand = await ServerProcess.start(folder.path, "--listen", `127.0.0.1:${port}`)
  expect(formatServerAddress(byHand.address)).toBe(first.address)
  expect((await start()).address).toBe(first.address)
})

test("a damaged record is refused, not written over", async () => {
  writeFileSync(join(folder.path, "local-server.json"), "{")
  await expect(start()).rejects.toMatchObject({ code: "E071" })
  await expect(stop()).rejects.toMatchObject({ code: "E071" })
})

test("stop ends it, says so once, and the next start brings it back at its address", async () => {
  expect(await stop()).toBeUndefined()
  const first = await start()
  expect(await stop()).toEqual(first)
  // It is over; until we have heard so, its number stays.
  await until("the end is heard", () => !isRunning(first.pid))
  expect(await stop()).toBeUndefined()
  const again = await start()
  expect(again.address).toBe(first.address)
  // A start while it drains waits for its end instead of using it.
  const [, third] = await Promise.all([stop(), start()])
  expect(third.address).toBe(first.address)
  expect(isRunning(third.pid)).toBe(true)
})

test("a server that was told to end is waited for and not used, though it answers still", async () => {
  const first = await start()
  record({ ...first, isEnding: true })
  const next = start()
  await realWorld.clock.sleep(500)
  expect(isRunning(first.pid)).toBe(true)
  await end(first.pid, "SIGTERM")
  const { address, pid } = await next
  expect(address).toBe(first.address)
  expect(pid).not.toBe(first.pid)
  expect(await start()).toEqual({ address, pid })
})

test("stop leaves a process alone that is not this server, though the record names it", async () => {
  const pid = bystander()
  const { address } = await start()
  record({ address, pid })
  await expect(stop()).rejects.toMatchObject({ code: "E077" })
  expect(isRunning(pid)).toBe(true)
  // A server of another folder is not this one either.
  const other = dataFolder()
  await using elsewhere = await ServerProcess.start(other.path)
  record({ address, pid: elsewhere.pid })
  await expect(stop()).rejects.toMatchObject({ code: "E077" })
  expect(isRunning(elsewhere.pid)).toBe(true)
  other.remove()
})

test("qpq-tui --stop-local says in one line what it did, with or without a server, and needs no terminal", async () => {
  const run = () =>
    spawnSync(process.execPath, ["dist/tui/screen/main.js", "--stop-local"], {
      cwd: packageRoot(),
      encoding: "utf8",
      env: { ...env, QPQ_LOCAL_SERVER_DIR: folder.path },
    })
  const { pid, address } = await start()
  const { port } = new URL(address)
  const line = `The server on this computer was stopped (process ${pid}, 127.0.0.1:${port}).\n`
  expect(run()).toMatchObject({ status: 0, stdout: line, stderr: "" })
  await until("the end of the server", () => !isRunning(pid))
  expect(run()).toMatchObject({ status: 0, stdout: "No server runs on this computer.\n" })
  record({ address, pid: bystander() })
  expect(run()).toMatchObject({ status: 69, stdout: "", stderr: expect.stringContaining("E077") as string })
})
