#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --single-threaded-gc
/** qpq-tui: the full-screen chat. Gives the screen its process: terminal, signals, files, and the core in its own thread. */
import { giveBack } from "../small-heap.ts"
import { spawn } from "node:child_process"
import { homedir, tmpdir } from "node:os"
import envPaths from "env-paths"
import { ERRORS, QpqError, toQpqError } from "../../core/domain/errors.ts"
import { packageVersion } from "../../core/domain/package-root.ts"
import { realWorld } from "../../core/domain/world.ts"
import { parseServerAddress } from "../../core/domain/server-address.ts"
import type { LogEntry } from "../../core/client/core-log.ts"
import type { Core } from "../../core/client/client-api.ts"
import { configFile, doorSurroundings, fileSettings, givenPassword, readText, withoutPassword } from "../config.ts"
import type { LocalServer, LocalSurroundings } from "../local-server.ts"
import { editOutside } from "../external-editor.ts"
import type { Written } from "../external-editor.ts"
import { computerName } from "../device-name.ts"
import { downloadsFolder } from "../downloads.ts"
import { chosenReader, keepReader } from "../face-choice.ts"
import type { Answers } from "./first-run-errands.ts"
import { appLog } from "./app-log.ts"
import type { AppLog } from "./app-log.ts"
import { COMMANDS } from "./commands.ts"
import { keysInForce } from "./key-file.ts"
import { openerProgram } from "./link-opening.ts"
import type { Opener } from "./link-opening.ts"
import { looksOf } from "./look.ts"
import { channelOf } from "./notifications.ts"
import { USAGE, screenOptions } from "./options.ts"
import type { ScreenOptions } from "./options.ts"
import { settingRows } from "./settings.ts"
import { startScreen } from "./run.tsx"
import { isAdaptive } from "./themes.ts"
import type { RunningScreen } from "./run.tsx"

const { stdin, stdout, stderr } = process
// Of this program's first line: editors, browsers and servers that are started from here have arenas as they like.
delete process.env["MALLOC_ARENA_MAX"]
/** The core may be busy when the person leaves: what it has acknowledged is safe, so we do not wait longer. */
const CLOSE_MS_MAX = 3000

function main(): void {
  try {
    const options = screenOptions(process.argv.slice(2), process.env)
    if (options.help) stdout.write(USAGE)
    else if (options.stopLocal) stopServer().catch(failed)
    else begin(options).catch(failed)
  } catch (thrown) {
    failed(thrown)
  }
}

const answersBy = (options: ScreenOptions): Answers => ({
  deviceName: computerName(),
  server: options.server,
  user: options.user,
  password: givenPassword(options.passwordFile, options.password),
  local: options.local,
  recovery: options.recovery,
  ca: options.ca === undefined ? undefined : readText(options.ca),
})

async function begin(given: ScreenOptions): Promise<void> {
  if (!stdin.isTTY || !stdout.isTTY || process.env["TERM"] === "dumb") throw new QpqError("E074")
  const home = given.home ?? envPaths("qpq", { suffix: "" }).data
  const options = screenOptions(process.argv.slice(2), process.env, await fileSettings(configFile(home)))
  const log = appLog({ options, home, clock: realWorld.clock })
  log.write(startEntry())
  const keys = await keysInForce(COMMANDS, { home, file: options.keys })
  const chosen = chosenReader(home)
  stdin.setRawMode(true)
  const screen = startScreen({
    startCore: async (onDeath) => {
      const tiny = process.env["QPQ_UNSAFE_TESTING_STRETCHING"] === "tiny"
      const { startCore } = await import("../core-host.ts")
      const sharing = options.share ? doorSurroundings(process.env) : undefined
      const core = await startCore({
        home,
        world: realWorld,
        unsafeTestingTinyStretching: tiny,
        sharing,
        onDeath,
        log: log.write,
      })
      void reviveLocalServer(home, core)
      return core
    },
    startLocalServer: (core) => localServer(home, core),
    stopLocalServer,
    world: realWorld,
    frameClock: realWorld.clock,
    rest: giveBack,
    answers: answersBy(options),
    looks: looksOf(options),
    theme: options.theme,
    themeGiven: options.sources.theme !== undefined,
    asksBackground: options.depth !== "none" && isAdaptive(options.theme),
    channel: channelOf(options.notifications, process.env),
    reader: {
      isOn: options.screenReader ?? chosen ?? false,
      saysSent: options.saySent,
      remember: (isOn) => {
        keepReader(home, isOn)
      },
    },
    keys: keys.map,
    settings: settingRows({ options, home, keys, chosenReader: chosen }),
    log: log.state,
    home,
    opener: linkOpener(),
    folders: { home: homedir(), downloads: downloadsFolder(process.env, homedir()) },
    tty: {
      put: (bytes) => {
        stdout.write(bytes)
      },
      size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    },
    suspend: () => {
      suspend(screen)
    },
    editText,
  })
  attach(screen, log)
}

const startEntry = (): LogEntry => {
  const { version: node, platform, pid } = process
  return { level: "info", event: "start", about: { version: packageVersion(), node, platform, pid } }
}

