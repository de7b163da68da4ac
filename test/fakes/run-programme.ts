/** Runs one of the project's own programmes (`npm run fuzz` and its like) to its end. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

export interface ProgrammeEnd {
  readonly status: number | null
  /** Of stdout and stderr, as it came. */
  readonly output: string
}

/** @param msMax after which it gets SIGTERM, so that it ends its own processes. */
export async function runProgramme(script: string, flags: readonly string[], msMax: number): Promise<ProgrammeEnd> {
  const words = ["--import", "tsx", join(packageRoot(), script), ...flags]
  const child = spawn(process.execPath, words, { cwd: packageRoot(), timeout: msMax })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()))
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve))
  return { status, output }
}
