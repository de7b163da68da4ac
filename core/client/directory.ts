/** The names of account keys, as the profile knows them. */
import { equal, hex } from "../domain/bytes.ts"
import type { AccountKey } from "../domain/ids.ts"
import type { ClientReads } from "../store/client-store.ts"
import type { Rooms } from "./session-parts.ts"

/** The name behind an account key, or its first digits while it is not known. Only the accepted key has the name alone. */
export function nameOf({ me, store }: Pick<Rooms, "me"> & { store: ClientReads }, key: AccountKey): string {
  if (equal(key, me.accountKey)) return me.name
  const known = store.contactByKey(key)
  if (known) return known.name
  const former = store.formerName(key)
  if (former !== undefined) return `${former} (old key)`
  const named = store.contactClaiming(key)
  if (!named) return `?${hex(key).slice(0, 8)}`
  return `${named.name} (${named.offered && equal(named.offered, key) ? "new" : "refused"} key)`
}
