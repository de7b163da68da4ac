/** People in the store in memory: the keys of their names, pinned, offered and former. */
import { equal } from "../domain/bytes.ts"
import type { AccountKey } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "./client-store.ts"
import type { Contact } from "./contacts.ts"
import type { MemoryTables } from "./memory-tables.ts"
import { storedInteger } from "./stored-integer.ts"

export function contactReads({
  contacts,
  formerKeys,
}: MemoryTables): Pick<ClientReads, "contact" | "contactByKey" | "contactClaiming" | "contacts" | "formerName"> {
  return {
    contact: (name) => contacts.get(name),
    contactByKey: (key) => byName(contacts.all((row) => equal(row.accountKey, key)))[0],
    contactClaiming: (key) => {
      const isIt = (other: AccountKey | undefined): boolean => other !== undefined && equal(other, key)
      return byName(contacts.all(({ offered, refused }) => isIt(offered) || isIt(refused)))[0]
    },
    contacts: () => byName(contacts.all()),
    formerName: (key) => formerKeys.get(key)?.name,
  }
}

export function contactWrites({ contacts, formerKeys }: MemoryTables): Pick<ClientTx, "saveContact" | "saveFormerKey"> {
  return {
    saveContact: (contact) => {
      contacts.put({ ...contact, listCounter: storedInteger(contact.listCounter) })
    },
    saveFormerKey: (accountKey, name) => {
      formerKeys.put({ accountKey, name })
    },
  }
}

const byName = (rows: readonly Contact[]): readonly Contact[] =>
  rows.toSorted((a, b) => Number(a.name > b.name) - Number(a.name < b.name))
