/** The operator at the command line of a running server. */
import { spawn } from "node:child_process"
import { SERVER_PROGRAM } from "./server-process.ts"

export interface Said {
  readonly status: number | null
  readonly out: string
  readonly errors: string
}

/** `qpq-server` as the operator types it. */
export function qpqServer(dataDir: string, ...argv: readonly string[]): Promise<Said> {
  const child = spawn(process.execPath, [SERVER_PROGRAM, ...argv, "--data-dir", dataDir])
  let [out, errors] = ["", ""]
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()))
  return new Promise((resolve) => {
    child.once("close", (status) => {
      resolve({ status, out, errors })
    })
  })
}
