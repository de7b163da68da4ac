/** The commands about the account's password and its logins. */
import type { Command } from "./command.ts"
import { opens } from "./command.ts"
import type { Desk } from "./desk.ts"
import { passwordFields, PASSWORD_OVERLAY, passwordProblem } from "./password-dialog.ts"
import type { AccountOverlay, PasswordOverlay } from "./password-dialog.ts"

export const ACCOUNT_COMMANDS: readonly Command[] = [
  {
    id: "account.password",
    title: "Change the password",
    section: "Program",
    keys: [],
    slash: ["password"],
    run: opens(PASSWORD_OVERLAY),
  },
  {
    id: "account.logoutEverywhere",
    title: "Log out all your other devices",
    section: "Program",
    keys: [],
    slash: ["logout-everywhere"],
    run: opens({ kind: "logoutEverywhere", busy: false, problem: undefined }),
  },
  {
    id: "account.delete",
    title: "Delete your account at the server",
    section: "Program",
    keys: [],
    slash: ["delete-account"],
    run: opens({ ...PASSWORD_OVERLAY, purpose: "deleteAccount" }),
  },
]

export function acceptAccountDialog(desk: Desk, overlay: AccountOverlay): void {
  if (overlay.kind === "password") acceptPassword(desk, overlay)
  else if (overlay.kind === "logoutEverywhere") desk.errands()?.account.logoutOthers()
  else desk.wish({ kind: "overlayClosed" })
}

/** Enter: to the next field, from the last one to the server. */
function acceptPassword(desk: Desk, overlay: PasswordOverlay): void {
  const problem = passwordProblem(overlay)
  const isLast = overlay.field === passwordFields(overlay).at(-1)
  if (!isLast && overlay.fields[overlay.field].text !== "") desk.wish({ kind: "passwordFieldMoved", by: 1 })
  else if (problem) desk.wish({ kind: "passwordFailed", ...problem })
  else if (overlay.purpose === "change") desk.errands()?.account.changePassword(overlay)
  else desk.errands()?.account.deleteAccount(overlay)
}
