/** A server and profiles in a temporary folder, for as long as the app of whoever began is open. Nothing of it stays. */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { ProfileGate } from "../core/client/gate.ts"
import { packageRoot } from "../core/domain/package-root.ts"
import { realWorld } from "../core/domain/world.ts"
import { LEAVE_SCREEN } from "../tui/screen/terminal-modes.ts"
import { startServer } from "../tui/server-child.ts"
import type { StartedServer } from "../tui/server-child.ts"

const PEOPLE = ["alice", "bob", "carol", "dave", "erin", "frank"] as const
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const
const RECORD = "session.json"
const PASSWORD = "password"
const POLL_MS = 100
/** The app gives up on its core after three. */
const APP_ENDS_MS_MAX = 5000
/** Their apps end by themselves when the record goes. */
const GUESTS_LEAVE_MS_MAX = 8000

interface Session {
  readonly folder: string
  readonly address: string
  /** Of the process that began it. */
  readonly pid: number
}

/** @returns the exit status: the app's own. */
export async function hostSession(): Promise<number> {
  const stop = stopSignal()
  const folder = mkdtempSync(join(tmpdir(), "qpq-dev-"))
  const invitation = `npm run dev -- --join ${folder}`
  let server: StartedServer | undefined
  // A detached server keeps nobody waiting for it; without this the end would come before its end.
  const awake = setInterval(() => undefined, POLL_MS)
  try {
    console.log("Starting a server and registering alice …")
    server = await startServer(
      { dataDir: join(folder, "server"), listen: "127.0.0.1:0", health: "127.0.0.1:0", detached: true },
      { world: realWorld, execPath: process.execPath, env: process.env, server: [program("server/main.js")] },
    )
    const session: Session = { folder, address: server.address, pid: process.pid }
    writeFileSync(join(folder, PASSWORD), `${randomBytes(16).toString("hex")}\n`, { mode: 0o600 })
    writeFileSync(join(folder, RECORD), JSON.stringify(session))
    console.log(`Server:     ${server.address}\nStatus:     ${server.health}/status`)
    console.log(`Somebody else, in a second terminal:\n  ${invitation}`)
    return await takePart(session, stop)
  } finally {
    rmSync(join(folder, RECORD), { force: true })
    await guestsGone(folder)
    await server?.stop()
    clearInterval(awake)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    console.log(`The server has ended, and ${folder} is gone. While it was there, others came in by:\n  ${invitation}`)
  }
}

/** Ends with the session. @returns the exit status: the app's own. */
export async function joinSession(folder: string): Promise<number> {
  const session = readSession(folder)
  if (!session) {
    console.error(`No session of npm run dev is open in ${folder}.`)
    return 1
  }
  const stop = stopSignal()
  const over = new AbortController()
  void untilOver(session, AbortSignal.any([stop, over.signal])).then(() => {
    over.abort()
  })
  try {
    return await takePart(session, AbortSignal.any([stop, over.signal]))
  } finally {
    over.abort()
  }
}

/** Registers the first of the people who is not there yet, and shows that one the app. */
async function takePart(session: Session, stop: AbortSignal): Promise<number> {
  const name = freeName(session.folder)
  if (name === undefined) {
    console.error(`${PEOPLE.join(", ")} are all there.`)
    return 1
  }
  const home = join(session.folder, name)
  const mark = join(session.folder, `${name}.pid`)
  writeFileSync(mark, String(process.pid))
  try {
    await register(session, name, home)
    if (stop.aborted) return 130
    return await runApp(session, home, stop)
  } finally {
    rmSync(mark, { force: true })
  }
}

/** The folder is the claim: of two who come at once one takes the next name. */
function freeName(folder: string): string | undefined {
  return PEOPLE.find((name) => {
    try {
      mkdirSync(join(folder, name), { mode: 0o700 })
      return true
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false
      throw thrown
    }
  })
}

async function register({ folder, address }: Session, name: string, home: string): Promise<void> {
  const gate = new ProfileGate({ home, world: realWorld, unsafeTestingTinyStretching: hasTinyStretching() })
  try {
    const password = readFileSync(join(folder, PASSWORD), "utf8").trim()
    await gate.unlock(password)
    await gate.register({ name, password, server: address })
  } finally {
    await gate.close()
  }
}

const hasTinyStretching = (): boolean => process.env["QPQ_UNSAFE_TESTING_STRETCHING"] === "tiny"

/** Of the person's own settings nothing reaches it, nor does it reach the server that the person may have on this computer. */
function appEnvironment(folder: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("QPQ_") || name.startsWith("QPQ_UNSAFE_"))
  return { ...Object.fromEntries(own), QPQ_LOCAL_SERVER_DIR: join(folder, "local-server") }
}

async function runApp({ folder }: Session, home: string, stop: AbortSignal): Promise<number> {
  const words = [program("tui/screen/main.js"), "--home", home, "--password-file", join(folder, PASSWORD)]
  const app = spawn(process.execPath, words, { stdio: "inherit", env: appEnvironment(folder) })
  const end = (): void => {
    app.kill("SIGTERM")
    setTimeout(() => app.kill("SIGKILL"), APP_ENDS_MS_MAX).unref()
  }
  stop.addEventListener("abort", end)
  const status = await new Promise<number | null>((resolve, reject) => {
    app.once("error", reject)
    app.once("exit", resolve)
  })
  if (status === null) giveTerminalBack()
  return status ?? 1
}

/** An app that was killed could not do it. */
function giveTerminalBack(): void {
  process.stdout.write(LEAVE_SCREEN)
  spawn("stty", ["sane"], { stdio: "inherit" }).once("error", () => undefined)
}

/** From here on these signals end nothing by themselves: what was begun is put away. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of SIGNALS) {
    process.on(name, () => {
      stop.abort()
    })
  }
  return stop.signal
}

async function untilOver({ folder, pid }: Session, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && existsSync(join(folder, RECORD)) && isRunning(pid)) await delay(POLL_MS)
}

async function guestsGone(folder: string): Promise<void> {
  const giveUpAt = performance.now() + GUESTS_LEAVE_MS_MAX
  const guests = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith(".pid"))
  const isThere = (mark: string): boolean => {
    try {
      return isRunning(Number(readFileSync(join(folder, mark), "utf8")))
    } catch {
      return false
    }
  }
  while (guests().some(isThere) && performance.now() < giveUpAt) await delay(POLL_MS)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM"
  }
}

function readSession(folder: string): Session | undefined {
  const path = join(folder, RECORD)
  if (!existsSync(path)) return undefined
  const session = JSON.parse(readFileSync(path, "utf8")) as Session
  return isRunning(session.pid) ? session : undefined
}

const program = (path: string): string => join(packageRoot(), "dist", path)
