/** What others said about lines, as the faces see it that follow a conversation. */
import { equal, hex } from "../domain/bytes.ts"
import { TIMELINE_LIMIT_MAX } from "../store/client-store.ts"
import type { Arrival, TimelineRow } from "../store/client-store.ts"
import { nameOf } from "./directory.ts"
import { faceIdOf, groupOf } from "./group-shelf.ts"
import type { AnnotationPage, AnnotationRequest, AnnotationView } from "./recv-api.ts"
import type { Rooms } from "./session-parts.ts"
import { trustOf } from "./trust.ts"
import { groupName } from "./views.ts"

/** @throws E033 */
export function annotationPage(rooms: Rooms, { groupId: id, after, limit }: AnnotationRequest): AnnotationPage {
  const groupId = groupOf(rooms.store, id).id
  const wanted = Math.max(1, Math.min(limit, TIMELINE_LIMIT_MAX))
  const arrived = rooms.store.arrivals({ groupId, after, limit: wanted })
  const rows = arrived.flatMap((arrival) => {
    const line = lineToTell(rooms, arrival)
    return line ? [annotationView(rooms, arrival, line)] : []
  })
  return { rows, upTo: arrived.at(-1)?.arrival ?? after, atEnd: arrived.length < wanted }
}

/** The line as the timeline shows it: a file has no other text, and a deleted message nothing but that. */
function lineToTell({ me, store }: Rooms, said: Arrival): TimelineRow | undefined {
  if (equal(said.by, me.accountKey)) return undefined
  const line = store.timelineRow(said)
  if (line?.kind !== "text") return undefined
  if (said.kind === "delete") return line
  if (said.kind === "edit" && store.attachment(line)) return undefined
  return store.annotations(line).some(({ kind }) => kind === "delete") ? undefined : line
}

function annotationView(rooms: Rooms, said: Arrival, line: TimelineRow): AnnotationView {
  const { arrival, body, by, groupId, kind, messageId, sentAt, senderKey } = said
  return {
    arrival,
    kind: kind === "delete" ? "deletion" : kind,
    groupId: faceIdOf(rooms.store, groupId),
    group: groupName(rooms, groupId),
    id: hex(messageId),
    author: nameOf(rooms, senderKey),
    sender: nameOf(rooms, by),
    body,
    about: line.body,
    sentAt,
    verified: trustOf(rooms.store, by).verified,
  }
}
