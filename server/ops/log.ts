/** The server's log: JSON lines on standard error. Bytes and whatever is named like a secret never get there. */
import { pino } from "pino"
import type { Logger } from "pino"
import { QpqError } from "../../core/domain/errors.ts"
import type { LogLevel } from "../options.ts"
import { logLines } from "./log-lines.ts"

export type ServerLog = Logger

const STDERR = 2
const HIDDEN = "[secret]"
const SECRET_NAME = /token|password|passphrase|secret|seed|private|setup|proof|^key$|keyPem|authorization|cookie/i
const DEPTH_MAX = 4

/** @param to where the lines go; standard error, written at once, unless a test looks on. */
export function serverLog(level: LogLevel, to: { write(line: string): unknown } = logLines(STDERR)): ServerLog {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => shown(fields, 0) as Record<string, unknown>,
    },
  }
  return pino(options, { write: (line) => void to.write(line) })
}

/** A copy fit for the log. */
function shown(value: unknown, depth: number): unknown {
  if (value instanceof Error) return shownError(value, depth)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (typeof value === "bigint") return value.toString()
  if (typeof value !== "object" || value === null) return value
  if (depth >= DEPTH_MAX) return "[deep]"
  if (Array.isArray(value)) return value.map((item) => shown(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, SECRET_NAME.test(name) ? HIDDEN : shown(field, depth + 1)]),
  )
}

/** The stack only of what nobody expected. */
function shownError(error: Error, depth: number): unknown {
  const isExpected = error instanceof QpqError && error.code !== "E099"
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof QpqError && { code: error.code }),
    ...(!isExpected && { stack: error.stack }),
    ...(error.cause !== undefined && depth < DEPTH_MAX && { cause: shown(error.cause, depth + 1) }),
  }
}
