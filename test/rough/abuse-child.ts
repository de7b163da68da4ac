/** Starts an attack in a process of its own, and ends it. */
import { spawn } from "node:child_process"
import { constants, setPriority } from "node:os"
import { join } from "node:path"
import { packageRoot } from "../../core/domain/package-root.ts"

export interface RunningAttack {
  /** Idempotent. @returns what the attacker counted. */
  end(): Promise<string>
}

export interface AttackOrder {
  readonly name: string
  readonly address: string
  /** 1 is its full size. */
  readonly scale: number
  /** The same seed does the same damage. */
  readonly seed: number
}

/**
 * Resolves when it has begun. Its process has the lowest priority: who attacks does so with processors of its own, and is not to
 * take those of the server and of the honest people here.
 */
export async function startAttack({ name, address, scale, seed }: AttackOrder): Promise<RunningAttack> {
  const script = join(packageRoot(), "test/rough/abuse-attack.ts")
  const child = spawn(process.execPath, ["--import", "tsx", script, name, address, String(scale), String(seed)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  })
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  let output = ""
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()))
  const begun = new Promise<void>((resolve) => {
    child.stdout?.on("data", (bytes: Buffer) => {
      output += bytes.toString()
      resolve()
    })
  })
  await Promise.race([begun, closed])
  return {
    async end() {
      child.kill("SIGTERM")
      await closed
      const said = output.split("\n")[1] ?? ""
      const counted = (said === "" ? {} : JSON.parse(said)) as Readonly<Record<string, number>>
      return Object.entries(counted)
        .map(([what, count]) => `${what} ${count}`)
        .join(", ")
    },
  }
}
