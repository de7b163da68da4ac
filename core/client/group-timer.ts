/** After how long what is said in a conversation disappears: set by any member, said to all (docs/decisions/0030). */
import type { AppMessage } from "../domain/app-message.ts"
import { hex } from "../domain/bytes.ts"
import { MESSAGE_ID_BYTES, messageId } from "../domain/ids.ts"
import type { AccountKey, GroupId } from "../domain/ids.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { World } from "../domain/world.ts"
import type { ClientReads, ClientTx, TimelineRow } from "../store/client-store.ts"
import type { GroupTimer } from "../store/passing.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import type { ChangeNote } from "./change-note.ts"
import { waitingRow } from "./waiting-row.ts"

/** A clock that is ahead by more cannot keep a timer from being changed. */
const AHEAD_MS_MAX = DAY_MS

/** Seconds after which what is said now disappears; undefined: it stays. */
export function timerIn(store: ClientReads, id: GroupId): number | undefined {
  const seconds = store.timer(id)?.seconds ?? 0
  return seconds === 0 ? undefined : seconds
}

interface TimerSaid {
  readonly groupId: GroupId
  readonly by: AccountKey
  readonly message: AppMessage
  readonly seconds: number
  /** By the server's clock. */
  readonly receivedAt: number
}

/** @param line that shows it, when it changes anything. @returns whether it counts. */
export function noteTimer(tx: ClientTx, said: TimerSaid, line: Omit<TimelineRow, "place" | "kind" | "body">): boolean {
  const { groupId, by, message, seconds, receivedAt } = said
  if (tx.groupVersion(groupId) === undefined) return false
  const before = tx.timer(groupId)?.seconds ?? 0
  const sentAt = Math.min(message.sentAt, receivedAt + AHEAD_MS_MAX)
  if (!tx.saveTimer({ groupId, seconds, by, id: message.id, sentAt })) return false
  if (before !== seconds) tx.addTimeline({ ...line, kind: "change", body: timerBody(seconds) })
  return true
}

/** To those who were just let in: what holds, as old as it is, so that it wins against nothing newer. */
export function repeatTimer({ clock, random }: World, tx: ClientTx, groupId: GroupId): void {
  const timer = tx.timer(groupId)
  if (!timer) return
  const id = messageId(random.bytes(MESSAGE_ID_BYTES))
  tx.queue({ groupId, messageId: id, content: timerContent({ ...timer, id }), since: clock.now() })
}

/** What was set in a successor by ourselves, for those who were not in it. */
export function timerAgain(tx: ClientTx, groupId: GroupId, me: AccountKey, since: number): void {
  const timer = tx.timer(groupId)
  if (!timer || timer.sentAt < since || hex(timer.by) !== hex(me)) return
  if (waitingRow(tx, { groupId, messageId: timer.id })) return
  tx.queue({ groupId, messageId: timer.id, content: timerContent(timer), since: timer.sentAt })
}

/** As it is said to others. */
export const timerContent = (timer: Pick<GroupTimer, "id" | "sentAt" | "seconds">): Uint8Array =>
  encodeAppMessage({ id: timer.id, sentAt: timer.sentAt, content: { kind: "timer", seconds: timer.seconds } })

/** Of the line that shows it. */
export const timerBody = (seconds: number): string => {
  const note: ChangeNote = { added: [], removed: [], updated: [], timer: seconds }
  return JSON.stringify(note)
}
