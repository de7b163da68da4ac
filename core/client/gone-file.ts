/** Files that the server refused, and of which nothing is kept here any more. */
import { hex } from "../domain/bytes.ts"
import type { MessageId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

export const isFileGone = (store: ClientReads, id: MessageId): boolean => store.setting(name(id)) !== undefined

export function noteFileGone(tx: ClientTx, id: MessageId): void {
  tx.set(name(id), Uint8Array.of(1))
}

/** Its message has disappeared. */
export function forgetFileGone(tx: ClientTx, id: MessageId): void {
  if (isFileGone(tx, id)) tx.unset(name(id))
}

const name = (id: MessageId): string => `file-gone-${hex(id)}`
