/** How far this profile has read its mailbox, and in which incarnation of the server. */
import { concat, uintBytes } from "../domain/bytes.ts"
import type { ClientReads, ClientStore, ClientTx } from "../store/client-store.ts"
import { forgetReached } from "./waiting.ts"

export interface MailCursor {
  readonly position: bigint
  readonly generation: bigint
}

const CURSOR = "mail-cursor"
export const NEW_CURSOR: MailCursor = { position: 0n, generation: 0n }

export function storedCursor(store: ClientReads): MailCursor {
  const stored = store.setting(CURSOR)
  if (!stored) return NEW_CURSOR
  const bytes = Buffer.from(stored)
  return { position: bytes.readBigUInt64BE(0), generation: bytes.readBigUInt64BE(8) }
}

interface CursorRooms {
  readonly store: ClientStore
  /** How far the mailbox is known to be read for good. */
  readonly durable: { cursor: MailCursor }
}

/**
 * The cursor, once it survives a power cut: only then may it be acknowledged. Rows between a batch's ends are stored
 * relaxed, by this process or another of the profile; a batch that ended early, or another's, is made durable here.
 */
export function durableCursor({ store, durable }: CursorRooms): MailCursor {
  const stored = storedCursor(store)
  if (isSame(stored, durable.cursor)) return stored
  durable.cursor = store.write((tx) => {
    const current = storedCursor(tx)
    moveCursor(tx, current)
    return current
  })
  return durable.cursor
}

/**
 * Moves it from `seen` past what is not read, unless another process of the profile has moved it meanwhile.
 * @param also in the same transaction. @returns whether it moved.
 */
export function moveCursorFrom(
  { store }: Pick<CursorRooms, "store">,
  seen: MailCursor,
  to: MailCursor,
  also: (tx: ClientTx) => void = () => undefined,
): boolean {
  return store.write((tx) => {
    if (!isSame(storedCursor(tx), seen)) return false
    if (to.generation !== seen.generation || to.position < seen.position) tx.forgetHeads()
    moveCursor(tx, to)
    forgetReached(tx)
    also(tx)
    return true
  })
}

const isSame = (a: MailCursor, b: MailCursor): boolean => a.position === b.position && a.generation === b.generation

export function moveCursor(tx: ClientTx, { position, generation }: MailCursor): void {
  tx.set(CURSOR, concat(uintBytes(position, 8), uintBytes(generation, 8)))
}
