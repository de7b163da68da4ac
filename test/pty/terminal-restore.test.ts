/** The built app under a shell with job control: whatever ends or stops it, the shell gets its terminal back. */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { AppTerminal } from "../fakes/app-terminal.ts"
import { dataFolder } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const folder = dataFolder()
afterAll(() => {
  folder.remove()
})

const PROMPT = /shell\$ *\n*$/
const FIRST_QUESTION = "Where is your server?"

/** A module that makes the program it is loaded into fail when SIGUSR2 comes. */
const failing = (statement: string): readonly string[] => {
  const source = `process.on("SIGUSR2", () => { ${statement} })`
  return ["--import", `data:text/javascript,${encodeURIComponent(source)}`]
}

const shellTerminal = (nodeFlags: readonly string[] = []): AppTerminal =>
  new AppTerminal({ home: join(folder.path, "nobody"), shell: true, nodeFlags })

async function startFrom(shell: AppTerminal, commandLine = shell.commandLine): Promise<void> {
  await shell.shows(PROMPT)
  shell.type(`${commandLine}\r`)
  await shell.shows(FIRST_QUESTION, "[Choose: enter]")
}

/** Process ids and states ("T": stopped) of what the shell started. */
const jobs = (shell: AppTerminal): readonly { readonly pid: number; readonly state: string }[] =>
  execFileSync("ps", ["-o", "pid=,stat=", "--ppid", String(shell.pid)], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, state = ""]) => ({ pid: Number(pid), state }))

const appPid = (shell: AppTerminal): number => jobs(shell)[0]?.pid ?? 0

/** The modes as the shell's own program reads them. */
async function hasItsTerminalBack(shell: AppTerminal): Promise<void> {
  await shell.shows(PROMPT)
  expect(shell.leftovers).toEqual([])
  shell.type("clear; stty -a; echo end of modes\r")
  await shell.shows(/^end of modes$/m, PROMPT)
  const modes = shell.lines.join(" ").split(/[\s;]+/)
  for (const mode of ["icanon", "echo", "isig", "icrnl", "opost"]) expect(modes, mode).toContain(mode)
}

/** The text field of the address takes what is typed: the app reads keys, one by one. */
async function takesKeys(shell: AppTerminal): Promise<void> {
  await shell.press("down", "Join a server by address")
  await shell.press("enter", "[Choose: enter]")
  await shell.shows("Address:")
  shell.type("qpq://typed")
  await shell.shows("Address: qpq://typed")
  await shell.press("ctrl+q", "[Quit: ctrl+q]")
  await hasItsTerminalBack(shell)
}

describe("the end of the app", () => {
  it.each([
    ["an exception", `throw new Error("provoked")`],
    ["a promise that nobody awaits", `Promise.reject(new Error("provoked"))`],
  ])("by %s gives the terminal back, and says what happened", async (_what, statement) => {
    await using shell = shellTerminal(failing(statement))
    await startFrom(shell)
    process.kill(appPid(shell), "SIGUSR2")
    await shell.shows("E099")
    await hasItsTerminalBack(shell)
  })

  it.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("by %s gives the terminal back", async (signal) => {
    await using shell = shellTerminal()
    await startFrom(shell)
    process.kill(appPid(shell), signal)
    await hasItsTerminalBack(shell)
  })

  it("by a terminal that goes away leaves no process behind", async () => {
    const shell = shellTerminal()
    await startFrom(shell)
    const pid = appPid(shell)
    await shell[Symbol.asyncDispose]()
    await until("the end of the app", () => !isRunning(pid))
  })
})

describe("ctrl+z", () => {
  it("stops the app for the shell, and fg brings it back whole, reading keys", async () => {
    await using shell = shellTerminal()
    await startFrom(shell)
    await shell.press("ctrl+z", FIRST_QUESTION)
    await hasItsTerminalBack(shell)
    expect(jobs(shell)[0]?.state).toMatch(/^T/)
    shell.type("echo typed $((6 * 7))\r")
    await shell.shows("typed 42")
    shell.resize(90, 30)
    shell.type("fg\r")
    await shell.shows(FIRST_QUESTION, "It cannot", "[Quit: ctrl+q]")
    expect(shell.leftovers).toContain("alternate screen")
    expect(shell.lines.some((line) => line.startsWith(`${" ".repeat((90 - 76) / 2)}┌─ qpq`))).toBe(true)
    await takesKeys(shell)
  })

  it("stops the programs that started the app too, as npx did", async () => {
    await using shell = shellTerminal()
    await startFrom(shell, `(${shell.commandLine}; echo wrapper ended)`)
    await shell.press("ctrl+z", FIRST_QUESTION)
    await hasItsTerminalBack(shell)
    shell.type("fg\r")
    await shell.shows(FIRST_QUESTION)
    await takesKeys(shell)
    expect(shell.bytes).toContain("wrapper ended")
  })

  it("goes on where there is no shell to go back to", async () => {
    await using app = new AppTerminal({ home: join(folder.path, "nobody") })
    await app.shows(FIRST_QUESTION)
    await app.press("ctrl+z", FIRST_QUESTION)
    await until("the screen is given back", () => app.bytes.includes("\u001b[?1049l"))
    await app.shows(FIRST_QUESTION)
    await app.press("down", "Join a server by address")
    await app.shows("▸ Join a server by address")
  })

  it("takes the terminal again after kill -STOP, though the shell has changed its modes meanwhile", async () => {
    await using shell = shellTerminal()
    await startFrom(shell)
    process.kill(appPid(shell), "SIGSTOP")
    await until("it is stopped", () => /^T/.test(jobs(shell)[0]?.state ?? ""))
    shell.type("stty sane\n")
    shell.type("printf '\\033[?1049l'; clear; echo changed\n")
    await shell.shows(/^changed$/m)
    shell.type("fg\r")
    await shell.shows(FIRST_QUESTION)
    await takesKeys(shell)
  })
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
