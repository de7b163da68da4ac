/** Looks people up: asked of the server, verified here, pinned at first sight. Another key later is noted, and not used. */
import type { AccountRecord } from "../contract/account-record.ts"
import type { NodeService } from "../contract/node-service.ts"
import { verifyAccountRecord } from "../crypto/account-proof.ts"
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import type { DeviceList } from "../crypto/device-list.ts"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { UserName } from "../domain/user-name.ts"
import type { Contact } from "../store/contacts.ts"
import { noteRecord } from "./device-lists.ts"
import { noteOffered, noteWithdrawn } from "./changed-keys.ts"
import type { Rooms } from "./session-parts.ts"
import { checkContact } from "./trust.ts"

export interface KnownUser {
  readonly record: AccountRecord
  readonly list: DeviceList
  readonly contact: Contact
  /** Not seen before by this profile. */
  readonly firstContact: boolean
}

/**
 * Somebody whose keys are about to be used.
 * @throws E015 unknown, E017 when the record does not verify, E018 when the name had another key before, E081 when that
 * one was compared, E082 when the number was compared and is another.
 */
export async function lookUp(rooms: Rooms, node: NodeService, name: UserName): Promise<KnownUser> {
  const seen = await ask(rooms, node, name)
  checkContact(seen.contact)
  const { accountKey, refused } = seen.contact
  if (equal(seen.record.accountKey, accountKey)) return seen
  const isRefused = refused !== undefined && equal(refused, seen.record.accountKey)
  throw new QpqError("E018", isRefused ? `${name}; you refused the key that the server shows` : name)
}

/** The person as the profile knows them once the server was asked. @throws E015, E017 */
export async function refresh(rooms: Rooms, node: NodeService, name: UserName): Promise<Contact> {
  return (await ask(rooms, node, name)).contact
}

/** Finds the names of account keys not seen before. What cannot be found now stays unknown. */
export async function learn(rooms: Rooms, node: NodeService, devices: readonly DeviceIdentity[]): Promise<void> {
  const { store, me } = rooms
  for (const { accountKey, deviceKey } of devices) {
    if (store.contactByKey(accountKey) ?? store.contactClaiming(accountKey) ?? store.formerName(accountKey)) continue
    if (equal(accountKey, me.accountKey)) continue
    const record = await node.resolveIdentity(deviceKey)
    if (!equal(record.accountKey, accountKey)) continue
    const { contact } = met(rooms, record)
    // Its name is another's here, for good or until the person has decided.
    if (!equal(contact.accountKey, accountKey)) rooms.events.emit(changedKey(contact))
  }
}

function changedKey({ name, verified }: Contact): { kind: "trouble"; code: "E018" | "E081"; message: string } {
  const { code, message } = new QpqError(verified ? "E081" : "E018", name)
  return { kind: "trouble", code: code === "E081" ? code : "E018", message }
}

async function ask(rooms: Rooms, node: NodeService, name: UserName): Promise<KnownUser> {
  const record = await node.resolveUser(name)
  if (record.name !== name) throw new QpqError("E017", "record of another name")
  return met(rooms, record)
}

/** @throws E017 */
function met(rooms: Rooms, record: AccountRecord): KnownUser {
  const list = verifyAccountRecord(record)
  const { name, accountKey } = record
  const known = rooms.store.contact(name)
  if (!known) return { record, list, contact: pinned(rooms, record, list), firstContact: true }
  if (!equal(known.accountKey, accountKey)) {
    return { record, list, contact: noteOffered(rooms, known, accountKey), firstContact: false }
  }
  noteRecord(rooms.store, record, list)
  return { record, list, contact: noteWithdrawn(rooms, known), firstContact: false }
}

function pinned(rooms: Rooms, record: AccountRecord, list: DeviceList): Contact {
  noteRecord(rooms.store, record, list)
  const { name, accountKey } = record
  const firstSeen = rooms.world.clock.now()
  const nothing = { verified: false, offered: undefined, refused: undefined, mismatched: false }
  const contact = { name, accountKey, firstSeen, ...nothing }
  // Another process of the profile may have decided about the person meanwhile.
  rooms.store.write((tx) => {
    if (!tx.contact(name)) tx.saveContact(contact)
  })
  return contact
}
