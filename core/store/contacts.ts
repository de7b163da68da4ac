/** What a client keeps of people: whose name is which key's, and how far that is known. */
import type { AccountKey } from "../domain/ids.ts"
import type { DeviceListReads, DeviceListWrites } from "./device-lists.ts"
import type { UserName } from "../domain/user-name.ts"

export interface Contact {
  readonly name: UserName
  readonly accountKey: AccountKey
  /** The person compared the safety number of `accountKey`. */
  readonly verified: boolean
  readonly firstSeen: number
  /** Another key that the server shows for the name since; used for nothing until the person accepts it. */
  readonly offered: AccountKey | undefined
  /** One that was offered, and that the person refused. */
  readonly refused: AccountKey | undefined
  /** The person compared the number that was shown, and it was another; until they say that they go on. */
  readonly mismatched: boolean
}

/** Somebody the person wants to hear nothing of. */
export interface Block {
  readonly name: UserName
  /** The key that the name had then. */
  readonly accountKey: AccountKey
  readonly since: number
}

export interface ContactReads extends DeviceListReads {
  contact(name: UserName): Contact | undefined
  contactByKey(key: AccountKey): Contact | undefined
  /** For whose name the server shows, or showed, this key without its being accepted: offered or refused. */
  contactClaiming(key: AccountKey): Contact | undefined
  /** Whose key it was before another was accepted. */
  formerName(key: AccountKey): UserName | undefined
  contacts(): readonly Contact[]
  /** By name. */
  blocks(): readonly Block[]
}

export interface ContactWrites extends DeviceListWrites {
  saveContact(contact: Contact): void
  saveFormerKey(key: AccountKey, name: UserName): void
  /** Of a name that is blocked already the key and time change. */
  block(block: Block): void
  /** False when it was not blocked. */
  unblock(name: UserName): boolean
}
