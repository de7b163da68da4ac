/** What the programme and its decoding processes say to each other, and a watched process that is replaced when it must be. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"
import type { Answer } from "./target.ts"

export interface Job {
  readonly room: string
  readonly target: string
  readonly seed: number
  /** Number of the first input. */
  readonly from: number
  readonly count: number
}

export interface TargetLine {
  readonly room: string
  readonly name: string
  readonly share: number
}

/** A defect, and what brings it about. */
export interface Found {
  readonly index: number
  readonly hex: string
  readonly defect: string
}

export interface Result {
  readonly outcomes: Readonly<Record<string, number>>
  readonly found: readonly Found[]
  readonly slowestMs: number
  readonly slowestAt: number
  readonly rssBytes: number
  /** The input to go on with. */
  readonly next: number
  /** Too large to go on in. */
  readonly isSpent: boolean
}

export type ToChild =
  | { readonly kind: "list"; readonly room: string }
  | ({ readonly kind: "run" } & Job)
  | {
      readonly kind: "show"
      readonly room: string
      readonly target: string
      readonly seed: number
      readonly index: number
    }
  | { readonly kind: "hex"; readonly room: string; readonly target: string; readonly hex: string }

export type FromChild =
  | { readonly kind: "targets"; readonly targets: readonly TargetLine[] }
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "shown"; readonly hex: string }
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly why: string }

/** How a process ended that should not have. */
export class Ended extends Error {
  /** What it was at; -1: before the first input. */
  readonly index: number
  /** It was ended from outside. */
  readonly isHang: boolean

  constructor(how: string, index: number, isHang: boolean) {
    super(how)
    this.index = index
    this.isHang = isHang
  }
}

const POLL_MS = 100
/** An input that takes so long is not waited for: five times what it may. */
const STILL_MS_MAX = 5000
/** Making all valid inputs of a room. */
const MAKING_MS_MAX = 60_000
/** The heap's own limit: a decoder that fills it ends the process, and is found by that. */
const NODE_FLAGS = ["--import", "tsx", "--expose-gc", "--max-old-space-size=384", "--max-semi-space-size=8"]

/** One decoding process, started when it is first asked. */
export class Worker {
  readonly #progressPath: string
  #child: ChildProcess | undefined
  #stderr = ""

  constructor(folder: string, name: string) {
    this.#progressPath = join(folder, name)
  }

  /** @throws Ended when the process hangs or dies meanwhile; the next question goes to a new one. */
  async ask(asked: ToChild): Promise<FromChild> {
    const child = this.#child ?? this.#start()
    let stop = (): void => undefined
    try {
      return await new Promise<FromChild>((resolve, reject) => {
        const died = (status: number | null, signal: string | null): void =>
          reject(new Ended(`ended with ${signal ?? String(status)}: ${this.#stderr.slice(-600)}`, this.#index(), false))
        const watch = setInterval(
          this.#watch((how) => reject(new Ended(how, this.#index(), true))),
          POLL_MS,
        )
        child.once("message", resolve)
        child.once("exit", died)
        stop = () => {
          clearInterval(watch)
          child.removeListener("message", resolve)
          child.removeListener("exit", died)
        }
        child.send(asked)
      })
    } catch (thrown) {
      this.end()
      throw thrown
    } finally {
      stop()
    }
  }

  end(): void {
    this.#child?.kill("SIGKILL")
    this.#child = undefined
  }

  #start(): ChildProcess {
    const script = join(packageRoot(), "test/fuzz/child.ts")
    // Where the one before stood says nothing of this one.
    writeFileSync(this.#progressPath, "")
    const child = fork(script, [this.#progressPath], {
      execArgv: NODE_FLAGS,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    })
    this.#stderr = ""
    child.stderr?.on("data", (bytes: Buffer) => (this.#stderr += bytes.toString()))
    this.#child = child
    return child
  }

  /** @returns what is to be done at each look. */
  #watch(tooLong: (how: string) => void): () => void {
    let [index, since] = [Number.NaN, performance.now()]
    return () => {
      const now = this.#index()
      if (now !== index) [index, since] = [now, performance.now()]
      const waited = performance.now() - since
      if (waited > (index >= 0 ? STILL_MS_MAX : MAKING_MS_MAX)) tooLong(`hung for ${Math.round(waited)} ms`)
    }
  }

  #index(): number {
    try {
      const bytes = readFileSync(this.#progressPath)
      return bytes.length === 8 ? bytes.readDoubleBE(0) : -1
    } catch {
      return -1
    }
  }
}
