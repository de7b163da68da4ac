/** How wishes change the dialog with the passwords, and what is known of the one being made up. */
import { passwordFields } from "./password-dialog.ts"
import type { PasswordOverlay, PasswordWish } from "./password-dialog.ts"
import type { Reducers, ScreenState } from "./screen-state.ts"

export const PASSWORD_REDUCERS: Reducers<PasswordWish["kind"]> = {
  passwordFieldMoved: (state, { by }) =>
    mapPassword(state, (dialog) => {
      const fields = passwordFields(dialog)
      const at = fields.indexOf(dialog.field) + by
      return { ...dialog, field: fields[(at + fields.length) % fields.length] ?? dialog.field }
    }),
  passwordFailed: (state, { at, problem }) =>
    mapPassword(state, (dialog) => ({ ...dialog, busy: false, field: at, problem })),
  strengthKnown: (state, { strength }) => ({ ...state, strength }),
}

const mapPassword = (state: ScreenState, change: (dialog: PasswordOverlay) => PasswordOverlay): ScreenState =>
  state.overlay?.kind === "password" ? { ...state, overlay: change(state.overlay) } : state
