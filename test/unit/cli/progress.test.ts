/** How far a file is: for a person at a terminal, and never in the way of a program. */
import { expect, test } from "vitest"
import { Out } from "../../../tui/cli/out.ts"
import type { LineSink } from "../../../tui/cli/out.ts"

function told(json: boolean, isTerminal: boolean): readonly string[] {
  const lines: string[] = []
  const sink: LineSink = { write: (line) => void lines.push(line) }
  const stderr = isTerminal ? { ...sink, overwrite: (line: string) => void lines.push(`over ${line}`) } : sink
  const out = new Out(json, sink, stderr)
  out.progress("sending 1.0 MB of 3.0 MB")
  return lines
}

test("it overwrites its line on a terminal, and is not told elsewhere or with --json", () => {
  expect(told(false, true)).toEqual(["over sending 1.0 MB of 3.0 MB"])
  expect([told(false, false), told(true, true)]).toEqual([[], []])
})
