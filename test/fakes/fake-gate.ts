/** What a core without cryptography says before there is a session: the profile, the server, the account. */
import type { AccountView, Gate, ProfileView } from "../../core/client/client-api.ts"
import type { LoginOrder, PairingLogin } from "../../core/client/login-order.ts"
import type { PasswordOrder, PasswordView } from "../../core/client/password-api.ts"
import type { StrengthView } from "../../core/client/password-strength.ts"
import type { ServerView } from "../../core/client/server-view.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"

export const RECOVERY_CODE = "0004-1061-050R-3GG2-8A1C-60T3-GF6"

export interface FakeCoreOptions {
  readonly profile?: ProfileView["state"]
  readonly name?: string
  /** The passphrase of a locked profile. */
  readonly passphrase?: string
}

export class FakeGate implements Gate {
  readonly #passphrase: string
  #state: ProfileView["state"]
  protected name: string
  /** Every call that changes something, for assertions. */
  readonly calls: string[] = []
  /** As the real one does, which tests with short passwords turn off. */
  refusesWeak = false
  /** What a change of the password brings. */
  nextRecoveryCode: string | undefined
  /** The next call of this method fails so. */
  readonly failures = new Map<string, ErrorCode>()
  /** Holds answers back until it resolves, when set. */
  gate: Promise<void> | undefined

  constructor({ profile = "ready", name = "alice", passphrase = "correct horse" }: FakeCoreOptions = {}) {
    this.#state = profile
    this.name = name
    this.#passphrase = passphrase
  }

  async profile(): Promise<ProfileView> {
    await this.answer("profile")
    return { state: this.#state, name: undefined, server: undefined }
  }

  async unlock(passphrase: string): Promise<ProfileView> {
    await this.answer("unlock")
    if (this.#state === "new") this.#state = "unlocked"
    else if (passphrase !== this.#passphrase) throw new QpqError("E061")
    else if (this.#state === "locked") this.#state = "ready"
    return this.profile()
  }

  /** By its length alone. */
  async passwordStrength(password: string): Promise<StrengthView> {
    await this.answer("passwordStrength")
    if (password.length < 8) return { isEnough: false, level: "weak", advice: "it is short" }
    return { isEnough: true, level: password.length < 16 ? "fair" : "strong", advice: "" }
  }

  async checkPassword(password: string): Promise<void> {
    const { isEnough, advice } = await this.passwordStrength(password)
    if (!isEnough && this.refusesWeak) throw new QpqError("E096", advice)
  }

  async changePassword({ oldPassword, logoutOthers, recovery }: PasswordOrder): Promise<PasswordView> {
    this.calls.push(`changePassword${logoutOthers ? " others" : ""}${recovery === undefined ? "" : ` ${recovery}`}`)
    await this.answer("changePassword")
    if (oldPassword !== this.#passphrase) throw new QpqError("E004")
    return { unlocks: true, ended: 0, recoveryCode: this.nextRecoveryCode }
  }

  async inspect(address: string): Promise<ServerView> {
    await this.answer("inspect")
    const url = new URL(address)
    const pin = `sha256:${"A".repeat(43)}`
    const fingerprint = "1111 2222 3333 4444 5555 6666 7777 8888"
    return { host: url.hostname, port: Number(url.port || 7000), address: `${address}?pin=${pin}`, pin, fingerprint }
  }

  async register(order: LoginOrder): Promise<AccountView> {
    this.calls.push(
      `register ${order.name} ${order.server ?? ""}${order.ca === undefined ? "" : ` ca ${order.ca}`}${order.recovery === undefined ? "" : ` ${order.recovery}`}`,
    )
    await this.answer("register")
    this.name = order.name
    this.#state = "ready"
    return { ...this.account(), ...(order.recovery === "code" && { recoveryCode: RECOVERY_CODE }) }
  }

  async login(order: LoginOrder): Promise<AccountView> {
    this.calls.push(`login ${order.name}${order.recoveryCode === undefined ? "" : ` with ${order.recoveryCode}`}`)
    await this.answer("login")
    this.name = order.name
    return this.account()
  }

  async pairUp(order: PairingLogin): Promise<AccountView> {
    this.calls.push(`pairUp ${order.name} ${order.code} ${order.deviceName}`)
    await this.answer("pairUp")
    this.name = order.name
    this.#state = "ready"
    return this.account()
  }

  async deleteAccount(password: string): Promise<void> {
    await this.answer("deleteAccount")
    if (password !== this.#passphrase) throw new QpqError("E004")
    this.calls.push("deleteAccount")
  }

  async open(): Promise<AccountView> {
    await this.answer("open")
    return this.account()
  }

  protected async answer(method: string): Promise<void> {
    await this.gate
    const code = this.failures.get(method)
    this.failures.delete(method)
    if (code) throw new QpqError(code)
  }

  protected account(): AccountView {
    const server = "qpq://127.0.0.1:7000?pin=sha256:xxxx"
    const name = this.name
    return { name, accountKey: name, deviceKey: name, server, fingerprint: fingerprintOf(name) }
  }
}

/** Always the same for a name, and looking like one. */
export function fingerprintOf(name: string): string {
  const digits = Buffer.from(name.repeat(16)).toString("hex").slice(0, 32).toUpperCase()
  return (digits.match(/.{4}/g) ?? []).join(" ")
}
