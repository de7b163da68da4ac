/** How far this profile has read its mailbox, and in which incarnation of the server. */
import { concat, uintBytes } from "../domain/bytes.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

export interface MailCursor {
  readonly position: bigint
  readonly generation: bigint
}

const CURSOR = "mail-cursor"
const NEW: MailCursor = { position: 0n, generation: 0n }

export function storedCursor(store: ClientReads): MailCursor {
  const stored = store.setting(CURSOR)
  if (!stored) return NEW
  const bytes = Buffer.from(stored)
  return { position: bytes.readBigUInt64BE(0), generation: bytes.readBigUInt64BE(8) }
}

export function moveCursor(tx: ClientTx, { position, generation }: MailCursor): void {
  tx.set(CURSOR, concat(uintBytes(position, 8), uintBytes(generation, 8)))
}
