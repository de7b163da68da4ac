/** A parent that replaces the server's process when it dies or falls silent: the QUIC library has known endless loops. */
import type { ChildProcess } from "node:child_process"
import type { Clock } from "../../core/domain/world.ts"
import type { HostPort } from "../config-values.ts"
import type { ServerLog } from "./log.ts"

export const BEAT_MS = 1000
/** Then it is replaced. */
const SILENCE_MS_MAX = 5000
/** A large database is looked at, or migrated, before the server is ready. */
const START_MS_MAX = 600_000
const LOOK_MS = 500
/** A look that comes so late was kept from coming: the child may have been, too. */
const LATE_MS = 2 * LOOK_MS
/** Who ends again and again is started ever later. */
const PAUSE_MS_MAX = 10_000
const PAUSE_MS_MIN = 250
/** Who has run so long begins anew. */
const WELL_MS = 60_000
const SIGNALLED = 128

/** From the child. */
export type ChildMessage =
  { readonly kind: "beat" } | { readonly kind: "ready"; readonly listen: HostPort; readonly health: HostPort }

/** Where it listened before, with the ports that the system chose; undefined at the first start. */
export type Before = Omit<Extract<ChildMessage, { readonly kind: "ready" }>, "kind"> | undefined

export interface SupervisorRooms {
  readonly start: (before: Before) => ChildProcess
  readonly clock: Clock
  readonly log: ServerLog
  /** Numbers of signals by name. */
  readonly signals: Readonly<Record<string, number>>
}

export class Supervisor {
  readonly #rooms: SupervisorRooms
  #child: ChildProcess | undefined
  #before: Before
  #isEnding = false
  /** Ends in a row, each soon after its start. */
  #ends = 0

  constructor(rooms: SupervisorRooms) {
    this.#rooms = rooms
  }

  /** @returns the exit status: of a server that was told to end, or could not start. */
  async run(): Promise<number> {
    const { clock, log } = this.#rooms
    for (;;) {
      const startedAt = clock.monotonic()
      const { status, wasReady } = await this.#life()
      if (this.#isEnding || status === 0 || !wasReady) return status
      if (clock.monotonic() - startedAt > WELL_MS) this.#ends = 0
      log.error({ status, ends: this.#ends + 1 }, "the server's process ended: another one is started")
      if (this.#ends > 0) await clock.sleep(Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** this.#ends))
      this.#ends++
      if (this.#wasToldToEnd()) return status
    }
  }

  /** Hands a signal on. SIGINT and SIGTERM end the server, others are for it alone. */
  signal(name: NodeJS.Signals): void {
    if (name === "SIGINT" || name === "SIGTERM") this.#isEnding = true
    this.#child?.kill(name)
  }

  #wasToldToEnd(): boolean {
    return this.#isEnding
  }

  async #life(): Promise<{ readonly status: number; readonly wasReady: boolean }> {
    const { start, clock, log, signals } = this.#rooms
    const child = start(this.#before)
    this.#child = child
    let wasReady = false
    let heardAt = clock.monotonic()
    let lookedAt = heardAt
    child.on("message", (message: ChildMessage) => {
      heardAt = clock.monotonic()
      if (message.kind !== "ready") return
      wasReady = true
      this.#before = { listen: message.listen, health: message.health }
    })
    const look = (): void => {
      const now = clock.monotonic()
      // This process was kept from running, perhaps with the whole computer.
      if (now - lookedAt > LOOK_MS + LATE_MS) heardAt = now
      lookedAt = now
      if (now - heardAt > (wasReady ? SILENCE_MS_MAX : START_MS_MAX)) {
        log.error({ silentMs: Math.round(now - heardAt) }, "the server's process is silent: it is replaced")
        child.kill("SIGKILL")
      }
    }
    let cancel = (): void => undefined
    const again = (): void => {
      cancel = clock.after(LOOK_MS, () => {
        look()
        again()
      })
    }
    again()
    const status = await new Promise<number>((resolve) => {
      child.once("exit", (code, signal) => {
        resolve(code ?? SIGNALLED + (signals[signal ?? ""] ?? 0))
      })
    })
    cancel()
    this.#child = undefined
    return { status, wasReady }
  }
}
