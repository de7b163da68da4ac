/** What the screen asks of the core about what passes. */
import type { PassingClient, Signal } from "../../core/client/passing-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { ScreenStore } from "./screen-store.ts"

export class PassingErrands {
  readonly #core: PassingClient
  readonly #store: ScreenStore

  constructor(core: PassingClient, store: ScreenStore) {
    this.#core = core
    this.#store = store
  }

  setTimer(groupId: string, seconds: number): void {
    this.#start(() => this.#core.setTimer(groupId, seconds))
  }

  setSignal(signal: Signal, on: boolean | undefined, groupId: string | undefined): void {
    this.#start(() => this.#core.setSignal(signal, on, groupId))
  }

  /** Nobody misses it when it fails. */
  typing(groupId: string, active: boolean): void {
    this.#core.typing(groupId, active).catch(() => undefined)
  }

  #start(job: () => Promise<void>): void {
    job().catch((thrown: unknown) => {
      const { code, message } = toQpqError(thrown)
      this.#store.apply({ kind: "trouble", code, message })
    })
  }
}
