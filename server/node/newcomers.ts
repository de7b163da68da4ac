/**
 * Devices that have shown the password and are not listed yet (PROTOCOL.md section 3). They may become one of the account's
 * devices and nothing else; a restart forgets them, and they log in again.
 */
import { hex } from "../../core/domain/bytes.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import type { Clock } from "../../core/domain/world.ts"
import type { NewSession, StoredAccount } from "../store/account-rows.ts"

const NEWCOMERS_MAX = 1000
const NEWCOMER_MS = 600_000

export interface Newcomer {
  readonly account: Pick<StoredAccount, "id" | "name" | "accountKey">
  readonly deviceKey: DeviceKey
  /** What is stored once it is listed. */
  readonly session: NewSession
}

export class Newcomers {
  readonly #clock: Clock
  readonly #byAccess = new Map<string, Newcomer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The oldest gives way. */
  add(newcomer: Newcomer): void {
    this.#byAccess.set(hex(newcomer.session.accessHash), newcomer)
    const now = this.#clock.now()
    for (const [name, one] of this.#byAccess) {
      if (one.session.now + NEWCOMER_MS > now && this.#byAccess.size <= NEWCOMERS_MAX) return
      this.#byAccess.delete(name)
    }
  }

  find(accessHash: Uint8Array): Newcomer | undefined {
    const found = this.#byAccess.get(hex(accessHash))
    return found && found.session.now + NEWCOMER_MS > this.#clock.now() ? found : undefined
  }

  /** It is listed, or has gone. */
  drop(accessHash: Uint8Array): void {
    this.#byAccess.delete(hex(accessHash))
  }

  /** All of an account that is suspended or deleted. */
  dropAccount(id: number): void {
    for (const [name, { account }] of this.#byAccess) if (account.id === id) this.#byAccess.delete(name)
  }
}
