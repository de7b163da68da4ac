/** The built qpq-tui in a real pseudo-terminal, with a terminal emulator that shows what a person would see. */
import { spawn } from "@lydell/node-pty"
import type { IPty } from "@lydell/node-pty"
import xterm from "@xterm/headless"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

const SHOWS_MS_MAX = 20_000
const POLL_MS = 15

const KEYS: Readonly<Record<string, string>> = {
  enter: "\r",
  esc: "\u001b",
  down: "\u001b[B",
  "alt+i": "\u001bi",
  "alt+j": "\u001bj",
  "alt+v": "\u001bv",
  "alt+x": "\u001bx",
  "ctrl+f": "\u0006",
  "ctrl+o": "\u000f",
  "ctrl+q": "\u0011",
  "ctrl+z": "\u001a",
}

/** A shell that changes no mode of the terminal by itself. */
const SHELL = { PS1: "shell$ ", ENV: "" }

export interface AppOptions {
  readonly home: string
  readonly columns?: number
  readonly rows?: number
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Of Node itself, instead of those in the program's first line. */
  readonly nodeFlags?: readonly string[]
  /** An interactive shell comes up instead; it starts the app when `commandLine` is typed. */
  readonly shell?: boolean
}

export class AppTerminal implements AsyncDisposable {
  readonly terminal: InstanceType<typeof xterm.Terminal>
  readonly #pty: IPty
  readonly #ended: Promise<number>
  /** Everything that the app wrote. */
  bytes = ""

  /** Starts the app from a shell. */
  readonly commandLine: string

  constructor(options: AppOptions) {
    const { home, columns = 120, rows = 36, flags = [], env = {}, nodeFlags = [] } = options
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => name !== "CI" && !name.startsWith("QPQ_")),
    )
    const entry = join(packageRoot(), "dist/tui/screen/main.js")
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
    const start = nodeFlags.length > 0 ? [process.execPath, ...nodeFlags, entry] : [entry]
    const app = [...start, "--home", home, ...flags]
    this.commandLine = app.map((word) => `'${word}'`).join(" ")
    const [program = "", ...words] = options.shell === true ? ["sh", "-i"] : app
    this.#pty = spawn(program, words, {
      cols: columns,
      rows,
      env: { ...inherited, ...SHELL, TERM: "xterm-256color", QPQ_UNSAFE_TESTING_STRETCHING: "tiny", ...env },
    })
    this.#pty.onData((bytes) => {
      this.bytes += bytes
      this.terminal.write(bytes)
    })
    this.#ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        resolve(exitCode)
      })
    })
  }

  get pid(): number {
    return this.#pty.pid
  }

  /** The screen as lines of text, without trailing blanks. */
  get lines(): readonly string[] {
    const { active } = this.terminal.buffer
    return Array.from({ length: this.terminal.rows }, (_, y) => active.getLine(y)?.translateToString(true) ?? "")
  }

  /** What of the app's modes the terminal is still in. */
  get leftovers(): readonly string[] {
    const { bracketedPasteMode, wraparoundMode, mouseTrackingMode, synchronizedOutputMode } = this.terminal.modes
    const left = {
      "alternate screen": this.terminal.buffer.active.type !== "normal",
      "bracketed paste": bracketedPasteMode,
      "no autowrap": !wraparoundMode,
      mouse: mouseTrackingMode !== "none",
      "no cursor": this.bytes.lastIndexOf("\u001b[?25l") > this.bytes.lastIndexOf("\u001b[?25h"),
      "synchronised output": synchronizedOutputMode,
    }
    return Object.entries(left).flatMap(([mode, isLeft]) => (isLeft ? [mode] : []))
  }

  /** Waits until all of `texts` stand on the screen. */
  async shows(...texts: readonly (string | RegExp)[]): Promise<void> {
    const missing = (): readonly (string | RegExp)[] => {
      const screen = this.lines.join("\n")
      return texts.filter((text) => (typeof text === "string" ? !screen.includes(text) : !text.test(screen)))
    }
    await this.#until(
      () => missing().length === 0,
      () => `${missing().join(" and ")} on\n${this.lines.join("\n")}`,
    )
  }

  async hides(text: string): Promise<void> {
    await this.#until(
      () => !this.lines.some((line) => line.includes(text)),
      () => `no ${text} on\n${this.lines.join("\n")}`,
    )
  }

  /** Presses a key that the screen names, so that a person would have known it. */
  async press(key: string, label: string | RegExp = key): Promise<void> {
    await this.shows(label)
    this.#pty.write(KEYS[key] ?? key)
  }

  type(text: string): void {
    this.#pty.write(text)
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows)
    this.#pty.resize(columns, rows)
  }

  get ended(): Promise<number> {
    return this.#ended
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pty.kill("SIGKILL")
    await this.#ended
    this.terminal.dispose()
  }

  async #until(condition: () => boolean, what: () => string): Promise<void> {
    const giveUpAt = performance.now() + SHOWS_MS_MAX
    while (!condition()) {
      if (performance.now() > giveUpAt) throw new Error(`in vain: ${what()}`)
      await new Promise((resume) => setTimeout(resume, POLL_MS))
    }
  }
}
