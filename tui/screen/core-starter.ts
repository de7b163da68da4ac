/** Brings the core up for the first steps. One that ends again and again is given up; asked again, another is started. */
import type { Core, ProfileView } from "../../core/client/client-api.ts"
import { hasCode, QpqError } from "../../core/domain/errors.ts"
import type { Clock } from "../../core/domain/world.ts"
import { fit, safeLine } from "./text-cells.ts"

/** @param onDeath told each time the core's thread ends by an error, with what it said. */
export type StartCore = (onDeath: (lastWords: string) => void) => Promise<Core>

const TRIES_MAX = 3
const START_MS_MAX = 10_000
const LAST_WORDS_CELLS_MAX = 160

export class CoreStarter {
  readonly #start: StartCore
  readonly #clock: Clock
  #core: Promise<Core>
  #lastWords = ""
  #failed = false

  constructor(start: StartCore, clock: Clock) {
    this.#start = start
    this.#clock = clock
    this.#core = this.#started()
  }

  /** Rejects when not even its thread could be made. */
  get core(): Promise<Core> {
    return this.#core
  }

  /**
   * The first question to the core: its answer means that it is up. A thread that ended is replaced by the core's host.
   * @throws E078 when it ended 3 times, or kept still for more than 10 s.
   */
  async profile(): Promise<ProfileView> {
    if (this.#failed) this.#renew()
    const giveUpAt = this.#clock.monotonic() + START_MS_MAX
    for (let tries = 1; ; tries += 1) {
      try {
        return await (await this.#core).profile()
      } catch (cause) {
        // Nothing else than a lost thread is a lost connection here: the profile is on this computer.
        if (cause instanceof QpqError && !hasCode(cause, "E054")) throw cause
        if (!(cause instanceof QpqError)) throw this.#givenUp("it could not be loaded", cause)
        if (tries >= TRIES_MAX) throw this.#givenUp(`it ended ${tries} times`, cause)
        if (this.#clock.monotonic() >= giveUpAt) throw this.#givenUp("it gave no answer", cause)
      }
    }
  }

  #started(): Promise<Core> {
    const core = this.#start((lastWords) => {
      this.#lastWords = lastWords
    })
    // Whoever asks next is told.
    core.catch(() => undefined)
    return core
  }

  #renew(): void {
    this.#failed = false
    this.#lastWords = ""
    this.#core = this.#started()
  }

  #givenUp(what: string, cause: unknown): QpqError {
    this.#failed = true
    this.#core.then((core) => core.close()).catch(() => undefined)
    const said = cause instanceof Error && !(cause instanceof QpqError) ? cause.message : this.#lastWords
    const words = fit(safeLine(said.split("\n", 1)[0] ?? ""), LAST_WORDS_CELLS_MAX, "...").trimEnd()
    return new QpqError("E078", words === "" ? what : `${what}: ${words}`, { cause })
  }
}
