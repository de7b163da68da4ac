/** npm run dev: a server and an app by one command, somebody else by a second one, and nothing left of either at the end. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
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
const START_MS_MAX = 60_000
const JOIN = /npm run dev -- --join (\S+)/

interface Place {
  readonly shell: AppTerminal
  /** Where temporary folders go. */
  readonly temporary: string
}

function place(name: string): Place {
  const temporary = join(folder.path, name)
  mkdirSync(temporary, { recursive: true })
  // Of its own: neither doors nor settings of this computer's user play a part.
  const env = { TMPDIR: temporary, XDG_RUNTIME_DIR: temporary, npm_config_update_notifier: "false" }
  return { shell: new AppTerminal({ home: join(temporary, "nobody"), shell: true, env }), temporary }
}

/** Ids of the processes whose arguments name something in `temporary`. */
const processesOf = (temporary: string): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => argumentsOf(pid).includes(`${temporary}/`))
    .map(Number)

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    return ""
  }
}

const processNamed = (temporary: string, part: string): number => {
  const found = processesOf(temporary).find((pid) => argumentsOf(String(pid)).includes(part))
  if (found === undefined) throw new Error(`no process of ${part}`)
  return found
}

async function startSession({ shell }: Place): Promise<void> {
  await shell.shows(PROMPT)
  shell.type("npm run --silent dev\r")
  await until("the app", () => shell.bytes.includes("\u001b[?1049h"), START_MS_MAX)
  await shell.shows("No groups yet.", "● online")
}

async function nothingIsLeft({ shell, temporary }: Place): Promise<void> {
  await shell.shows(PROMPT)
  await until("the end of all processes", () => processesOf(temporary).length === 0)
  const left = readdirSync(temporary).filter((name) => name.startsWith("qpq-dev-"))
  expect(left).toEqual([])
  expect(shell.leftovers).toEqual([])
}

describe("npm run dev", () => {
  it("opens the app online, lets somebody in from a second terminal, and ctrl+q ends both without a trace", async () => {
    const first = place("two")
    await using shell = first.shell
    await startSession(first)
    const [invitation = "", session = ""] = JOIN.exec(shell.bytes) ?? []
    expect(readdirSync(session)).toEqual(expect.arrayContaining(["alice", "server"]))

    const second = place("two")
    await using guest = second.shell
    await guest.shows(PROMPT)
    guest.type(`${invitation}\r`)
    await until("the second app", () => guest.bytes.includes("\u001b[?1049h"), START_MS_MAX)
    await guest.shows("No groups yet.", "● online")
    const programs = processesOf(first.temporary).map((pid) => argumentsOf(String(pid)))
    for (const [part, count] of [
      ["dist/server/main.js", 1],
      ["dist/tui/screen/main.js", 2],
    ] as const)
      expect(
        programs.filter((words) => words.includes(part)),
        part,
      ).toHaveLength(count)

    shell.type("\u0011") // ctrl+q
    await nothingIsLeft(first)
    await guest.shows(PROMPT)
    expect(guest.leftovers).toEqual([])
    await shell.shows("The server has ended", invitation)
  }, 120_000)

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "puts everything away on %s",
    async (signal) => {
      const here = place(signal)
      await using shell = here.shell
      await startSession(here)
      process.kill(parentOf(processNamed(here.temporary, "screen/main.js")), signal)
      await nothingIsLeft(here)
      await shell.shows("The server has ended")
    },
    120_000,
  )

  it("puts everything away on ctrl+c while the server still starts", async () => {
    const here = place("early")
    await using shell = here.shell
    await shell.shows(PROMPT)
    shell.type("npm run --silent dev\r")
    await until("its beginning", () => shell.bytes.includes("Starting a server"), START_MS_MAX)
    shell.type("\u0003")
    await shell.shows("The server has ended")
    expect(shell.bytes).not.toContain("\u001b[?1049h")
    await nothingIsLeft(here)
  }, 120_000)

  it("puts everything away when the app is killed, and gives the terminal back", async () => {
    const here = place("crash")
    await using shell = here.shell
    await startSession(here)
    process.kill(processNamed(here.temporary, "screen/main.js"), "SIGKILL")
    await nothingIsLeft(here)
    shell.type("stty -a; echo end of modes\r")
    await shell.shows(/^end of modes$/m)
    expect(shell.lines.join(" ").split(/[\s;]+/)).toEqual(expect.arrayContaining(["icanon", "echo", "isig"]))
  }, 120_000)

  it("sends away who joins what is not open, and who has no terminal", async () => {
    const here = place("nowhere")
    await using shell = here.shell
    await shell.shows(PROMPT)
    shell.type(`npm run --silent dev -- --join ${here.temporary}; echo status $?\r`)
    await until("the refusal", () => shell.bytes.includes("status 1"), START_MS_MAX)
    expect(shell.bytes).toContain("No session of npm run dev is open in")
    shell.type("npm run --silent dev < /dev/null; echo status $?\r")
    await until("the refusal", () => shell.bytes.includes("status 2"), START_MS_MAX)
    expect(readdirSync(here.temporary).filter((name) => name.startsWith("qpq-dev-"))).toEqual([])
  }, 120_000)
})

const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])
