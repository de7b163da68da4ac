/**
 * How far `qpq recv` has printed each group, apart from what the app has shown as read: lines by their places in the
 * timeline, what was said about them by its arrival.
 */
import { hex, uintBytes } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

export type RecvCursor = "recv-cursor" | "annotation-cursor"

export function recvCursor(store: ClientReads, which: RecvCursor, id: GroupId): number {
  const stored = store.setting(name(which, id))
  return stored ? Number(Buffer.from(stored).readBigUInt64BE()) : 0
}

export function setRecvCursor(tx: ClientTx, which: RecvCursor, id: GroupId, upTo: number): void {
  tx.set(name(which, id), uintBytes(upTo, 8))
}

/** The history of a group goes on in another, and so do those who follow it. */
export function moveFollowed(tx: ClientTx, from: GroupId, to: GroupId): void {
  const upTo = annotationsToldIn(tx, [from, to])
  tx.moveHistory(from, to)
  setRecvCursor(tx, "annotation-cursor", to, upTo)
  const places = [from, to].map((id) => recvCursor(tx, "recv-cursor", id))
  setRecvCursor(tx, "recv-cursor", to, Math.max(...places))
}

/** Nothing behind it was told in any of the groups: rather something twice than not at all. */
function annotationsToldIn(tx: ClientReads, ids: readonly GroupId[]): number {
  const told = ids.map((id) => recvCursor(tx, "annotation-cursor", id))
  const untold = ids.flatMap((groupId, at) => tx.arrivals({ groupId, after: told[at] ?? 0, limit: 1 }))
  return Math.min(Math.max(...told), ...untold.map(({ arrival }) => arrival - 1))
}

const name = (which: RecvCursor, id: GroupId): string => `${which}-${hex(id)}`
