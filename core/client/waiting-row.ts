/** Whether a message still waits to be sent. */
import { equal } from "../domain/bytes.ts"
import type { ClientReads, OutboxRow } from "../store/client-store.ts"

const ROWS_PER_LOOK = 500

/** Of messages that the server does not have for everybody, those with files that are not there yet too. */
export const waitingCount = (store: Pick<ClientReads, "outboxCount" | "uploads">): number =>
  store.outboxCount() + store.uploads().length

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
