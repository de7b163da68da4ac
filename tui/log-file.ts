/** qpq-tui's log: JSON lines in a file of its owner alone, which starts anew at 1 MiB and keeps one before it. */
import { closeSync, constants, existsSync, fchmodSync, fstatSync, openSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { LOG_LEVELS } from "../core/client/core-log.ts"
import type { LogEntry, LogLevel } from "../core/client/core-log.ts"
import { QpqError } from "../core/domain/errors.ts"
import { cleanLine } from "../core/domain/safe-text.ts"
import type { Clock } from "../core/domain/world.ts"

export const LOG_BYTES_MAX = 1_048_576
const MODE = 0o600
const OTHERS = 0o077
/** Before the profile's folder is made. */
const LINES_HELD_MAX = 200

export interface LogOrder {
  readonly path: string
  /** The least that is written. */
  readonly level: LogLevel
  readonly clock: Clock
}

export interface LogState {
  /** undefined: there is no log. */
  readonly path: string | undefined
  readonly level: LogLevel
  /** Why nothing is written any more. */
  readonly problem: string | undefined
}

/** Never throws: a log that cannot be written ends, and says so when it is asked. */
export class LogFile {
  readonly #order: LogOrder
  #held: string[] = []
  #problem: string | undefined

  constructor(order: LogOrder) {
    this.#order = order
  }

  get state(): LogState {
    const { path, level } = this.#order
    return { path, level, problem: this.#problem }
  }

  /** Tries at once, and not only with the first line. */
  problemNow(): string | undefined {
    try {
      closeSync(openLog(this.#order.path))
      return undefined
    } catch (thrown) {
      return reasonOf(thrown)
    }
  }

  readonly write = (entry: LogEntry): void => {
    const { path, level, clock } = this.#order
    if (this.#problem !== undefined || LOG_LEVELS.indexOf(entry.level) > LOG_LEVELS.indexOf(level)) return
    this.#held.push(logLine(clock.now(), entry))
    if (!existsSync(dirname(path))) {
      this.#held = this.#held.slice(-LINES_HELD_MAX)
      return
    }
    try {
      append(path, this.#held.join(""))
    } catch (thrown) {
      this.#problem = reasonOf(thrown)
    }
    this.#held = []
  }
}

/** One object per line; what a terminal would obey is taken out, whoever wrote it. */
export function logLine(now: number, { level, event, about }: LogEntry): string {
  const clean = (_: string, value: unknown): unknown => (typeof value === "string" ? cleanLine(value) : value)
  return `${JSON.stringify({ time: new Date(now).toISOString(), level, event, ...about }, clean)}\n`
}

function append(path: string, lines: string): void {
  if (sizeAfter(path, lines) >= LOG_BYTES_MAX) renameSync(path, `${path}.1`)
}

function sizeAfter(path: string, lines: string): number {
  const file = openLog(path)
  try {
    writeSync(file, lines)
    return fstatSync(file).size
  } finally {
    closeSync(file)
  }
}

/** Through no link, and into nothing that is not a file: a log must not end up in a device or in somebody's pipe. */
function openLog(path: string): number {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, MODE)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw new QpqError("E072", "it is no file")
    if ((stats.mode & OTHERS) !== 0) fchmodSync(file, MODE)
    return file
  } catch (thrown) {
    closeSync(file)
    throw thrown
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof QpqError) return thrown.detail ?? thrown.code
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "it cannot be written"
}
