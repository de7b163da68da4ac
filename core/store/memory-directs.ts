/** 1:1 conversations in memory. */
import { equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { ClientReads, ClientTx, Direct } from "./client-store.ts"
import type { MemoryTables } from "./memory-tables.ts"

export function directReads({
  directs,
}: MemoryTables): Pick<ClientReads, "direct" | "directWith" | "directIn" | "directs"> {
  const first = (wanted: (row: Direct) => boolean): Direct | undefined => directs.all(wanted)[0]
  return {
    direct: (id) => first(({ groupId }) => equal(groupId, id)) ?? directs.get(id),
    directWith: (key) => first(({ peer }) => equal(peer, key)),
    directIn: (id) => first(({ channel }) => equal(channel, id)),
    directs: () => directs.all().toSorted((a, b) => (hex(a.id) < hex(b.id) ? -1 : 1)),
  }
}

export function directWrites({ groups, directs }: MemoryTables): Pick<ClientTx, "saveDirect"> {
  return {
    saveDirect(row) {
      const clashes = directs.count(
        ({ id, peer, channel, groupId }) =>
          !equal(id, row.id) && (equal(peer, row.peer) || equal(channel, row.channel) || equal(groupId, row.groupId)),
      )
      if (clashes > 0 || !groups.get(row.groupId)) throw new QpqError("E063", "1:1 conversation")
      directs.put(row)
    },
  }
}
