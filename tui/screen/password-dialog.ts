/** The dialogs about the account's logins as values: another password, the code that came with it, the end of all others. */
import type { StrengthView } from "../../core/client/password-strength.ts"
import { EMPTY_COMPOSER } from "./composer.ts"
import type { Composer } from "./composer.ts"

export type PasswordField = "old" | "next" | "again"

export interface PasswordOverlay {
  readonly kind: "password"
  readonly purpose: "change" | "deleteAccount"
  readonly fields: Readonly<Record<PasswordField, Composer>>
  readonly field: PasswordField
  readonly busy: boolean
  readonly problem: string | undefined
}

/** Shown once. */
export interface RecoveryCodeOverlay {
  readonly kind: "recoveryCode"
  readonly code: string
}

export interface LogoutOverlay {
  readonly kind: "logoutEverywhere"
  readonly busy: boolean
  readonly problem: string | undefined
}

export type AccountOverlay = PasswordOverlay | RecoveryCodeOverlay | LogoutOverlay

const ACCOUNT_KINDS: readonly string[] = ["password", "recoveryCode", "logoutEverywhere"]

export const isAccountDialog = (overlay: { readonly kind: string }): overlay is AccountOverlay =>
  ACCOUNT_KINDS.includes(overlay.kind)

export type PasswordWish =
  | { readonly kind: "passwordFieldMoved"; readonly by: 1 | -1 }
  | { readonly kind: "passwordFailed"; readonly at: PasswordField; readonly problem: string }
  /** Of the password that is being made up; undefined: none is. */
  | { readonly kind: "strengthKnown"; readonly strength: StrengthView | undefined }

/** In their order. */
export const passwordFields = ({ purpose }: Pick<PasswordOverlay, "purpose">): readonly PasswordField[] =>
  purpose === "change" ? ["old", "next", "again"] : ["old"]

export const PASSWORD_BYTES_MAX = 1024

export const PASSWORD_OVERLAY: PasswordOverlay = {
  kind: "password",
  purpose: "change",
  fields: { old: EMPTY_COMPOSER, next: EMPTY_COMPOSER, again: EMPTY_COMPOSER },
  field: "old",
  busy: false,
  problem: undefined,
}

/** What is wrong before anybody is asked, and where. */
export function passwordProblem({
  purpose,
  fields,
}: PasswordOverlay): { at: PasswordField; problem: string } | undefined {
  if (fields.old.text === "") return { at: "old", problem: "The present password is needed." }
  if (purpose === "deleteAccount") return undefined
  if (fields.next.text === "") return { at: "next", problem: "The new password is empty." }
  if (fields.next.text !== fields.again.text) return { at: "again", problem: "The two new passwords differ." }
  return undefined
}

/** A word on how long guessing would take. */
export function strengthText({ level, advice }: StrengthView): string {
  if (level === "weak") return `weak: ${advice}`
  return level === "fair" ? "fair: several unrelated words are stronger" : "strong"
}
