/** What the scripted core knows of people's keys, and what its person says of them. */
import type { TrustView } from "../../core/client/client-api.ts"
import type { VerificationView } from "../../core/client/verification-view.ts"
import { safetyWords } from "../../core/crypto/safety-words.ts"
import { QpqError } from "../../core/domain/errors.ts"

interface Known {
  verified: boolean
  changed: boolean
  mismatched: boolean
  blocked: boolean
}

/** Somebody's number in a test; another one once the key is another. */
export const numberOf = (name: string, isNew = false): string => {
  const start = Array.from(name).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), isNew ? 7 : 0)
  return Array.from({ length: 12 }, (_, at) => String((start * (at + 3)) % 100_000).padStart(5, "0")).join("")
}

export class FakeTrust {
  readonly #people = new Map<string, Known>()
  readonly #taken = new Set<string>()

  of(name: string): TrustView {
    const { verified, changed, mismatched, blocked } = this.#known(name)
    return { verified: verified && !changed && !mismatched, changed, mismatched, blocked }
  }

  /** The key that is used was compared, whatever is shown since. */
  wasVerified(name: string): boolean {
    return this.#known(name).verified
  }

  set(name: string, known: Partial<Known>): void {
    Object.assign(this.#known(name), known)
  }

  view(user: string, me: string): VerificationView {
    const { verified, changed, mismatched } = this.#known(user)
    const number = numberOf(user, changed || this.#taken.has(user))
    const before = changed ? numberOf(user) : undefined
    const state = changed ? "changed" : verified ? "verified" : "unverified"
    return { user, me, number, before, words: safetyWords(number), state, mismatched }
  }

  confirm(user: string, number: string): void {
    if (this.view(user, "").number !== number) throw new QpqError("E082", user)
    this.#take(user, { verified: true })
  }

  trustUnchecked(user: string): void {
    const known = this.#known(user)
    if (known.mismatched) this.set(user, { mismatched: false, changed: false })
    else this.#take(user, { verified: false })
  }

  /** Whether somebody may not be written to. */
  check(user: string): void {
    const known = this.#known(user)
    if (known.mismatched) throw new QpqError("E082", user)
    if (known.changed && known.verified) throw new QpqError("E081", user)
  }

  #take(user: string, { verified }: Pick<Known, "verified">): void {
    if (this.#known(user).changed) this.#taken.add(user)
    this.set(user, { verified, changed: false, mismatched: false })
  }

  #known(name: string): Known {
    const known = this.#people.get(name) ?? { verified: false, changed: false, mismatched: false, blocked: false }
    this.#people.set(name, known)
    return known
  }
}
