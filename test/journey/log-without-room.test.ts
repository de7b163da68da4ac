/** A log that cannot be written, because the disk is full or nobody reads any more, neither stops nor ends the server. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { existsSync, openSync, closeSync } from "node:fs"
import { once } from "node:events"
import { afterEach, expect, test } from "vitest"
import { dataFolder, SERVER_PROGRAM } from "../fakes/server-process.ts"

const READY = /health (http:\/\/\S+)\n/
const TIMES = 40
const folder = dataFolder()
let child: ChildProcess | undefined

afterEach(() => {
  child?.kill("SIGKILL")
})

/** With every request in the log, on standard error as it is given. */
async function started(stderr: number | "pipe"): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const flags = ["--data-dir", folder.path, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0"]
  const words = [SERVER_PROGRAM, ...flags, "--supervise", "no", "--log-level", "trace"]
  child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", stderr] })
  const [line] = (await once(child.stdout!, "data")) as [Buffer]
  return { child, url: READY.exec(line.toString())?.[1] ?? "" }
}

/** SIGHUP makes it write a line each time. */
async function goesOn(server: ChildProcess, url: string): Promise<void> {
  for (let time = 0; time < TIMES; time++) {
    server.kill("SIGHUP")
    const { status } = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5000) })
    expect(status).toBe(200)
  }
  const ended = once(server, "exit")
  server.kill("SIGTERM")
  expect((await ended)[0]).toBe(0)
}

test.runIf(existsSync("/dev/full"))(
  "a full disk under the log",
  async () => {
    const full = openSync("/dev/full", "w")
    const { child: server, url } = await started(full)
    closeSync(full)
    await goesOn(server, url)
  },
  60_000,
)

test("a reader of the log that went away", async () => {
  const { child: server, url } = await started("pipe")
  server.stderr!.destroy()
  await goesOn(server, url)
}, 60_000)
