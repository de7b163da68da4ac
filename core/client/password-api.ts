/** What a face may ask about passwords, with and without a session. */
import type { StrengthView } from "./password-strength.ts"
import type { Recovery } from "./recovery.ts"

export interface PasswordOrder {
  readonly oldPassword: string
  readonly newPassword: string
  /** As before if left out. A code is a new one every time. */
  readonly recovery?: Recovery
  /** Ends the logins of all other devices. */
  readonly logoutOthers: boolean
}

export interface ChangedPassword {
  /** The new password opens the profile from now on; if not, its own passphrase does as before. */
  readonly unlocks: boolean
  /** Logins of other devices. */
  readonly ended: number
}

export interface PasswordView extends ChangedPassword {
  /** A new one: that before is good for nothing any more. It is nowhere else: show it, and forget it. */
  readonly recoveryCode: string | undefined
}

export interface PasswordGate {
  /** How hard it is to guess. @param name what is guessed first. */
  passwordStrength(password: string, name: string): Promise<StrengthView>
  /** @throws E096 for one that no account is made with. */
  checkPassword(password: string, name: string): Promise<void>
  /**
   * The account's, and if it opens this profile, that too. To be repeated when its answer was lost.
   * @throws E004, E050, E053-E058, E065, E072, E096
   */
  changePassword(order: PasswordOrder): Promise<PasswordView>
}
