/** What is asked of the core about the account's password and its logins. */
import type { Core } from "../../core/client/client-api.ts"
import { hasCode, toQpqError } from "../../core/domain/errors.ts"
import type { PasswordOverlay } from "./password-dialog.ts"
import { problemText } from "./problem-text.ts"
import type { ScreenStore } from "./screen-store.ts"

type Asked = Pick<Core, "changePassword" | "deleteAccount" | "logoutEverywhere">

export class AccountErrands {
  readonly #core: Asked
  readonly #store: ScreenStore

  constructor(core: Asked, store: ScreenStore) {
    this.#core = core
    this.#store = store
  }

  /** What comes of it is told wherever the person is by then: the dialog may be left meanwhile. */
  changePassword({ fields }: PasswordOverlay): void {
    const order = { oldPassword: fields.old.text, newPassword: fields.next.text, logoutOthers: false }
    this.#start(
      async () => {
        const { recoveryCode } = await this.#core.changePassword(order)
        if (recoveryCode === undefined) this.#store.apply({ kind: "overlayClosed" })
        else this.#store.apply({ kind: "overlayOpened", overlay: { kind: "recoveryCode", code: recoveryCode } })
        this.#say("The password is changed. Your other devices stay logged in; /logout-everywhere ends that.")
      },
      (thrown) => {
        const problem = problemText(toQpqError(thrown))
        const at = hasCode(thrown, "E096") ? "next" : "old"
        if (this.#store.getSnapshot().overlay?.kind === "password")
          this.#store.apply({ kind: "passwordFailed", at, problem })
        else this.#store.apply({ kind: "toasted", text: `The password is not changed: ${problem}`, tone: "bad" })
      },
    )
  }

  deleteAccount({ fields }: PasswordOverlay): void {
    this.#start(
      async () => {
        await this.#core.deleteAccount(fields.old.text)
        this.#store.apply({ kind: "overlayClosed" })
        this.#say("Your account is deleted. What is on this computer stays until you remove it.")
      },
      (thrown) => {
        this.#store.apply({ kind: "passwordFailed", at: "old", problem: problemText(toQpqError(thrown)) })
      },
    )
  }

  /** But this device. */
  logoutOthers(): void {
    this.#start(
      async () => {
        const ended = await this.#core.logoutEverywhere(true)
        this.#store.apply({ kind: "overlayClosed" })
        this.#say(ended === 1 ? "1 other login was ended." : `${ended} other logins were ended.`)
      },
      (thrown) => {
        this.#store.apply({ kind: "dialogFailed", problem: problemText(toQpqError(thrown)) })
      },
    )
  }

  #say(text: string): void {
    this.#store.apply({ kind: "toasted", text, tone: "good" })
  }

  #start(job: () => Promise<void>, failed: (thrown: unknown) => void): void {
    this.#store.apply({ kind: "dialogBusy" })
    job().catch(failed)
  }
}
