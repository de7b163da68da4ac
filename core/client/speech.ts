/** What a person says in a conversation: texts, and what is to be thought of them from now on. */
import { EMOJI_BYTES_MAX, TEXT_BYTES_MAX } from "../domain/app-message.ts"
import type { AppContent, AppMessage, MessageRef } from "../domain/app-message.ts"
import { equal, hex, unhex, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { MESSAGE_ID_BYTES, messageId } from "../domain/ids.ts"
import type { MessageId } from "../domain/ids.ts"
import type { ClientTx, StoredGroup, TimelineName, TimelineRow } from "../store/client-store.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import { refuseBlocked } from "./blocks.ts"
import { nameOf } from "./directory.ts"
import { annotationOf, noteAnnotation } from "./annotations.ts"
import type { LineName, TimelineView } from "./client-api.ts"
import { checkSomebodyListens } from "./direct-channel.ts"
import { groupOf, storedGroup } from "./group-shelf.ts"
import { timerIn } from "./group-timer.ts"
import { isBehindTheScenes } from "./heirs.ts"
import { isDeleted, ownRowOf, rowOf } from "./line-row.ts"
import { forgetWaitsFor } from "./outbox-pass.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"
import { checkPeer } from "./trust.ts"
import { waitingCount, waitingRow } from "./waiting-row.ts"
import { timelineView } from "./views.ts"

export interface SpeechParts {
  readonly rooms: Rooms
  /** Something waits to be sent. */
  readonly nudge: () => void
}

export class Speech {
  readonly #parts: SpeechParts

  constructor(parts: SpeechParts) {
    this.#parts = parts
  }

  /** @returns its id, hex. @throws E025, E033, E036, E070 empty, E079 when what it answers is not there. */
  send(id: string, text: string, replyTo: LineName | undefined): string {
    checkText(text)
    const group = groupToSpeakIn(this.#parts.rooms, id)
    const to = replyTo && refTo(rowOf(this.#parts.rooms, replyTo))
    const content: AppContent = to ? { kind: "reply", to, text } : { kind: "text", text }
    const { me, world } = this.#parts.rooms
    const expiresAfter = timerIn(this.#parts.rooms.store, group.id)
    const message = this.#message(content, world.clock.now(), expiresAfter)
    const { id: own, sentAt } = message
    const name = { groupId: group.id, senderKey: me.accountKey, messageId: own }
    this.#say(group, message, (tx) => {
      const { epoch } = storedGroup(tx, group.id)
      const when = { epoch, sentAt, receivedAt: sentAt, delivery: "queued" } as const
      tx.addTimeline({ ...name, ...when, kind: "text", own: true, body: text, replyTo: to, expiresAfter })
    })
    this.#tellLine(name)
    return hex(own)
  }

  /** @param emoji one of them; empty takes it back. @throws E025, E033, E036, E079 */
  react(line: LineName, emoji: string): void {
    if (utf8(emoji).length > EMOJI_BYTES_MAX) throw new QpqError("E025", `reaction above ${EMOJI_BYTES_MAX} bytes`)
    const row = rowOf(this.#parts.rooms, line)
    if (row.kind !== "text") throw new QpqError("E079", "only messages can be reacted to")
    this.#annotate(row, { kind: "reaction", to: refTo(row), emoji })
  }

  /** @throws E025, E033, E036, E070 another's or empty, E079 not there or deleted. */
  edit(line: LineName, text: string): void {
    checkText(text)
    const row = ownRowOf(this.#parts.rooms, line)
    if (isDeleted(this.#parts.rooms.store, row)) throw new QpqError("E079", "the message was deleted")
    if (this.#parts.rooms.store.attachment(row)) throw new QpqError("E070", "a file cannot be edited")
    this.#annotate(row, { kind: "edit", of: row.messageId, text })
  }

  /** For everybody; one that was not sealed yet is never sent. @throws E033, E036, E070 another's, E079 */
  delete(line: LineName): void {
    const row = ownRowOf(this.#parts.rooms, line)
    if (isDeleted(this.#parts.rooms.store, row) || this.#isUnsaid(row)) return
    this.#annotate(row, { kind: "delete", of: row.messageId })
  }

  /**
   * Takes it out of the outbox, as if it had never been written, unless it is sealed. It may have been sealed before, or
   * said before in another group: whoever has it all the same is told to forget it.
   */
  #isUnsaid(row: TimelineRow): boolean {
    const { store, events, world } = this.#parts.rooms
    const message = this.#message({ kind: "delete", of: row.messageId }, world.clock.now())
    const [content, since] = [encodeAppMessage(message), message.sentAt]
    const isDone = store.write((tx) => {
      const waiting = waitingRow(tx, row)
      if (!waiting || waiting.sealed) return false
      tx.unqueue(waiting.place)
      forgetWaitsFor(tx, waiting)
      tx.dropLine(row)
      tx.queue({ groupId: row.groupId, messageId: message.id, content, since })
      return true
    })
    if (!isDone) return false
    this.#parts.nudge()
    events.emit({ kind: "queue", queued: waitingCount(store) })
    events.emit({ kind: "lagged" })
    return true
  }

  /** @param start of its id, hex. @throws E033, E079 when there is none, or more than one. */
  find(id: string, start: string): TimelineView {
    const { rooms } = this.#parts
    const wanted = start.toLowerCase()
    if (!/^[0-9a-f]{1,32}$/.test(wanted)) throw new QpqError("E079", `${start} is no message id`)
    const bound = (digit: string): MessageId => messageId(unhex(wanted.padEnd(2 * MESSAGE_ID_BYTES, digit)))
    const group = groupOf(rooms.store, id)
    const rows = rooms.store.linesBetween(group.id, bound("0"), bound("f"), LOOKED_AT_MAX)
    const [row, ...others] = rows.filter(({ kind }) => kind === "text")
    if (!row) throw new QpqError("E079", start)
    if (others.length > 0) throw new QpqError("E079", `${start} is the beginning of several ids`)
    return timelineView(rooms, row)
  }

  #annotate(row: TimelineRow, content: AppContent): void {
    const { me, store, world } = this.#parts.rooms
    const group = groupToSpeakIn(this.#parts.rooms, hex(row.groupId))
    const earlier = store.annotations(row).filter(({ by }) => equal(by, me.accountKey))
    // The later one counts, also within one millisecond and when the clock was set back.
    const sentAt = earlier.reduce((latest, about) => Math.max(latest, about.sentAt + 1), world.clock.now())
    const message = this.#message(content, sentAt)
    const annotation = annotationOf(row.groupId, me.accountKey, message)
    this.#say(group, message, (tx) => {
      if (annotation) noteAnnotation(tx, annotation)
    })
    this.#tellLine(row)
  }

  /** Stores what it means here and queues it for the others, in one transaction. */
  #say({ id: groupId }: StoredGroup, message: AppMessage, keep: (tx: ClientTx) => void): void {
    const { rooms, nudge } = this.#parts
    const { store, world, events } = rooms
    const content = encodeAppMessage(message)
    store.write((tx) => {
      keep(tx)
      tx.queue({ groupId, messageId: message.id, content, since: world.clock.now() })
    })
    events.emit({ kind: "queue", queued: waitingCount(store) })
    nudge()
  }

  #message(content: AppContent, sentAt: number, expiresAfter = 0): AppMessage {
    const id = messageId(this.#parts.rooms.world.random.bytes(MESSAGE_ID_BYTES))
    return { id, sentAt, content, ...(expiresAfter > 0 && { expiresAfter }) }
  }

  #tellLine({ groupId, senderKey, messageId: id }: TimelineName): void {
    tellOutcome(this.#parts.rooms, { line: { group: groupId, sender: senderKey, id } })
  }
}

/** @throws E018, E033, E036, E081, E082, E086 */
export function groupToSpeakIn(rooms: Rooms, id: string): StoredGroup {
  const group = groupOf(rooms.store, id)
  const isOver = group.status !== "active" || group.leftAt !== undefined
  if (isOver || isBehindTheScenes(rooms, group)) throw new QpqError("E036", group.name)
  checkSomebodyListens(rooms, group.id)
  const direct = rooms.store.direct(group.id)
  if (direct) {
    refuseBlocked(rooms.store, direct.peer, nameOf(rooms, direct.peer))
    checkPeer(rooms.store, direct.peer)
  }
  return group
}

/** Hostile members can give many messages ids that begin alike; two are too many already. */
const LOOKED_AT_MAX = 64

const refTo = ({ senderKey, messageId: id }: TimelineRow): MessageRef => ({ author: senderKey, id })

function checkText(text: string): void {
  if (text === "") throw new QpqError("E070", "an empty message")
  if (utf8(text).length > TEXT_BYTES_MAX) throw new QpqError("E025", `text above ${TEXT_BYTES_MAX} bytes`)
}
