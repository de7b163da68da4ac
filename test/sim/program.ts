/** The simulator as a program of its own: it shows virtual time as the machine's, and hears what nobody catches. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** @param args as after `npm run sim --`. */
export function runProgram(args: readonly string[]): Promise<Ended> {
  const program = join(packageRoot(), "test", "sim", "run.ts")
  const child = spawn(process.execPath, ["--import", "tsx", program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  const parts: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => parts.push(part.toString()))
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code, output: parts.join("") })
    })
  })
}
