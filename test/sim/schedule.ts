/** Virtual time: what is due runs at its time, one thing after the other, ties in the order that the seed gives. */
import type { Clock } from "../../core/domain/world.ts"
import { turn } from "../fakes/world.ts"
import type { Dice } from "./dice.ts"

/** Where virtual time begins, milliseconds since the Unix epoch. */
export const BEGINNING = 1_800_000_000_000
/** A program that asks this often without letting time pass will not stop. */
const TURNS_MAX = 20_000

interface Job {
  readonly at: number
  readonly tie: number
  readonly order: number
  run: (() => void) | undefined
}

export class Schedule {
  /** How much goes on that no job of this schedule stands for. */
  busy: () => number = () => 0
  readonly #dice: Dice
  readonly #heap: Job[] = []
  #elapsed: number
  #order = 0

  constructor(dice: Dice, elapsed = 0) {
    this.#dice = dice
    this.#elapsed = elapsed
  }

  /** Virtual milliseconds since the beginning. */
  get elapsed(): number {
    return this.#elapsed
  }

  /** @returns what cancels it. */
  after(ms: number, run: () => void): () => void {
    const at = this.#elapsed + Math.max(0, Math.ceil(ms))
    const job: Job = { at, tie: this.#dice.next(), order: this.#order++, run }
    this.#push(job)
    return () => {
      job.run = undefined
    }
  }

  /** Lets virtual time pass. Between two jobs everything that can run has run. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await this.#rest()
    for (let job = this.#due(end); job; job = this.#due(end)) {
      this.#elapsed = Math.max(this.#elapsed, job.at)
      if (!job.run) continue
      job.run()
      await this.#rest()
    }
    this.#elapsed = end
  }

  /** The clock of somebody who may die: then nothing rings any more. */
  clock(isAlive: () => boolean = () => true): Clock {
    const after = (ms: number, job: () => void): (() => void) =>
      this.after(ms, () => {
        if (isAlive()) job()
      })
    return {
      now: () => BEGINNING + this.#elapsed,
      monotonic: () => this.#elapsed,
      after,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          const abort = (): void => {
            cancel()
            reject(signal?.reason as Error)
          }
          const cancel = after(ms, () => {
            signal?.removeEventListener("abort", abort)
            resolve()
          })
          if (signal?.aborted === true) abort()
          else signal?.addEventListener("abort", abort, { once: true })
        }),
    }
  }

  /** Until nobody can go on without time passing. */
  async #rest(): Promise<void> {
    let turns = 0
    do {
      await turn()
      if (++turns > TURNS_MAX) throw new Error("something goes round in circles and lets no time pass")
    } while (this.busy() > 0)
  }

  #push(job: Job): void {
    const heap = this.#heap
    let at = heap.push(job) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = heap[up]!
      if (!isBefore(job, parent)) break
      heap[at] = parent
      at = up
    }
    heap[at] = job
  }

  #due(end: number): Job | undefined {
    const heap = this.#heap
    const [first] = heap
    if (!first || first.at > end) return undefined
    const last = heap.pop()!
    if (heap.length > 0) this.#sink(last)
    return first
  }

  /** Puts a job at the top and lets it sink to its place. */
  #sink(job: Job): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const leftJob = heap[left]
      if (!leftJob) break
      const rightJob = heap[left + 1]
      const isRight = rightJob !== undefined && isBefore(rightJob, leftJob)
      const child = isRight ? rightJob : leftJob
      if (!isBefore(child, job)) break
      heap[at] = child
      at = isRight ? left + 1 : left
    }
    heap[at] = job
  }
}

const isBefore = (a: Job, b: Job): boolean =>
  a.at !== b.at ? a.at < b.at : a.tie !== b.tie ? a.tie < b.tie : a.order < b.order
