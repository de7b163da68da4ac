/**
 * Lines on a descriptor, written at once, of which those that cannot be written are left out: neither a full disk nor a
 * reader that went away may stop the server, and pino's own destination waits for room as long as that takes, or throws.
 */
import { writeSync } from "node:fs"

const NEWLINE = 0x0a
/** A pipe that is full for a moment (EAGAIN): all together a tenth of a second. */
const TRIES_MAX = 10
const TRY_EVERY_MS = 10

export interface LogLines {
  write(line: string): void
}

/** What was left out is told of in a line of its own as soon as one can be written again. */
export function logLines(descriptor: number, write: typeof writeSync = writeSync): LogLines {
  let leftOut = 0
  /** The last line broke off. */
  let isTorn = false
  const put = (text: string): void => {
    const bytes = Buffer.from(isTorn ? `\n${text}` : text)
    for (let at = 0; at < bytes.length;) {
      at += patiently(() => write(descriptor, bytes, at))
      isTorn = bytes[at - 1] !== NEWLINE
    }
  }
  return {
    write(line) {
      try {
        if (leftOut > 0)
          put(`${JSON.stringify({ level: "error", time: new Date().toISOString(), leftOut, msg: LOST })}\n`)
        leftOut = 0
        put(line)
      } catch {
        leftOut++
      }
    },
  }
}

const LOST = "so many lines of the log could not be written"

function patiently(write: () => number): number {
  for (let tries = 1; ; tries++) {
    try {
      return write()
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EAGAIN" || tries === TRIES_MAX) throw thrown
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TRY_EVERY_MS)
    }
  }
}
