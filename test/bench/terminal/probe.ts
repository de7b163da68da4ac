/** A program in a pseudo-terminal with a clock beside it: what it writes for a key, how soon, and what it costs at rest. */
import { spawn } from "@lydell/node-pty"
import type { IPty } from "@lydell/node-pty"
import xterm from "@xterm/headless"
import { readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"

const WAIT_MS_MAX = 60_000
const POLL_MS = 2
/** A key that is not answered by then has no answer. */
const SILENT_MS_MAX = 1000
/** Of /proc: USER_HZ, the same on all Linux machines. */
const TICKS_PER_SECOND = 100

export interface ProbeOptions {
  readonly program: string
  readonly words: readonly string[]
  readonly columns: number
  readonly rows: number
  readonly env?: Readonly<Record<string, string>>
}

export interface Answer {
  /** Until the first byte, in ms. NaN when nothing came. */
  readonly firstMs: number
  /** Until the last byte before it fell silent. */
  readonly lastMs: number
  readonly bytes: number
}

interface Piece {
  readonly at: number
  readonly text: string
}

export class Probe implements AsyncDisposable {
  readonly terminal: InstanceType<typeof xterm.Terminal>
  readonly startedAt = performance.now()
  /** Everything that was written, in the pieces in which it came. */
  readonly pieces: Piece[] = []
  readonly ended: Promise<number>
  readonly #pty: IPty

  constructor({ program, words, columns, rows, env = {} }: ProbeOptions) {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => name !== "CI" && !name.startsWith("QPQ_")),
    )
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
    this.#pty = spawn(program, [...words], {
      ...{ cols: columns, rows },
      env: { ...inherited, TERM: "xterm-256color", ...env },
    })
    this.#pty.onData((text) => {
      this.pieces.push({ at: performance.now(), text })
      this.terminal.write(text)
    })
    this.ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        resolve(exitCode)
      })
    })
  }

  get written(): string {
    return this.pieces.map(({ text }) => text).join("")
  }

  get lines(): readonly string[] {
    const { active } = this.terminal.buffer
    const { cols, rows } = this.terminal
    return Array.from({ length: rows }, (_, y) => active.getLine(y)?.translateToString(true, 0, cols) ?? "")
  }

  write(text: string): void {
    this.#pty.write(text)
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows)
    this.#pty.resize(columns, rows)
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.#pty.pid, name)
  }

  /** @returns after how many ms from the start `text` was written. */
  async wrote(text: string): Promise<number> {
    let all = ""
    let taken = 0
    await waitFor(`"${text}" among what was written`, () => {
      for (; taken < this.pieces.length && !all.includes(text); taken++) all += this.pieces[taken]?.text ?? ""
      return all.includes(text)
    })
    return (this.pieces[taken - 1]?.at ?? Number.NaN) - this.startedAt
  }

  async shows(text: string | RegExp): Promise<void> {
    const isThere = (): boolean => {
      const screen = this.lines.join("\n")
      return typeof text === "string" ? screen.includes(text) : text.test(screen)
    }
    try {
      await waitFor(`${text} on the screen`, isThere)
    } catch (thrown) {
      throw new Error(this.lines.join("\n"), { cause: thrown })
    }
  }

  /** Waits until nothing was written for `ms`. */
  async quiet(ms: number): Promise<void> {
    await waitFor("silence", () => performance.now() - (this.pieces.at(-1)?.at ?? this.startedAt) > ms)
  }

  /** Writes a key and listens from its first byte until it falls silent for `quietMs`. */
  async key(text: string, quietMs: number): Promise<Answer> {
    const from = this.pieces.length
    const pressedAt = performance.now()
    this.write(text)
    while (this.pieces.length === from && performance.now() - pressedAt < SILENT_MS_MAX) await delay(POLL_MS)
    while (performance.now() - (this.pieces.at(-1)?.at ?? pressedAt) < quietMs) await delay(POLL_MS)
    const pieces = this.pieces.slice(from)
    return {
      firstMs: (pieces[0]?.at ?? Number.NaN) - pressedAt,
      lastMs: (pieces.at(-1)?.at ?? Number.NaN) - pressedAt,
      bytes: pieces.reduce((sum, { text: written }) => sum + Buffer.byteLength(written), 0),
    }
  }

  /** Resident memory, MiB. */
  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.#pty.pid}/status`, "utf8")
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  }

  /** Seconds of processor time used so far. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#pty.pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pty.kill("SIGKILL")
    await this.ended
    this.terminal.dispose()
  }
}

async function waitFor(what: string, condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS_MAX
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`in vain: ${what}`)
    await delay(POLL_MS)
  }
}
