/** The program itself in a pseudo terminal: it comes up, and it gives the terminal back. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { spawn } from "@lydell/node-pty"
import type { IPty } from "@lydell/node-pty"
import { afterEach, describe, expect, it } from "vitest"
import { until } from "../fakes/until.ts"

const LEAVE =
  "\u001b[?2026l\u001b[0m\u001b[23;2t\u001b[?1006l\u001b[?1000l\u001b[?1004l\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l"
const MAIN = "dist/tui/screen/main.js"

interface Program {
  readonly pty: IPty
  readonly written: () => string
  readonly exit: Promise<number>
}

let home = ""

interface Beginning {
  /** Of the terminal. */
  readonly name?: string
  /** What stands in keys.toml. */
  readonly keys?: string
  readonly flags?: readonly string[]
}

function start({ name = "xterm-256color", keys, flags = [] }: Beginning = {}): Program {
  home = mkdtempSync(join(tmpdir(), "qpq-tui-"))
  if (keys !== undefined) writeFileSync(join(home, "keys.toml"), keys)
  // With CI set Ink would keep its frames to itself.
  const outer = { ...process.env }
  delete outer["CI"]
  const pty = spawn(process.execPath, [MAIN, "--home", home, ...flags], {
    name,
    cols: 80,
    rows: 24,
    env: outer,
  })
  let written = ""
  pty.onData((bytes) => (written += bytes))
  const exit = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => {
      resolve(exitCode)
    })
  })
  return { pty, written: () => written, exit }
}

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

describe("qpq-tui", () => {
  it("asks where the server is, and restores the terminal on ctrl+q", async () => {
    const program = start()
    await until("the first question", () => program.written().includes("Start one on this computer"))
    program.pty.write("\u0011")
    expect(await program.exit).toBe(0)
    expect(program.written()).toContain(LEAVE)
  })

  it.each(["SIGTERM", "SIGHUP", "SIGINT"])("restores the terminal on %s", async (signal) => {
    const program = start()
    await until("the first question", () => program.written().includes("Start one on this computer"))
    program.pty.kill(signal)
    await program.exit
    expect(program.written()).toContain(LEAVE)
  })

  it("refuses a terminal that cannot show it, and says what to use", async () => {
    const program = start({ name: "dumb" })
    expect(await program.exit).toBe(2)
    expect(program.written()).toContain("E074")
    expect(program.written()).toContain("Use `qpq` in scripts")
    expect(program.written()).not.toContain("\u001b[?1049h")
  })

  it("says what is wrong with the keys before it takes the screen", async () => {
    const program = start({ keys: 'preset = "vim"\nkeys."group.swich" = ["f5"]\n' })
    expect(await program.exit).toBe(78)
    expect(program.written()).toMatch(/E071 .*keys\.toml\r?\n.*"group\.swich".*nearest first: group\.switch, /)
    expect(program.written()).not.toContain("\u001b[")
    rmSync(home, { recursive: true, force: true })
    const missing = start({ flags: ["--keys", join(tmpdir(), "no-such-keys.toml")] })
    expect(await missing.exit).toBe(66)
    expect(missing.written()).toContain("E072")
  })

  it("obeys the keys of the profile from its first question on", async () => {
    const program = start({ keys: 'keys.quit = ["ctrl+x"]\n' })
    await until("the first question", () => program.written().includes("Start one on this computer"))
    expect(program.written()).toContain("[Quit: ctrl+x]")
    program.pty.write("\u0018")
    expect(await program.exit).toBe(0)
  })
})
