/** Where lines of one's own stand: as the server stored them among those of others (docs/decisions/0036). */
import type { Head } from "../contract/node-service.ts"
import type { ClientReads, ClientTx, TimelineName } from "../store/client-store.ts"
import { storedCursor } from "./mail-cursor.ts"

/** Positions beyond it are no honest server's, and no store can hold them. */
const HEAD_MAX = 2n ** 63n - 1n

/** What the server says of the own mailbox, and which incarnation of it was asked. */
export interface Told {
  readonly head: Head
  readonly generation: bigint
}

/** Ask before the call whose answer is `Told`. */
export const askedOf = (store: ClientReads): Pick<Told, "generation"> => ({
  generation: storedCursor(store).generation,
})

/** The server has a line of one's own: it takes its place. */
export function settleLine(tx: ClientTx, line: TimelineName, { head, generation }: Told): void {
  const cursor = storedCursor(tx)
  const isKnown = head > 0n && head <= HEAD_MAX && generation === cursor.generation
  tx.settleLine(line, { head: isKnown ? head : undefined, reached: cursor.position })
}

/** A row of the mailbox is read for the first time. Call before what it brings is stored. */
export function beginRow(tx: ClientTx, position: bigint): void {
  tx.noteReached(position - 1n)
  tx.keepRoom(position)
}

/** One that waited is opened, behind all that came meanwhile. Call before what it brings is stored. */
export function beginLateRow(tx: ClientTx): void {
  tx.noteReached(storedCursor(tx).position)
}
