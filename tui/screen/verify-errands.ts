/** What the dialogs about safety numbers ask of the core. */
import type { Core } from "../../core/client/client-api.ts"
import type { VerificationView } from "../../core/client/verification-view.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { keyOf } from "./key-names.ts"
import { problemText } from "./problem-text.ts"
import type { Tone } from "./screen-state.ts"
import type { ScreenStore } from "./screen-store.ts"
import { verifyOverlay } from "./verify.ts"
import type { VerifyOverlay } from "./verify.ts"

export class VerifyErrands {
  readonly #core: Pick<Core, "verification" | "confirm" | "denyNumber" | "trustUnchecked" | "epochWords">
  readonly #store: ScreenStore

  constructor(core: Core, store: ScreenStore) {
    this.#core = core
    this.#store = store
  }

  open(user: string): void {
    this.#store.apply({ kind: "overlayOpened", overlay: verifyOverlay(user) })
    this.#answer(user, () => this.#core.verification(user))
  }

  /** The number that is shown is the other's: another one, shown meanwhile, is not meant. */
  match(): void {
    this.#decide(
      ({ user, number }) => this.#core.confirm(user, number),
      ({ user }) => ({ text: `v You compared with ${user}.`, tone: "good" }),
    )
  }

  mismatch(): void {
    this.#decide(
      ({ user }) => this.#core.denyNumber(user),
      ({ user }) => ({ text: `! Nothing is sent to ${user} alone until you go on: ${this.#way(user)}.`, tone: "bad" }),
    )
  }

  /** Shown afterwards as it is then: there may be one more step. */
  unchecked(): void {
    const dialog = this.#dialog()
    if (!dialog?.view || dialog.busy) return
    const { user, number } = dialog.view
    this.#store.apply({ kind: "dialogBusy" })
    this.#answer(user, () => this.#core.trustUnchecked(user, number))
  }

  words(groupId: string): void {
    this.#core.epochWords(groupId).then(
      (view) => {
        this.#store.apply({ kind: "overlayOpened", overlay: { kind: "page", page: "words", view } })
      },
      (thrown: unknown) => {
        const { code, message } = toQpqError(thrown)
        this.#store.apply({ kind: "trouble", code, message })
      },
    )
  }

  #way(user: string): string {
    const key = keyOf(this.#store.getSnapshot().keys, "verify")
    return key === undefined ? `/verify ${user}` : `${key} or /verify ${user}`
  }

  #decide(
    step: (view: VerificationView) => Promise<VerificationView>,
    said: (view: VerificationView) => { readonly text: string; readonly tone: Tone },
  ): void {
    const dialog = this.#dialog()
    if (!dialog?.view || dialog.busy) return
    this.#store.apply({ kind: "dialogBusy" })
    step(dialog.view).then(
      (view) => {
        if (this.#dialog()?.user === view.user) this.#store.apply({ kind: "overlayClosed" })
        this.#store.apply({ kind: "toasted", ...said(view) })
      },
      (thrown: unknown) => {
        this.#failed(thrown)
      },
    )
  }

  /** An answer about somebody else than the dialog's comes too late. */
  #answer(user: string, question: () => Promise<VerificationView>): void {
    question().then(
      (view) => {
        this.#store.apply({ kind: "verificationRead", view })
      },
      (thrown: unknown) => {
        if (this.#dialog()?.user === user) this.#failed(thrown)
      },
    )
  }

  #failed(thrown: unknown): void {
    this.#store.apply({ kind: "dialogFailed", problem: problemText(toQpqError(thrown)) })
  }

  #dialog(): VerifyOverlay | undefined {
    const { overlay } = this.#store.getSnapshot()
    return overlay?.kind === "verify" ? overlay : undefined
  }
}
