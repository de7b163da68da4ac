/** People in the store in memory: the keys of their names, pinned, offered and former. */
import { equal } from "../domain/bytes.ts"
import type { AccountKey } from "../domain/ids.ts"
import type { Contact, ContactReads, ContactWrites } from "./contacts.ts"
import { deviceListReads, deviceListWrites } from "./memory-device-lists.ts"
import type { MemoryTables } from "./memory-tables.ts"

export function contactReads(tables: MemoryTables): ContactReads {
  const { contacts, formerKeys, blocks } = tables
  return {
    ...deviceListReads(tables),
    contact: (name) => contacts.get(name),
    contactByKey: (key) => byName(contacts.all((row) => equal(row.accountKey, key)))[0],
    contactClaiming: (key) => {
      const isIt = (other: AccountKey | undefined): boolean => other !== undefined && equal(other, key)
      return byName(contacts.all(({ offered, refused }) => isIt(offered) || isIt(refused)))[0]
    },
    contacts: () => byName(contacts.all()),
    blocks: () => byName(blocks.all()),
    formerName: (key) => formerKeys.get(key)?.name,
  }
}

export function contactWrites(tables: MemoryTables): ContactWrites {
  const { contacts, formerKeys, blocks } = tables
  return {
    ...deviceListWrites(tables),
    saveContact: (contact) => {
      contacts.put(contact)
    },
    saveFormerKey: (accountKey, name) => {
      formerKeys.put({ accountKey, name })
    },
    block: (block) => {
      blocks.put(block)
    },
    unblock: (name) => blocks.drop(name),
  }
}

const byName = <Named extends Pick<Contact, "name">>(rows: readonly Named[]): readonly Named[] =>
  rows.toSorted((a, b) => Number(a.name > b.name) - Number(a.name < b.name))
