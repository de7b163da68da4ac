/** What every rough-weather programme shares: flags, dice, a deadline, figures, and an end that leaves nothing behind. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { SeededRandom } from "../fakes/world.ts"

const MINUTE_MS = 60_000

export interface Programme<Flags> {
  readonly flags: Flags
  readonly dice: SeededRandom
  /** Removed in the end. */
  readonly folder: string
  /** Fires when the programme must end. */
  readonly signal: AbortSignal
  readonly say: (text: string) => void
  /** What is printed once more in the end. */
  readonly figure: (name: string, value: string) => void
  /** A promise that was not kept: the programme goes on, and ends with 1. */
  readonly miss: (what: string) => void
  /** Runs in the end, whatever happened; the last one first. */
  readonly onEnd: (cleanup: () => unknown) => void
}

type Values = Readonly<Record<string, number | boolean | string>>

export interface ProgrammeOptions<Flags extends Values> {
  readonly name: string
  /** The flags and their defaults; a default's type is the flag's. Seed 0 takes a new one. */
  readonly flags: Flags
  readonly minutesMax: number | ((flags: Flags) => number)
}

/** Runs `body`, prints the figures and ends the process: 0, or 1 after a miss, a throw or the deadline. */
export async function programme<Flags extends Values & { readonly seed: number }>(
  options: ProgrammeOptions<Flags>,
  body: (run: Programme<Flags>) => Promise<void>,
): Promise<never> {
  const given = flagsOf(options.flags)
  const flags = given.seed > 0 ? given : { ...given, seed: (Date.now() % 1_000_000) + 1 }
  const { name } = options
  const startedAt = performance.now()
  const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1)
  const say = (text: string): void => void process.stdout.write(`${name} ${seconds().padStart(6)} s  ${text}\n`)
  const cleanups: (() => unknown)[] = []
  const figures: (readonly [string, string])[] = []
  const misses: string[] = []
  const over = new AbortController()
  const folder = mkdtempSync(join(tmpdir(), `qpq-${name}-`))
  const stop = (why: string): void => over.abort(new Error(why))
  const { minutesMax } = options
  const minutes = typeof minutesMax === "number" ? minutesMax : minutesMax(flags)
  const late = setTimeout(() => stop("out of time"), minutes * MINUTE_MS)
  process.once("SIGINT", () => stop("interrupted")).once("SIGTERM", () => stop("ended from outside"))
  say(`seed ${flags.seed}; again with: npm run ${name} -- ${asWords(flags)}`)
  const run: Programme<typeof flags> = {
    flags,
    dice: new SeededRandom(flags.seed),
    folder,
    signal: over.signal,
    say,
    figure: (what, value) => void figures.push([what, value]),
    miss(what) {
      misses.push(what)
      say(`MISSED: ${what}`)
    },
    onEnd: (cleanup) => void cleanups.push(cleanup),
  }
  try {
    await Promise.race([body(run), ended(over.signal)])
  } catch (thrown) {
    over.abort(thrown)
    misses.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
  }
  clearTimeout(late)
  over.abort(new Error("done"))
  for (const cleanup of cleanups.reverse())
    await (async () => cleanup())().catch((thrown: unknown) => say(String(thrown)))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const width = Math.max(0, ...figures.map(([what]) => what.length))
  for (const [what, value] of figures) process.stdout.write(`  ${what.padEnd(width)}  ${value}\n`)
  for (const what of misses) process.stdout.write(`  MISSED: ${what}\n`)
  say(misses.length === 0 ? "passed" : "FAILED")
  process.exit(misses.length === 0 ? 0 : 1)
}

const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true })
  })

const asWords = (flags: Values): string =>
  Object.entries(flags)
    .filter(([, value]) => value !== false && value !== "")
    .map(([name, value]) => (value === true ? `--${name}` : `--${name} ${String(value)}`))
    .join(" ")

function flagsOf<Flags extends Values>(defaults: Flags): Flags {
  const asked = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { type: typeof value === "boolean" ? ("boolean" as const) : ("string" as const) },
    ]),
  )
  const { values } = parseArgs({ args: process.argv.slice(2), options: asked })
  const given = Object.entries(values).map(([name, value]) => [name, typed(name, defaults[name], value)])
  return { ...defaults, ...(Object.fromEntries(given) as Partial<Flags>) }
}

function typed(name: string, byDefault: unknown, value: unknown): unknown {
  if (typeof byDefault !== "number") return value
  const number = Number(value)
  if (!Number.isFinite(number) || number < 0) throw new Error(`--${name} is a number`)
  return number
}
