/** Comparing safety numbers: what is shown, what the person says of it, and what that changes (docs/decisions/0021). */
import { safetyNumber } from "../crypto/safety-number.ts"
import { epochWords, safetyWords } from "../crypto/safety-words.ts"
import { equal } from "../domain/bytes.ts"
import { QpqError, toQpqError } from "../domain/errors.ts"
import type { AccountKey } from "../domain/ids.ts"
import { userName } from "../domain/user-name.ts"
import type { UserName } from "../domain/user-name.ts"
import type { Contact } from "../store/contacts.ts"
import { tellContact } from "./changed-keys.ts"
import type { EpochWordsView, VerificationView } from "./verification-view.ts"
import { nameOf } from "./directory.ts"
import { faceIdOf, groupOf, takeDown } from "./group-shelf.ts"
import { refresh } from "./people.ts"
import type { Presence } from "./presence.ts"
import type { Rooms } from "./session-parts.ts"
import { stateOfContact } from "./trust.ts"

const DIGITS = 60
/** Of who is known already the server is asked only this long. */
const KNOWN_MS_MAX = 3000

export class Verification {
  readonly #rooms: Rooms
  readonly #presence: Presence

  constructor(rooms: Rooms, presence: Presence) {
    this.#rooms = rooms
    this.#presence = presence
  }

  /** With the key that the server shows now, when it can be asked. */
  async show(name: string): Promise<VerificationView> {
    const user = this.#other(name)
    const known = this.#rooms.store.contact(user)
    if (!known) return this.#view(await this.#presence.use((node) => refresh(this.#rooms, node, user)))
    try {
      return this.#view(await refresh(this.#rooms, await this.#presence.online(KNOWN_MS_MAX), user))
    } catch (thrown) {
      const { code, retryable } = toQpqError(thrown)
      if (!retryable && code !== "E015") throw thrown
      return this.#view(this.#rooms.store.contact(user) ?? known)
    }
  }

  /**
   * The person has compared: the key with this number is theirs. That of the key known until now refuses the new one,
   * which only its own number brings back.
   * @throws E015, E070, E082
   */
  confirm(name: string, number: string): VerificationView {
    const digits = digitsOf(number)
    return this.#decide(name, (contact) => {
      const { accountKey, offered } = contact
      const other = [offered, contact.refused].find((key) => key !== undefined && this.#number(key) === digits)
      if (other) return { ...taken(contact, other), verified: true }
      if (this.#number(accountKey) !== digits) throw new QpqError("E082", contact.name)
      const refused = offered ?? contact.refused
      return { ...contact, verified: true, offered: undefined, refused, mismatched: false }
    })
  }

  /** The person has compared the number that is shown, and it is another. @throws E015, E070 */
  deny(name: string): VerificationView {
    return this.#decide(name, (contact) => {
      const verified = contact.offered !== undefined && contact.verified
      return { ...contact, verified, mismatched: true }
    })
  }

  /** One step towards going on without comparing. @throws E015, E070, E082 when another number than `shown` stands there */
  trustUnchecked(name: string, shown: string | undefined): VerificationView {
    return this.#decide(name, (contact) => {
      const { accountKey, offered, mismatched } = contact
      const isSeen = shown === undefined || this.#number(offered ?? accountKey) === shown
      if (!isSeen) throw new QpqError("E082", "the server shows another key meanwhile")
      if (mismatched) {
        const refused = offered ?? contact.refused
        return { ...contact, offered: undefined, refused, mismatched: false }
      }
      return offered ? taken(contact, offered) : { ...contact, verified: false }
    })
  }

  /** Six words that all who share the group's state have. @throws E033 */
  words(groupId: string): EpochWordsView {
    const { id } = groupOf(this.#rooms.store, groupId)
    const { row, group } = takeDown(this.#rooms, id)
    const { store, engine } = this.#rooms
    const direct = store.direct(id)
    const words = epochWords(engine.epochAuthenticator(group))
    const name = direct ? nameOf(this.#rooms, direct.peer) : row.name
    return { groupId: faceIdOf(store, id), group: name, epoch: Number(group.epoch), words }
  }

  #decide(name: string, decided: (contact: Contact) => Contact): VerificationView {
    const user = this.#other(name)
    const next = this.#rooms.store.write((tx) => {
      const before = tx.contact(user)
      if (!before) throw new QpqError("E015", user)
      const after = decided(before)
      tx.saveContact(after)
      if (!equal(after.accountKey, before.accountKey)) tx.saveFormerKey(before.accountKey, user)
      return after
    })
    tellContact(this.#rooms, next)
    return this.#view(next)
  }

  #other(name: string): UserName {
    const user = userName(name)
    if (user === this.#rooms.me.name) throw new QpqError("E070", "a safety number needs two accounts")
    return user
  }

  #view(contact: Contact): VerificationView {
    const { name: user, accountKey, offered, mismatched } = contact
    const number = this.#number(offered ?? accountKey)
    const before = offered && this.#number(accountKey)
    const words = safetyWords(number)
    return { user, me: this.#rooms.me.name, number, before, words, state: stateOfContact(contact), mismatched }
  }

  #number(key: AccountKey): string {
    return safetyNumber(this.#rooms.me.accountKey, key)
  }
}

/** Its device lists begin anew. */
const taken = (contact: Contact, offered: AccountKey): Contact => ({
  ...contact,
  accountKey: offered,
  verified: false,
  offered: undefined,
  refused: undefined,
  mismatched: false,
})

/** @throws E070 unless it is 60 digits, however they are spaced. */
function digitsOf(number: string): string {
  const digits = number.replaceAll(/\s/g, "")
  if (!/^[0-9]+$/.test(digits)) throw new QpqError("E070", "a safety number is digits and nothing else")
  if (digits.length !== DIGITS) throw new QpqError("E070", `${digits.length} digits; a safety number has ${DIGITS}`)
  return digits
}
