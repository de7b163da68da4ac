/** Starts an attack in a process of its own, and ends it. */
import { spawn, spawnSync } from "node:child_process"
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

/** Runs a command only while nothing else wants the processor (sched(7), SCHED_IDLE): Linux. */
const IDLY = ["chrt", "--idle", "0"] as const
const hasIdle = spawnSync(IDLY[0], [...IDLY.slice(1), "true"]).status === 0

/**
 * Resolves when it has begun. Its process has the lowest priority: who attacks does so with processors of its own, and is not to
 * take those of the server and of the honest people here.
 */
export async function startAttack({ name, address, scale, seed }: AttackOrder): Promise<RunningAttack> {
  const script = join(packageRoot(), "test/rough/abuse-attack.ts")
  const node = [process.execPath, "--import", "tsx", script, name, address, String(scale), String(seed)]
  const [program = "", ...args] = hasIdle ? [...IDLY, ...node] : node
  const child = spawn(program, args, {
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
