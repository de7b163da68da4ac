/** Setting after how long what is said in a conversation disappears. */
import { TIMER_SECONDS_MAX } from "../domain/app-message.ts"
import { QpqError } from "../domain/errors.ts"
import { MESSAGE_ID_BYTES, messageId } from "../domain/ids.ts"
import { timerBody, timerContent } from "./group-timer.ts"
import { groupToSpeakIn } from "./speech.ts"
import type { SpeechParts } from "./speech.ts"
import { tellOutcome } from "./tell.ts"
import { waitingCount } from "./waiting-row.ts"

/** @throws E033, E036, E081, E082, E086, E087 */
export function setTimer({ rooms, nudge }: SpeechParts, id: string, seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > TIMER_SECONDS_MAX) throw new QpqError("E087")
  const { me, store, world, events } = rooms
  const group = groupToSpeakIn(rooms, id)
  const now = world.clock.now()
  const own = messageId(world.random.bytes(MESSAGE_ID_BYTES))
  const line = { groupId: group.id, senderKey: me.accountKey, messageId: own }
  const isChanged = store.write((tx) => {
    const known = tx.timer(group.id)
    if ((known?.seconds ?? 0) === seconds) return false
    // The later one counts, whatever the clocks say.
    const sentAt = Math.max(now, (known?.sentAt ?? 0) + 1)
    tx.saveTimer({ groupId: group.id, seconds, by: me.accountKey, id: own, sentAt })
    const when = { epoch: group.epoch, sentAt: now, receivedAt: now, delivery: "queued" } as const
    tx.addTimeline({ ...line, ...when, kind: "change", own: true, body: timerBody(seconds) })
    tx.queue({ groupId: group.id, messageId: own, content: timerContent({ id: own, sentAt, seconds }), since: now })
    return true
  })
  if (!isChanged) return
  tellOutcome(rooms, { group: group.id, line: { group: group.id, sender: me.accountKey, id: own } })
  events.emit({ kind: "queue", queued: waitingCount(store) })
  nudge()
}
