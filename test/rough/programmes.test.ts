/** A small size of each rough-weather programme; docs/TESTING.md names the large ones. */
import { expect, test } from "vitest"
import { runProgramme } from "../fakes/run-programme.ts"
import type { ProgrammeEnd } from "../fakes/run-programme.ts"

/** Five times the promise: this is no place to measure. */
const READY_MS_MAX = "5000"
const ENDS_MS_MAX = 180_000

const ends = (name: string, ...flags: readonly string[]): Promise<ProgrammeEnd> =>
  runProgramme(`test/rough/${name}.ts`, flags, ENDS_MS_MAX)

/** One conversation, attacks of a twentieth; what is lost, memory and half-open handshakes count as in the large one. */
const ABUSE = ["--pairs", "1", "--scale", "0.05", "--times", "50"]

const SIZES: readonly (readonly [string, readonly string[]])[] = [
  ["crash", ["--kills", "2", "--pause-ms", "400", "--ready-ms-max", READY_MS_MAX]],
  ["restored", ["--restores", "1", "--lost-ms", "1500"]],
  ["talk-through-kills", ["--people", "4", "--seconds", "6"]],
  ["relay-test", ["--case", "all", "--messages", "5"]],
  ["abuse", [...ABUSE, "--attack", "handshakes,drips,halfFrames,strangersFrames", "--seconds", "1"]],
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
