/** What we said in the successor of a group that goes on after all, for those who never were in the successor. */
import { hex, textFrom, utf8 } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientTx, TimelineRow } from "../store/client-store.ts"
import { encodeAppMessage } from "../wire/app-message.ts"

const ROWS_PER_LOOK = 500

/** What stands above this place was stored for the others in the group before; a line gets its place when it is stored. */
export function noteBeginning(tx: ClientTx, id: GroupId): void {
  const [newest] = tx.timeline({ groupId: id, limit: 1 })
  tx.set(name(id), utf8(String(newest?.place ?? 0)))
}

/** Whether another has said something since. @param id where the lines are now. */
export function wasAnswered(tx: ClientTx, successor: GroupId, id: GroupId): boolean {
  const noted = tx.setting(name(successor))
  if (!noted) return false
  const rows = tx.timeline({ groupId: id, after: Number(textFrom(noted)), limit: ROWS_PER_LOOK })
  return rows.some(({ own }) => !own)
}

/**
 * Those who read it there drop it by its id.
 * @param successor since whose beginning. @param id where the lines are now: in it, or in the successor of that.
 */
export function sayAgain(tx: ClientTx, successor: GroupId, id: GroupId): void {
  const noted = tx.setting(name(successor))
  if (!noted) return
  tx.unset(name(successor))
  for (let after = Number(textFrom(noted)); ;) {
    const rows = tx.timeline({ groupId: id, after, limit: ROWS_PER_LOOK })
    for (const row of rows) if (isOwnText(row)) queueAgain(tx, row)
    const newest = rows.at(-1)
    if (!newest || rows.length < ROWS_PER_LOOK) return
    after = newest.place
  }
}

const isOwnText = ({ own, kind, delivery }: TimelineRow): boolean => own && kind === "text" && delivery === "stored"

function queueAgain(tx: ClientTx, { groupId, messageId: id, body, sentAt }: TimelineRow): void {
  const content = encodeAppMessage({ id, sentAt, content: { kind: "text", text: body } })
  tx.queue({ groupId, messageId: id, content, since: sentAt })
  tx.setDelivery(groupId, id, "queued")
}

const name = (id: GroupId): string => `goes-on-behind-${hex(id)}`
