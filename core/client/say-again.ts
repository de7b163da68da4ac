/** What was said in a successor is said again where the conversation is now (docs/decisions/0013). */
import type { GroupId } from "../domain/ids.ts"
import type { ClientTx, TimelineRow } from "../store/client-store.ts"
import { encodeAppMessage } from "../wire/app-message.ts"

const ROWS_PER_LOOK = 500

/**
 * Those who read it there drop it by its id.
 * @param since when we came into the group: lines take their places when they come, and our own when they are stored, so
 * that what was written before and sent there stands behind the first line from then on.
 */
export function sayAgain(tx: ClientTx, id: GroupId, since: number): void {
  const rows = linesBackTo(tx, id, since)
  const first = rows.findIndex(({ receivedAt }) => receivedAt >= since)
  if (first < 0) return
  for (const row of rows.slice(first)) if (isOwnText(row) && row.delivery === "stored") queueAgain(tx, row)
}

/** In their order; at least from the first one since then. */
function linesBackTo(tx: ClientTx, id: GroupId, since: number): readonly TimelineRow[] {
  let all: readonly TimelineRow[] = []
  for (;;) {
    const before = all[0]?.place ?? Number.MAX_SAFE_INTEGER
    const rows = tx.timeline({ groupId: id, before, limit: ROWS_PER_LOOK })
    all = [...rows, ...all]
    const isEnd = rows.some((row) => !isOwnText(row) && row.receivedAt < since)
    if (isEnd || rows.length < ROWS_PER_LOOK) return all
  }
}

const isOwnText = ({ own, kind }: TimelineRow): boolean => own && kind === "text"

function queueAgain(tx: ClientTx, { groupId, messageId: id, body, sentAt }: TimelineRow): void {
  const content = encodeAppMessage({ id, sentAt, content: { kind: "text", text: body } })
  tx.queue({ groupId, messageId: id, content, since: sentAt })
  tx.setDelivery(groupId, id, "queued")
}
