/** What the person chooses and begins, given to the core to keep. */
import type { Core, GroupView } from "../../core/client/client-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { ScreenStore } from "./screen-store.ts"

export class ChoiceErrands {
  readonly #core: Core
  readonly #store: ScreenStore

  constructor(core: Core, store: ScreenStore) {
    this.#core = core
    this.#store = store
  }

  remember(name: string, value: string): void {
    this.#start(() => this.#core.remember(name, value))
  }

  setNotify(groupId: string, notify: GroupView["notify"]): void {
    this.#start(() => this.#core.setNotify(groupId, notify))
  }

  saveDraft(groupId: string, text: string): void {
    this.#start(() => this.#core.saveDraft(groupId, text))
  }

  #start(job: () => Promise<void>): void {
    job().catch((thrown: unknown) => {
      const { code, message } = toQpqError(thrown)
      this.#store.apply({ kind: "trouble", code, message })
    })
  }
}
