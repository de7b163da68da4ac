/** Notices that a profile is an older copy of itself: the server has forgotten, as read, mail that it never saw. */
import type { FetchAnswer } from "../contract/node-service.ts"
import { QpqError } from "../domain/errors.ts"
import { takeDown } from "./group-shelf.ts"
import { moveCursorFrom, storedCursor } from "./mail-cursor.ts"
import type { MailCursor } from "./mail-cursor.ts"
import { loseGroup } from "./rejoin.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

/**
 * Before the first reading of a session, and before anything is sealed: an older state would use keys a second time, so
 * every group must let this device in again.
 * @param look asks for what lies behind the stored cursor.
 */
export async function noticeOldCopy(rooms: Rooms, look: () => Promise<FetchAnswer>): Promise<void> {
  const { store } = rooms
  const cursor = storedCursor(store)
  if (missing(cursor, await look()) <= 0n) return
  const answer = await look()
  const { position, generation } = storedCursor(store)
  // Another process of the profile may have read and acknowledged it between the question and the answer.
  if (position !== cursor.position || generation !== cursor.generation || missing(cursor, answer) <= 0n) return
  if (answer.envelopes.length === 0 && moveCursorFrom(rooms, cursor, { position: answer.head, generation }))
    tellOutcome(rooms, { trouble: new QpqError("E045", missing(cursor, answer).toString()) })
  for (const { id, name, status, rejoin } of store.groups()) {
    if (status === "removed" || rejoin) continue
    if (takeDown(rooms, id).group.members.length > 1) loseGroup(rooms, id, name)
  }
}

/** How many positions behind the cursor are neither there nor expired. */
function missing({ position, generation }: MailCursor, answer: FetchAnswer): bigint {
  if (generation !== answer.generation || answer.head < position) return 0n
  const next = answer.envelopes.reduce((least, row) => (row.position < least ? row.position : least), answer.head + 1n)
  const known = answer.expired > position ? answer.expired : position
  return next - known - 1n
}
