/** Finds the user whose name stands in the invite dialog: on enter, and quietly while it is typed. Names are exact. */
import type { Core, UserView } from "../../core/client/client-api.ts"
import { hasCode, toQpqError } from "../../core/domain/errors.ts"
import { problemText } from "./problem-text.ts"
import type { Overlay } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"
import { keyChange } from "./verify.ts"

/** Answers kept while the dialog is open: typing a name again asks nobody, and a first contact stays one. */
const ANSWERS_MAX = 32

type InviteDialog = Extract<Overlay, { readonly kind: "invite" }>

export class UserLookUp {
  readonly #core: Pick<Core, "lookUp">
  readonly #store: ScreenStore
  readonly #answers = new Map<string, Promise<UserView>>()

  constructor(core: Pick<Core, "lookUp">, store: ScreenStore) {
    this.#core = core
    this.#store = store
  }

  /** Enter: whatever comes of it is said in the dialog. */
  ask(name: string): void {
    this.#store.apply({ kind: "dialogBusy" })
    this.#find(name, (thrown) => {
      this.#fail(thrown)
    })
  }

  /** While typing: that nobody has this name is said; that the server cannot be asked is not. */
  suggest(name: string): void {
    const dialog = this.#dialog()
    if (!dialog || nameIn(dialog) !== name || dialog.busy || dialog.found || dialog.problem !== undefined) return
    this.#find(name, (thrown) => {
      if (hasCode(thrown, "E018", "E081", "E082")) this.#fail(thrown)
      else if (hasCode(thrown, "E015")) this.#store.apply({ kind: "userMissing", asked: name })
    })
  }

  /** The dialog is over. */
  forget(): void {
    this.#answers.clear()
  }

  #find(name: string, onFailure: (thrown: unknown) => void): void {
    this.#answer(name).then(
      (user) => {
        this.#store.apply({ kind: "userFound", asked: name, user })
      },
      (thrown: unknown) => {
        this.#answers.delete(name)
        const dialog = this.#dialog()
        if (dialog && nameIn(dialog) === name) onFailure(thrown)
      },
    )
  }

  #answer(name: string): Promise<UserView> {
    const known = this.#answers.get(name)
    if (known) return known
    if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear()
    const answer = this.#core.lookUp(name)
    this.#answers.set(name, answer)
    return answer
  }

  #fail(thrown: unknown): void {
    const failure = toQpqError(thrown)
    this.#store.apply({ kind: "dialogFailed", problem: problemText(failure) }, ...keyChange(failure))
  }

  #dialog(): InviteDialog | undefined {
    const { overlay } = this.#store.getSnapshot()
    return overlay?.kind === "invite" ? overlay : undefined
  }
}

export const nameIn = ({ name }: InviteDialog): string => name.text.trim()
