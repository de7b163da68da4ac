/** The network of a simulation: late, lossy, sometimes cut; what a client calls its server through. */
import type { Dial, NodeConnection } from "../../core/client/link.ts"
import type { Auth } from "../../core/contract/caller.ts"
import { within } from "../../core/domain/deadline.ts"
import { QpqError, toQpqError } from "../../core/domain/errors.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { Clock, World } from "../../core/domain/world.ts"
import { copied } from "../../core/store/memory-table.ts"
import type { Service } from "../fakes/between.ts"
import type { Dice } from "./dice.ts"
import type { Life } from "./life.ts"
import { METHODS, OPEN_METHODS } from "./node.ts"
import type { Method, SimulatedNode } from "./node.ts"
import type { Schedule } from "./schedule.ts"

const CALL_MS_MAX = 20_000
const DIAL_MS_MAX = 5000
/** A line is known to be dead after so long at most. */
const SILENCE_MS_MAX = 30_000
/** A copy of a request comes this late at most. */
const COPY_MS_MAX = 60_000

/** Calls that promise to do the same once more. */
const REPEATABLE: readonly Method[] = [
  "enqueueMany",
  "enqueue",
  "commit",
  "fetch",
  "ack",
  "createChannel",
  "downloadBlob",
  "refreshToken",
]

/** How bad the network is, 0 to 1 each. */
export interface Weather {
  readonly loseRequest: number
  readonly loseAnswer: number
  readonly repeat: number
  readonly delayMsMax: number
}

export const FAIR: Weather = { loseRequest: 0, loseAnswer: 0, repeat: 0, delayMsMax: 40 }

/** Whose calls they are. */
export interface Caller {
  readonly name: string
  readonly life: Life
  readonly clock: Clock
  isOffline(): boolean
  /** Stands between the client's calls and the wire. */
  readonly tamper: Tamper
}

export type Ask = (method: Method, args: readonly unknown[]) => Promise<unknown>
/** Passes a call on, changed or not. */
export type Tamper = (ask: Ask) => Ask

export class Wire {
  weather: Weather = FAIR
  readonly counts = { calls: 0, drops: 0, copies: 0 }
  readonly #schedule: Schedule
  readonly #node: SimulatedNode
  readonly #dice: Dice
  readonly #say: (who: string, what: string) => void
  readonly #lines = new Set<Line>()

  constructor(schedule: Schedule, node: SimulatedNode, dice: Dice, say: (who: string, what: string) => void) {
    this.#schedule = schedule
    this.#node = node
    this.#dice = dice
    this.#say = say
  }

  dial(caller: Caller): Dial {
    return async (auth, signal) => {
      caller.life.step()
      const isThere = !caller.isOffline() && this.#node.isUp
      await this.#wait(isThere ? this.#delayMs() * 2 : this.#dice.between(1, DIAL_MS_MAX), caller, signal)
      const isStill = !caller.isOffline() && this.#node.isUp
      if (!isThere || !isStill) throw new QpqError("E053")
      const line = new Line(caller)
      this.#lines.add(line)
      caller.life.onDeath(() => {
        this.#lose(line)
      })
      return this.#connection(line, auth)
    }
  }

  /** Nothing comes through to these people any more; they notice after a while. */
  cut(isCut: (name: string) => boolean): void {
    for (const line of this.#lines) {
      if (isCut(line.caller.name)) this.#loseAfter(this.#dice.between(1, SILENCE_MS_MAX), line)
    }
  }

  /** The lines of a process that is gone are dead. */
  serverGone(): void {
    for (const line of this.#lines) {
      line.isServed = false
      this.#loseAfter(this.#dice.between(0, SILENCE_MS_MAX), line)
    }
  }

  /** What was held up on its way to and from these people goes on. */
  reconnect(name: string): void {
    for (const line of this.#lines) {
      if (line.caller.name !== name) continue
      for (const go of line.held.splice(0)) this.#carry(this.#delayMs(), line, go)
    }
  }

