#!/usr/bin/env node
/** `qpq`: hands the process's own streams and signals to the command line. */
import { writeSync } from "node:fs"
import { realWorld } from "../../core/domain/world.ts"
import { packageVersion } from "../../core/domain/package-root.ts"
import type { LineSink } from "./out.ts"
import { runQpq } from "./run.ts"
import { terminalOn } from "./terminal.ts"

/** Whole lines, written at once; a reader that went away ends the program quietly. */
const sink = (descriptor: number) => ({
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(descriptor, bytes, at)
      } catch (thrown) {
        const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined
        if (code === "EAGAIN") continue
        if (code === "EPIPE") process.exit(0)
        throw thrown
      }
    }
  },
})

/** Over the line before, on a terminal alone. */
const overwriting = (stream: NodeJS.WriteStream): Pick<LineSink, "overwrite"> =>
  stream.isTTY ? { overwrite: (line) => void stream.write(`\r\u001b[K${line}`) } : {}

const stop = new AbortController()
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    stop.abort()
  })
}

const status = await runQpq({
  argv: process.argv.slice(2),
  env: process.env,
  execPath: process.execPath,
  terminal: terminalOn({ stdin: process.stdin, stderr: process.stderr }),
  stdout: sink(1),
  stderr: { ...sink(2), ...overwriting(process.stderr) },
  world: realWorld,
  signal: stop.signal,
  version: packageVersion(),
})
process.exit(status)
