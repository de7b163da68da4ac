/** Leases in memory: who may do a thing alone for a while. */
import { equal } from "../domain/bytes.ts"
import type { ClientTx } from "./client-store.ts"
import type { MemoryTables } from "./memory-tables.ts"

export function leaseWrites({ leases: held }: MemoryTables): Pick<ClientTx, "lease" | "release"> {
  return {
    lease(name, owner, now, untilMs) {
      const current = held.get(name)
      if (current && !equal(current.owner, owner) && current.untilMs > now) return false
      held.put({ name, owner, untilMs })
      return true
    },
    release(name, owner) {
      const current = held.get(name)
      if (current && equal(current.owner, owner)) held.drop(name)
    },
  }
}
