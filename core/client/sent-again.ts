/** Mail that a restored server may have lost is offered again: as it was, or sealed anew for those who had it (PROTOCOL.md section 11). */
import type { FanOut, FanOutAnswer } from "../contract/node-service.ts"
import { concat, EMPTY, equal, hex } from "../domain/bytes.ts"
import { deviceKey } from "../domain/ids.ts"
import type { AccountKey, DeviceKey, GroupId, MessageId } from "../domain/ids.ts"
import { RETENTION_MS } from "../domain/limits.ts"
import type { ClientReads, ClientTx, OutboxRow } from "../store/client-store.ts"
import type { SentMail } from "../store/sent-mail.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import { contentOf } from "./annotations.ts"
import { conversationOf } from "./group-shelf.ts"
import { timerContent } from "./group-timer.ts"
import { isDeleted } from "./line-row.ts"
import { lineContent } from "./say-again.ts"
import { storedFanOut } from "./stored-form.ts"

/** What is larger is sealed anew: in a large baseline group each recipient costs more than a kilobyte. */
const SEALED_BYTES_MAX = 16_384
const ROWS_PER_LOOK = 500
const KEY_BYTES = 32
const STORED = 0

export interface Stored {
  readonly fanOut: FanOut
  readonly results: FanOutAnswer["results"]
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** Call when the server has stored it for all whom it can reach. */
export function keepSent(tx: ClientTx, { groupId, messageId }: OutboxRow, { fanOut, results, now }: Stored): void {
  const to = fanOut.items.filter((_, at) => results[at]?.code === STORED)
  if (to.length === 0 || !fanOut.group) return
  const bytes = storedFanOut({ ...fanOut, items: to })
  tx.keepSent({
    groupId,
    messageId,
    epoch: fanOut.group.epoch,
    sealed: bytes.length > SEALED_BYTES_MAX ? EMPTY : bytes,
    recipients: concat(...to.map(({ recipientKey }) => recipientKey)),
    storedAt: now,
  })
}

/**
 * All of it waits to be sent again, before what waits already: a recipient keeps the keys of few skipped messages. What was
 * said in an epoch that is over goes as it reads now; those who read it before drop it by its id.
 */
export function queueSentAgain(tx: ClientTx, me: AccountKey, now: number): void {
  const waiting = allWaiting(tx)
  for (const { place } of waiting) tx.unqueue(place)
  const isWaiting = new Set(waiting.map(nameOf))
  let place = 0
  const queued = ({ sealed, ...row }: Omit<OutboxRow, "place">): void => {
    tx.queue(row)
    place = tx.outbox(1, place)[0]?.place ?? place
    if (sealed) tx.seal(place, sealed)
  }
  for (const mail of tx.sentMail()) {
    const row = mail.storedAt >= now - RETENTION_MS && againOf(tx, me, mail)
    if (!row || isWaiting.has(nameOf(row))) continue
    queued({ ...row, since: now })
    tx.set(againName(mail.messageId), mail.recipients)
  }
  tx.dropSent()
  for (const row of waiting) queued(row)
}

const nameOf = ({ groupId, messageId }: Pick<OutboxRow, "groupId" | "messageId">): string =>
  `${hex(groupId)} ${hex(messageId)}`

function allWaiting(store: ClientReads): readonly OutboxRow[] {
  const found: OutboxRow[] = []
  for (;;) {
    const rows = store.outbox(ROWS_PER_LOOK, found.at(-1)?.place ?? 0)
    found.push(...rows)
    if (rows.length < ROWS_PER_LOOK) return found
  }
}

/** undefined when there is nobody to say it to, or nothing to say any more. */
function againOf(tx: ClientTx, me: AccountKey, mail: SentMail): Omit<OutboxRow, "place" | "since"> | undefined {
  const { messageId, epoch, sealed } = mail
  const groupId = conversationOf(tx, mail.groupId)
  const group = tx.group(groupId)
  if (group?.status !== "active" && group?.status !== "hidden") return undefined
  const content = contentAgain(tx, me, groupId, messageId)
  if (content === "deleted") return undefined
  const isAsItWas = sealed.length > 0 && equal(groupId, mail.groupId) && group.epoch === epoch
  if (isAsItWas) return { groupId, messageId, content, sealed: { epoch, bytes: sealed } }
  return content.length > 0 ? { groupId, messageId, content, sealed: undefined } : undefined
}

/** As it reads now; empty for what is neither a message nor about one: that goes only as it was. */
function contentAgain(tx: ClientTx, me: AccountKey, groupId: GroupId, id: MessageId): Uint8Array | "deleted" {
  const name = { groupId, senderKey: me, messageId: id }
  const line = tx.timelineRow(name)
  if (line) return isDeleted(tx, name) ? "deleted" : lineContent(tx, line)
  const timer = tx.timer(groupId)
  if (timer && equal(timer.id, id)) return timerContent(timer)
  const annotation = tx.annotationsBy(groupId, me).find((one) => equal(one.id, id))
  if (!annotation) return EMPTY
  return encodeAppMessage({ id, sentAt: annotation.sentAt, content: contentOf(annotation) })
}

/** Who had it before, and alone gets it again; undefined for what was not sent before. */
export function againFor(
  store: ClientReads,
  { messageId }: Pick<OutboxRow, "messageId">,
): readonly DeviceKey[] | undefined {
  const stored = store.setting(againName(messageId))
  if (!stored) return undefined
  return Array.from({ length: stored.length / KEY_BYTES }, (_, at) =>
    deviceKey(stored.slice(at * KEY_BYTES, (at + 1) * KEY_BYTES)),
  )
}

export function forgetAgain(tx: ClientTx, { messageId }: Pick<OutboxRow, "messageId">): void {
  if (tx.setting(againName(messageId))) tx.unset(againName(messageId))
}

const againName = (id: MessageId): string => `again-for-${hex(id)}`
