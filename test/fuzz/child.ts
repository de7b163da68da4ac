/** One process that decodes: what it is at stands in a file, so that whoever watches knows it even when it hangs or dies. */
import { openSync, writeSync } from "node:fs"
import { hex, unhex } from "../../core/domain/bytes.ts"
import { damagedInput } from "./mutate.ts"
import { usePinnedDice } from "./pinned-dice.ts"
import type { Found, FromChild, Job, Result, ToChild } from "./jobs.ts"
import { targetsOf } from "./rooms.ts"
import { answerOf, HANG_MS_MAX, RSS_BYTES_MAX } from "./target.ts"
import type { Answer, Target } from "./target.ts"

const FAILURES_MAX = 5
/** Also after each input that took longer. */
const LOOK_EVERY = 64
const LOOK_AFTER_MS = 5
/** So that what a decoder left to be done later is done, and counted as its own. */
const TURN_EVERY = 256
const DETAIL_CHARACTERS_MAX = 1200

usePinnedDice()
const progress = openSync(process.argv[2] ?? "", "w")
const rooms = new Map<string, Promise<readonly Target[]>>()
const strays: string[] = []
process.on("unhandledRejection", (reason) => void strays.push(String(reason instanceof Error ? reason.stack : reason)))
process.on("uncaughtException", (thrown) => void strays.push(thrown.stack ?? thrown.message))

const tell = (message: FromChild): void => void process.send?.(message)

process.on("message", (asked: ToChild) => {
  serve(asked).catch((thrown: unknown) => {
    tell({ kind: "failed", why: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) })
  })
})
process.once("disconnect", () => process.exit(0))

async function serve(asked: ToChild): Promise<void> {
  mark(-1)
  if (asked.kind === "list") {
    const targets = await made(asked.room)
    tell({ kind: "targets", targets: targets.map(({ name, share = 1 }) => ({ room: asked.room, name, share })) })
    return
  }
  const target = await wanted(asked.room, asked.target)
  if (asked.kind === "show") tell({ kind: "shown", hex: hex(damagedInput(target, asked.seed, asked.index)) })
  else if (asked.kind === "hex") tell({ kind: "answered", answer: await answerOf(target, unhex(asked.hex)) })
  else tell({ kind: "done", result: await run(target, asked) })
}

function made(room: string): Promise<readonly Target[]> {
  const present = rooms.get(room) ?? targetsOf(room)
  rooms.set(room, present)
  return present
}

async function wanted(room: string, name: string): Promise<Target> {
  const target = (await made(room)).find((one) => one.name === name)
  if (!target) throw new Error(`no target ${name} in ${room}`)
  return target
}

function mark(index: number): void {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, index)
  writeSync(progress, bytes, 0, bytes.length, 0)
}

/** What came of the inputs of one job so far. */
class Tally {
  readonly outcomes: Record<string, number> = {}
  readonly found: Found[] = []
  slowestMs = 0
  slowestAt = 0
  rssBytes = 0

  report(index: number, bytes: Uint8Array, defect: string): void {
    if (this.found.length < FAILURES_MAX)
      this.found.push({ index, hex: hex(bytes), defect: defect.slice(0, DETAIL_CHARACTERS_MAX) })
  }

  took(index: number, ms: number): void {
    if (ms > this.slowestMs) [this.slowestMs, this.slowestAt] = [ms, index]
  }

  result(next: number, isSpent: boolean): Result {
    const { outcomes, found, slowestMs, slowestAt, rssBytes } = this
    return { outcomes, found, slowestMs, slowestAt, rssBytes, next, isSpent }
  }
}

async function run(target: Target, { seed, from, count }: Job): Promise<Result> {
  const tally = new Tally()
  for (let index = from; index < from + count; index++) {
    const bytes = damagedInput(target, seed, index)
    mark(index)
    const ms = await decoded(target, { tally, index, bytes })
    if (index % TURN_EVERY === 0 || index === from + count - 1) await new Promise((resolve) => setImmediate(resolve))
    for (const stray of strays.splice(0)) tally.report(index, bytes, `nobody caught ${stray}; it or one shortly before`)
    if (ms <= LOOK_AFTER_MS && index % LOOK_EVERY !== 0) continue
    tally.rssBytes = Math.max(tally.rssBytes, process.memoryUsage.rss())
    if (!isTooLarge()) continue
    tally.report(index, bytes, `the process has ${process.memoryUsage.rss()} bytes`)
    return tally.result(index + 1, true)
  }
  return tally.result(from + count, false)
}

interface Turn {
  readonly tally: Tally
  readonly index: number
  readonly bytes: Uint8Array
}

/** @returns how long it took, in milliseconds. */
async function decoded(target: Target, { tally, index, bytes }: Turn): Promise<number> {
  const { answer, ms } = await timed(target, bytes)
  tally.outcomes[answer.outcome] = (tally.outcomes[answer.outcome] ?? 0) + 1
  tally.took(index, ms)
  if (answer.defect !== undefined) tally.report(index, bytes, answer.defect)
  // Once may be the computer's doing.
  if (ms > HANG_MS_MAX && (await timed(target, bytes)).ms > HANG_MS_MAX)
    tally.report(index, bytes, `took ${Math.round(ms)} ms, twice`)
  return ms
}

/** The time is that of the clock or of the processor, whichever is less: a busy computer makes nothing slow. */
async function timed(target: Target, bytes: Uint8Array): Promise<{ readonly answer: Answer; readonly ms: number }> {
  const [since, usedBefore] = [performance.now(), process.cpuUsage()]
  const answered = answerOf(target, bytes)
  const answer = answered instanceof Promise ? await answered : answered
  const elapsedMs = performance.now() - since
  if (elapsedMs <= HANG_MS_MAX) return { answer, ms: elapsedMs }
  const { user, system } = process.cpuUsage(usedBefore)
  return { answer, ms: Math.min(elapsedMs, (user + system) / 1000) }
}

/** Even after what is not used any more is gone. */
function isTooLarge(): boolean {
  if (process.memoryUsage.rss() <= RSS_BYTES_MAX) return false
  globalThis.gc?.()
  return process.memoryUsage.rss() > RSS_BYTES_MAX
}
