/** What we said in the successor of a group that goes on after all, for those who never were in the successor. */
import type { AppContent } from "../domain/app-message.ts"
import { hex, textFrom, utf8 } from "../domain/bytes.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import type { Annotation, ClientReads, ClientTx, TimelineRow } from "../store/client-store.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import { contentOf } from "./annotations.ts"
import { timerAgain } from "./group-timer.ts"
import { waitingIn, waitingRow } from "./waiting-row.ts"

const ROWS_PER_LOOK = 500

/**
 * What stands above this place was stored for the others in the group before; a line gets its place when it is stored.
 * What is said about lines has no place, but a time: that of the first of it that they were not told there.
 */
export function noteBeginning(tx: ClientTx, id: GroupId, me: AccountKey, now: number): void {
  const [newest] = tx.timeline({ groupId: id, limit: 1 })
  const waiting = waitingIn(tx, id)
  const timer = tx.timer(id)
  const said = [...tx.annotationsBy(id, me), ...(timer ? [timer] : [])]
  const unsaid = said.filter((one) => waiting.has(hex(one.id)))
  const time = unsaid.reduce((first, { sentAt }) => Math.min(first, sentAt), now)
  tx.set(name(id), utf8(`${newest?.place ?? 0} ${time}`))
}

interface Beginning {
  readonly place: number
  readonly time: number
}

function beginningOf(tx: ClientTx, id: GroupId): Beginning | undefined {
  const noted = tx.setting(name(id))
  if (!noted) return undefined
  const [place = 0, time = 0] = textFrom(noted).split(" ").map(Number)
  return { place, time }
}

/** Whether another has said something since. @param id where the lines are now. */
export function wasAnswered(tx: ClientTx, successor: GroupId, id: GroupId): boolean {
  const beginning = beginningOf(tx, successor)
  if (!beginning) return false
  const rows = tx.timeline({ groupId: id, after: beginning.place, limit: ROWS_PER_LOOK })
  return rows.some(({ own }) => !own)
}

interface Again {
  /** Since whose beginning. */
  readonly successor: GroupId
  /** Where the lines are now: in it, or in the successor of that. */
  readonly id: GroupId
}

/** Those who read it there drop it by its id. */
export function sayAgain(tx: ClientTx, me: AccountKey, { successor, id }: Again): void {
  const beginning = beginningOf(tx, successor)
  if (!beginning) return
  tx.unset(name(successor))
  const annotations = tx.annotationsBy(id, me).filter(({ sentAt }) => sentAt >= beginning.time)
  for (const annotation of annotations) queueAnnotation(tx, annotation, annotation.sentAt)
  timerAgain(tx, id, me, beginning.time)
  for (let after = beginning.place; ;) {
    const rows = tx.timeline({ groupId: id, after, limit: ROWS_PER_LOOK })
    for (const row of rows) if (isOwnText(row)) queueAgain(tx, row, row.sentAt)
    const newest = rows.at(-1)
    if (!newest || rows.length < ROWS_PER_LOOK) return
    after = newest.place
  }
}

const isOwnText = ({ own, kind, delivery, body }: TimelineRow): boolean =>
  own && kind === "text" && delivery === "stored" && body !== ""

/**
 * A message as it reads now, under its own id: of one that was edited nothing else is kept.
 * @param since when the time begins for which full mailboxes are tried.
 */
export function queueAgain(tx: ClientTx, row: TimelineRow, since: number): void {
  const { groupId, messageId: id } = row
  tx.queue({ groupId, messageId: id, content: lineContent(tx, row), since })
  tx.setDelivery(groupId, id, "queued")
}

/** Encoded application message. */
export function lineContent(store: ClientReads, row: TimelineRow): Uint8Array {
  const { groupId, senderKey, messageId: id, body, sentAt, replyTo: to, expiresAfter = 0 } = row
  const file = store.attachment({ groupId, senderKey, messageId: id })
  const said: AppContent = to ? { kind: "reply", to, text: body } : { kind: "text", text: body }
  const ends = expiresAfter > 0 && { expiresAfter }
  return encodeAppMessage({ id, sentAt, ...ends, content: file ? { kind: "attachment", ...file } : said })
}

/** What waits still goes by itself. */
export function queueAnnotation(tx: ClientTx, annotation: Annotation, since: number): void {
  const { groupId, id, sentAt } = annotation
  if (waitingRow(tx, { groupId, messageId: id })) return
  const content = encodeAppMessage({ id, sentAt, content: contentOf(annotation) })
  tx.queue({ groupId, messageId: id, content, since })
}

const name = (id: GroupId): string => `goes-on-behind-${hex(id)}`
