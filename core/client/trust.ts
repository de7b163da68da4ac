/** How far an account's key is known to be a person's, and what may be done with it (docs/decisions/0021). */
import { QpqError } from "../domain/errors.ts"
import type { AccountKey } from "../domain/ids.ts"
import type { ClientReads } from "../store/client-store.ts"
import type { Contact } from "../store/contacts.ts"
import { isBlocked } from "./blocks.ts"
import type { ContactState } from "./verification-view.ts"

export function stateOfContact({ offered, verified }: Pick<Contact, "offered" | "verified">): ContactState {
  if (offered) return "changed"
  return verified ? "verified" : "unverified"
}

export interface Trust {
  /** The number of this very key was compared, and the server shows no other. */
  readonly verified: boolean
  /** The server shows another key for the name, or this is not the accepted one. */
  readonly changed: boolean
  readonly mismatched: boolean
  readonly blocked: boolean
}

/** Of a key as it stands in a group. */
export function trustOf(store: ClientReads, key: AccountKey): Trust {
  const contact = store.contactByKey(key)
  const blocked = isBlocked(store, key)
  if (!contact) {
    const changed = store.contactClaiming(key) !== undefined || store.formerName(key) !== undefined
    return { verified: false, changed, mismatched: false, blocked }
  }
  const state = stateOfContact(contact)
  const { mismatched } = contact
  return { verified: state === "verified" && !mismatched, changed: state === "changed", mismatched, blocked }
}

/** @throws E081 for who was compared and is shown with another key, E082 for who was compared and has another number. */
export function checkContact({ name, offered, verified, mismatched }: Contact): void {
  if (mismatched) throw new QpqError("E082", name)
  if (offered && verified) throw new QpqError("E081", name)
}

/** May somebody be spoken to alone under this key? @throws E018, E081, E082 */
export function checkPeer(store: ClientReads, key: AccountKey): void {
  const contact = store.contactByKey(key)
  if (contact) {
    checkContact(contact)
    return
  }
  const named = store.contactClaiming(key)
  if (named) throw new QpqError(named.verified ? "E081" : "E018", named.name)
  const former = store.formerName(key)
  if (former !== undefined)
    throw new QpqError("E081", `this is the old key of ${former}; a new conversation uses the one that was accepted`)
}
