/** The dialogs about safety numbers as values: what they show, and how keys and answers change them. */
import type { VerificationView } from "../../core/client/verification-view.ts"
import type { QpqError } from "../../core/domain/errors.ts"
import { isUserName } from "../../core/domain/user-name.ts"

const FORMS = ["digits", "words", "code"] as const

/** How a number is shown. */
export type NumberForm = (typeof FORMS)[number]

export interface VerifyOverlay {
  readonly kind: "verify"
  readonly user: string
  /** undefined: being asked for. */
  readonly view: VerificationView | undefined
  readonly form: NumberForm
  readonly busy: boolean
  readonly problem: string | undefined
}

/** The server shows another key for the name. */
export interface KeyChangedOverlay {
  readonly kind: "keyChanged"
  readonly user: string
  /** The key that was there before was compared. */
  readonly verified: boolean
}

export const verifyOverlay = (user: string): VerifyOverlay => ({
  kind: "verify",
  user,
  view: undefined,
  form: "digits",
  busy: true,
  problem: undefined,
})

export const nextForm = (form: NumberForm): NumberForm => FORMS[(FORMS.indexOf(form) + 1) % FORMS.length] ?? "digits"

interface Opening {
  readonly kind: "overlayOpened"
  readonly overlay: KeyChangedOverlay
}

/** What stands in the way when something failed because somebody's key has changed. */
export function keyChange({ code, detail = "" }: QpqError): readonly Opening[] {
  if ((code !== "E018" && code !== "E081") || !isUserName(detail)) return []
  return [{ kind: "overlayOpened", overlay: { kind: "keyChanged", user: detail, verified: code === "E081" } }]
}
