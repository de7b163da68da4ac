/** Who has a process id now: a recorded one may have passed to another program, which must be left alone. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { platform } from "node:os"

/** server: the qpq-server of the data folder asked about; nobody: no such process. */
export type PidHolder = "server" | "another" | "nobody"

/** @param dataDir as the server was given it. The command line tells: one data folder has one server. */
export function pidHolder(pid: number, dataDir: string): PidHolder {
  const line = commandLine(pid)
  if (line === "") return "nobody"
  const isServer = /[\\/]server[\\/]main\.[jt]s /.test(line) && line.includes(` --data-dir ${dataDir} --listen `)
  return isServer ? "server" : "another"
}

/** Empty when there is no such process, or it is over and only not yet reaped. */
function commandLine(pid: number): string {
  try {
    if (platform() === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" })
  } catch {
    return ""
  }
}
