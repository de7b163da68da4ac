/** Arguments and environment of every process that descends from this one, looked at again and again while they run. */
import { readdirSync, readFileSync } from "node:fs"
import type { Place } from "./canary.ts"

const LOOK_MS = 20

export class ProcessWatch {
  readonly #seen = new Map<string, Place>()
  /** Variables that a person set for this process itself. */
  readonly #given = new Map<number, string>()
  readonly #timer: ReturnType<typeof setInterval>

  constructor() {
    this.#timer = setInterval(() => this.look(), LOOK_MS)
  }

  /** The process was started with this variable; that it stands there is the person's doing. */
  given(pid: number, variable: string): void {
    this.#given.set(pid, variable)
    this.look()
  }

  /** Each process once for each command line that it had. */
  get places(): readonly Place[] {
    return [...this.#seen.values()]
  }

  get processes(): number {
    return new Set([...this.#seen.keys()].map((key) => key.split(" ")[0])).size
  }

  end(): void {
    clearInterval(this.#timer)
  }

  look(): void {
    for (const pid of descendantsOf(process.pid)) {
      const [argv, environment] = [readOf(pid, "cmdline"), readOf(pid, "environ")]
      if (argv.length === 0) continue
      const own = this.#given.get(pid)
      const variables = environment.toString("latin1").split("\0")
      const others = variables.filter((variable) => own === undefined || !variable.startsWith(`${own}=`))
      this.#note(pid, "argv", argv)
      this.#note(pid, "environment", Buffer.from(others.join("\0"), "latin1"))
    }
  }

  #note(pid: number, kind: "argv" | "environment", bytes: Buffer): void {
    this.#seen.set(`${pid} ${kind} ${bytes.toString("latin1")}`, { name: `${kind} of process ${pid}`, kind, bytes })
  }
}

function descendantsOf(pid: number): readonly number[] {
  const children = tasksOf(pid).flatMap((task) =>
    readOf(pid, `task/${task}/children`).toString().split(" ").filter(Boolean).map(Number),
  )
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Empty when it is over by now. */
function readOf(pid: number, what: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${what}`)
  } catch {
    return Buffer.alloc(0)
  }
}
