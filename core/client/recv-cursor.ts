/** How far `qpq recv` has printed each group: places in the timeline, apart from what the app has shown as read. */
import { hex, uintBytes } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

export function recvCursor(store: ClientReads, id: GroupId): number {
  const stored = store.setting(name(id))
  return stored ? Number(Buffer.from(stored).readBigUInt64BE()) : 0
}

export function setRecvCursor(tx: ClientTx, id: GroupId, place: number): void {
  tx.set(name(id), uintBytes(place, 8))
}

const name = (id: GroupId): string => `recv-cursor-${hex(id)}`
