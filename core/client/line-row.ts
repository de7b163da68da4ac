/** The line of the timeline that a face means, and whose it is. */
import { equal, unhex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { accountKey, messageId } from "../domain/ids.ts"
import type { ClientReads, TimelineName, TimelineRow } from "../store/client-store.ts"
import type { LineName } from "./client-api.ts"
import { conversationOf } from "./group-shelf.ts"
import type { Rooms } from "./session-parts.ts"
import { idFrom } from "./views.ts"

/** @throws E079 when it is not there. */
export function rowOf({ store }: Pick<Rooms, "store">, { groupId, sender, id }: LineName): TimelineRow {
  const at = conversationOf(store, idFrom(store, groupId))
  const row = store.timelineRow({
    groupId: at,
    senderKey: accountKey(unhex(sender)),
    messageId: messageId(unhex(id)),
  })
  if (!row) throw new QpqError("E079", id)
  return row
}

/** A message that this person has written. @throws E070 another's, E079 */
export function ownRowOf(rooms: Rooms, line: LineName): TimelineRow {
  const row = rowOf(rooms, line)
  if (row.kind !== "text") throw new QpqError("E079", "only messages can be changed")
  if (!equal(row.senderKey, rooms.me.accountKey)) throw new QpqError("E070", "only who wrote a message can change it")
  return row
}

export const isDeleted = (store: ClientReads, line: TimelineName): boolean =>
  store.annotations(line).some(({ kind }) => kind === "delete")
