/** A small size of each rough-weather programme; docs/TESTING.md names the large ones. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"

/** Five times the promise: this is no place to measure. */
const READY_MS_MAX = "5000"
const ENDS_MS_MAX = 180_000

async function ends(name: string, ...flags: readonly string[]): Promise<{ status: number | null; output: string }> {
  const script = join(packageRoot(), `test/rough/${name}.ts`)
  // SIGTERM in time lets it end its own processes.
  const options = { cwd: packageRoot(), timeout: ENDS_MS_MAX }
  const child = spawn(process.execPath, ["--import", "tsx", script, ...flags], options)
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()))
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve))
  return { status, output }
}

/** One conversation, attacks of a twentieth; what is lost, memory and half-open handshakes count as in the large one. */
const ABUSE = ["--pairs", "1", "--scale", "0.05", "--times", "50"]

const SIZES: readonly (readonly [string, readonly string[]])[] = [
  ["crash", ["--kills", "2", "--pause-ms", "400", "--ready-ms-max", READY_MS_MAX]],
  ["talk-through-kills", ["--people", "4", "--seconds", "6"]],
  ["relay-test", ["--case", "all", "--messages", "5"]],
  ["abuse", [...ABUSE, "--attack", "handshakes,drips,halfFrames", "--seconds", "1"]],
  ["hostile-server", ["--rounds", "16", "--seed", "5"]],
  ["fifty", ["--people", "6", "--committers", "3", "--tiny"]],
]

test.each(SIZES)(
  "a small %s keeps its promises",
  async (name, flags) => {
    const { status, output } = await ends(name, ...flags)
    expect(status, output).toBe(0)
    expect(output).toMatch(/passed\n$/)
  },
  ENDS_MS_MAX + 10_000,
)

test.each([
  ["a flag that is no number", "crash", ["--kills", "many"]],
  ["an attack that does not exist", "abuse", ["--attack", "kindness"]],
  ["a case that does not exist", "relay-test", ["--case", "sunshine"]],
])(
  "%s ends with 1",
  async (_, name, flags) => {
    expect((await ends(name, ...flags)).status).toBe(1)
  },
  60_000,
)
