/** Names and the keys behind them: resolved at the server, verified here, pinned at first sight. */
import type { AccountRecord } from "../contract/account-record.ts"
import type { NodeService } from "../contract/node-service.ts"
import { verifyAccountRecord } from "../crypto/account-proof.ts"
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import type { DeviceList } from "../crypto/device-list.ts"
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { AccountKey } from "../domain/ids.ts"
import type { UserName } from "../domain/user-name.ts"
import type { ClientReads, ClientTx, Contact } from "../store/client-store.ts"
import type { Rooms } from "./session-parts.ts"

export interface KnownUser {
  readonly record: AccountRecord
  readonly list: DeviceList
  readonly contact: Contact
  /** Not seen before by this profile. */
  readonly firstContact: boolean
}

type DirectoryRooms = Pick<Rooms, "me" | "store" | "world">

/** The name behind an account key, or its first digits while it is not known. */
export function nameOf({ me, store }: Pick<Rooms, "me"> & { store: ClientReads }, key: AccountKey): string {
  if (equal(key, me.accountKey)) return me.name
  return store.contactByKey(key)?.name ?? `?${hex(key).slice(0, 8)}`
}

/** @throws E015 unknown, E017 when the record does not verify, E018 when the name had another key before. */
export async function lookUp(rooms: DirectoryRooms, node: NodeService, name: UserName): Promise<KnownUser> {
  const record = await node.resolveUser(name)
  if (record.name !== name) throw new QpqError("E017", "record of another name")
  return pin(rooms, record)
}

/** Finds the names of account keys not seen before. What cannot be found now stays unknown. */
export async function learn(rooms: Rooms, node: NodeService, devices: readonly DeviceIdentity[]): Promise<void> {
  for (const device of devices) {
    const known = rooms.store.contactByKey(device.accountKey) ?? equal(device.accountKey, rooms.me.accountKey)
    if (known) continue
    const record = await node.resolveIdentity(device.deviceKey)
    if (equal(record.accountKey, device.accountKey)) pin(rooms, record)
  }
}

function pin({ store, world }: DirectoryRooms, record: AccountRecord): KnownUser {
  const list = verifyAccountRecord(record)
  const { name, accountKey } = record
  const known = store.contact(name)
  if (known && !equal(known.accountKey, accountKey)) throw new QpqError("E018", name)
  if (known && list.counter < known.listCounter) throw new QpqError("E017", `device list of ${name} went back`)
  const seen = { verified: false, firstSeen: world.clock.now() }
  const contact: Contact = { ...seen, ...known, name, accountKey, listCounter: list.counter }
  if (known?.listCounter !== list.counter) {
    store.write((tx: ClientTx) => {
      tx.saveContact(contact)
    })
  }
  return { record, list, contact, firstContact: !known }
}