/** Of its own, so that it outlives this program; it cannot write on the screen. */
function linkOpener(): Opener | undefined {
  const program = openerProgram(process.platform, process.env)
  return (
    program &&
    ((target) =>
      new Promise((resolve, reject) => {
        const child = spawn(program.command, [...program.arguments, target], {
          ...{ detached: true, stdio: "ignore", shell: false, env: withoutPassword(process.env) },
        })
        child.once("error", reject)
        child.once("spawn", () => {
          child.unref()
          resolve()
        })
      }))
  )
}

/** undefined: the platform's data folder. */
const serverFolder = process.env["QPQ_LOCAL_SERVER_DIR"]

/** The core shakes hands with the server, so that the face needs no network of its own. */
const around = (core: Core): LocalSurroundings => ({
  world: realWorld,
  execPath: process.execPath,
  env: process.env,
  inspect: (address) => core.inspect(address),
})

/** The profile remembers that its server is the one on this computer. */
async function localServer(home: string, core: Core): Promise<{ readonly address: string }> {
  const { startLocalServer, rememberLocalServer } = await import("../local-server.ts")
  const server = await startLocalServer(around(core), serverFolder)
  rememberLocalServer(home)
  return server
}

/** After the computer was started anew, the server is too. The link shows whether that worked. */
async function reviveLocalServer(home: string, core: Core): Promise<void> {
  const { startLocalServer, usesLocalServer } = await import("../local-server.ts")
  if (!usesLocalServer(home)) return
  await startLocalServer(around(core), serverFolder).catch(() => undefined)
}

async function stopLocalServer(): Promise<LocalServer | undefined> {
  const stopping = await import("../local-server.ts")
  const kill = (pid: number, signal: NodeJS.Signals): void => void process.kill(pid, signal)
  return stopping.stopLocalServer({ world: realWorld, kill }, serverFolder)
}

/** From the shell: one line on standard output says what was done. */
async function stopServer(): Promise<void> {
  const server = await stopLocalServer()
  const { host, port } = parseServerAddress(server?.address ?? "qpq://127.0.0.1")
  stdout.write(
    server
      ? `The server on this computer was stopped (process ${server.pid}, ${host}:${port}).\n`
      : "No server runs on this computer.\n",
  )
}

/** Stops the whole job, as the terminal itself would: npx and its shell stop with us, and the shell has its prompt. */
function suspend(screen: RunningScreen): void {
  stdin.setRawMode(false)
  process.kill(0, "SIGTSTP")
  // A job without a shell is not stopped, and nobody continues it. After a stop SIGCONT was heard by then.
  const goOn = (): void => {
    if (!screen.holdsTerminal()) takeBack(screen)
  }
  realWorld.clock.after(0, () => setImmediate(goOn))
}

/** The editor has the terminal, and hears its signals: ctrl+c, and what follows a stop. */
let isEditing = false
/** ctrl+c goes to the editor and to this process at once, which may hear of the editor's end first. */
const LATE_INTERRUPT_MS = 1000
let editedUntil = -Infinity

async function editText(text: string): Promise<Written> {
  isEditing = true
  stdin.setRawMode(false)
  stdin.pause()
  const atExit = (end: () => void): (() => void) => {
    process.once("exit", end)
    return () => process.off("exit", end)
  }
  try {
    return await editOutside(text, { env: process.env, temporary: tmpdir(), atExit })
  } finally {
    isEditing = false
    editedUntil = performance.now()
    takeKeys()
  }
}

function takeKeys(): void {
  stdin.setRawMode(false)
  stdin.setRawMode(true)
  stdin.resume()
  process.kill(process.pid, "SIGWINCH")
}

/** The shell, or whoever was in the foreground, may have changed every mode, and the size. */
function takeBack(screen: RunningScreen): void {
  takeKeys()
  screen.resume()
}

function attach(screen: RunningScreen, log: AppLog): void {
  const giveBack = (): void => {
    screen.restore()
    if (stdin.isTTY) stdin.setRawMode(false)
  }
  stdin.on("data", (chunk: Buffer) => {
    screen.feed(chunk)
  })
  stdin.on("end", screen.leave)
  stdout.on("resize", screen.resized)
  process.on("SIGCONT", () => {
    if (!isEditing) takeBack(screen)
  })
  process.on("SIGINT", () => {
    if (!isEditing && performance.now() - editedUntil > LATE_INTERRUPT_MS) screen.leave()
  })
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, screen.leave)
  process.on("exit", giveBack)
  process.on("uncaughtException", (thrown) => {
    log.failed("crash", thrown)
    giveBack()
    failed(thrown)
  })
  void screen.ended.then(() => {
    log.write({ level: "info", event: "stop", about: {} })
    process.exit()
  })
  void closing(screen)
}

async function closing(screen: RunningScreen): Promise<void> {
  await screen.left
  realWorld.clock.after(CLOSE_MS_MAX, () => process.exit())
}

/** @throws E072 when the file cannot be read. */
function failed(thrown: unknown): void {
  const { code, message } = toQpqError(thrown)
  stderr.write(`qpq-tui: ${code} ${message}\n${code === "E070" ? `\n${USAGE}` : `${ERRORS[code].remedy}\n`}`)
  process.exit(ERRORS[code].exit)
}

main()