  #loseAfter(ms: number, line: Line): void {
    this.#schedule.after(ms, () => {
      this.#lose(line)
    })
  }

  #lose(line: Line): void {
    if (!this.#lines.delete(line)) return
    line.lose("E054")
  }

  #delayMs(): number {
    return this.#dice.skewed(1, this.weather.delayMsMax)
  }

  async #wait(ms: number, { clock }: Caller, signal: AbortSignal): Promise<void> {
    await clock.sleep(ms, signal)
  }

  #connection(line: Line, auth: () => Auth | undefined): NodeConnection {
    const { caller } = line
    const world = { clock: caller.clock } as World
    const ask = caller.tamper((method, args) => this.#call(line, auth, { method, args }))
    const service = Object.fromEntries(
      METHODS.map((method) => [
        method,
        (...args: readonly unknown[]) => {
          const answer = ask(method, args)
          return method === "fetchWait" ? answer : within(world, CALL_MS_MAX, answer)
        },
      ]),
    ) as unknown as Service
    return {
      service,
      serverPin: new Uint8Array(32),
      closed: line.closed,
      close: () => {
        this.#lose(line)
      },
    }
  }

  async #call(line: Line, auth: () => Auth | undefined, { method, args }: Asked): Promise<unknown> {
    const { life, name } = line.caller
    life.step()
    if (!line.isOpen) throw new QpqError("E054")
    this.counts.calls++
    const call = { method, auth: OPEN_METHODS.includes(method) ? undefined : auth() }
    const sent = args.filter((arg) => !(arg instanceof AbortSignal))
    const fate = this.#fate(method)
    if (fate !== "kept") this.counts.drops++
    const stop = new AbortController()
    const cancelled = args.find((arg) => arg instanceof AbortSignal)
    line.stops.add(stop)
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        stop.abort()
      }
      cancelled?.addEventListener("abort", cancel, { once: true })
      const settle = (code: string, give: () => void): void => {
        line.stops.delete(stop)
        this.#carry(this.#delayMs(), line, () => {
          cancelled?.removeEventListener("abort", cancel)
          if (fate === "answer lost") this.#lose(line)
          if (!line.isOpen || !life.tick()) return
          line.waiting.delete(reject)
          this.#say(name, `${method} ${code}`)
          give()
        })
      }
      line.waiting.add(reject)
      const copy = copied(sent)
      this.#carry(this.#delayMs(), line, () => {
        if (fate === "request lost") {
          this.#lose(line)
          return
        }
        this.#node.serve({ ...call, args: copy }, stop.signal).then(
          (value) => {
            const given = copied(value)
            settle("ok", () => {
              resolve(given)
            })
          },
          (thrown: unknown) => {
            const error = toQpqError(thrown)
            settle(error.code, () => {
              reject(error)
            })
          },
        )
      })
      if (this.#dice.chance(this.weather.repeat) && REPEATABLE.includes(method)) this.#repeat(call, sent)
    })
  }

  /** A copy of the request that comes when it likes, whatever became of the line. */
  #repeat(call: Omit<Parameters<SimulatedNode["serve"]>[0], "args">, sent: readonly unknown[]): void {
    const args = copied(sent)
    this.counts.copies++
    this.#schedule.after(this.#dice.skewed(1, COPY_MS_MAX), () => {
      this.#node.serve({ ...call, args }, new AbortController().signal).catch(() => undefined)
    })
  }

  #fate(method: Method): "kept" | "request lost" | "answer lost" {
    const { loseRequest, loseAnswer } = this.weather
    // A long poll stands for half a minute of a line's life; the others for a moment.
    const share = method === "fetchWait" ? 0.5 : 1
    if (this.#dice.chance(loseRequest * share)) return "request lost"
    return this.#dice.chance(loseAnswer * share) ? "answer lost" : "kept"
  }

  #carry(ms: number, line: Line, arrive: () => void): void {
    this.#schedule.after(ms, () => {
      if (!line.isOpen || !line.isServed) return
      if (line.caller.isOffline()) line.held.push(arrive)
      else arrive()
    })
  }
}

interface Asked {
  readonly method: Method
  readonly args: readonly unknown[]
}

class Line {
  readonly caller: Caller
  readonly closed: Promise<QpqError>
  readonly waiting = new Set<(error: Error) => void>()
  readonly stops = new Set<AbortController>()
  readonly held: (() => void)[] = []
  /** The process at its other end is there. */
  isServed = true
  isOpen = true
  #close: (error: QpqError) => void = () => undefined

  constructor(caller: Caller) {
    this.caller = caller
    this.closed = new Promise((resolve) => (this.#close = resolve))
  }

  lose(code: ErrorCode): void {
    if (!this.isOpen) return
    this.isOpen = false
    for (const stop of this.stops) stop.abort()
    this.stops.clear()
    this.held.length = 0
    if (!this.caller.life.isAlive) return
    const error = new QpqError(code)
    for (const reject of this.waiting) reject(error)
    this.waiting.clear()
    this.#close(error)
  }
}
