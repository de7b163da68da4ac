/** Whether a message still waits to be sent. */
import { equal, hex } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, OutboxRow } from "../store/client-store.ts"

const ROWS_PER_LOOK = 500

/**
 * Of messages that the server does not have for everybody, those with files that are not there yet too. Not the word that one
 * leaves a group that is lost: the person is done with that, and there is nothing to be done about it.
 */
export function waitingCount(store: Pick<ClientReads, "outbox" | "outboxCount" | "uploads" | "groups">): number {
  const unheard = store.groups().filter(({ leftAt, rejoin }) => leftAt !== undefined && rejoin !== undefined)
  const unheardCount = unheard.reduce((sum, { id }) => sum + waitingIn(store, id).size, 0)
  return store.outboxCount() - unheardCount + store.uploads().length
}

/** Ids of messages for a group, in hex. */
export function waitingIn(store: Pick<ClientReads, "outbox">, id: GroupId): ReadonlySet<string> {
  const found = new Set<string>()
  for (let after = 0; ;) {
    const rows = store.outbox(ROWS_PER_LOOK, after)
    for (const { groupId, messageId } of rows) if (equal(groupId, id)) found.add(hex(messageId))
    const last = rows.at(-1)
    if (!last || rows.length < ROWS_PER_LOOK) return found
    after = last.place
  }
}

export function waitingRow(
  store: Pick<ClientReads, "outbox">,
  { groupId, messageId }: Pick<OutboxRow, "groupId" | "messageId">,
): OutboxRow | undefined {
  for (let after = 0; ;) {
    const rows = store.outbox(ROWS_PER_LOOK, after)
    const found = rows.find((row) => equal(row.groupId, groupId) && equal(row.messageId, messageId))
    const last = rows.at(-1)
    if (found || !last || rows.length < ROWS_PER_LOOK) return found
    after = last.place
  }
}
