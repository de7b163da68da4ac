/** Mail that a restored server may have lost is offered again: as it was, and what that may not serve, sealed anew (PROTOCOL.md section 11). */
import type { FanOut, FanOutAnswer, NodeService } from "../contract/node-service.ts"
import { concat, EMPTY, equal, hex, uintBytes } from "../domain/bytes.ts"
import { deviceKey } from "../domain/ids.ts"
import type { DeviceKey, MessageId } from "../domain/ids.ts"
import { RETENTION_MS } from "../domain/limits.ts"
import type { ClientReads, ClientTx, OutboxRow } from "../store/client-store.ts"
import type { KeptMail } from "../store/sent-mail.ts"
import { encodeAppMessage } from "../wire/app-message.ts"
import { contentOf } from "./annotations.ts"
import { epochAtServer } from "./epoch-check.ts"
import { conversationOf } from "./group-shelf.ts"
import { timerContent } from "./group-timer.ts"
import { isDeleted } from "./line-row.ts"
import { lineContent } from "./say-again.ts"
import type { Rooms } from "./session-parts.ts"
import { fanOutFrom, storedFanOut } from "./stored-form.ts"
import { waitingRow } from "./waiting-row.ts"

/** What is larger is only sealed anew: in a large baseline group each recipient costs more than a kilobyte. */
const SEALED_BYTES_MAX = 16_384
const MAILS_PER_LOOK = 64
const KEY_BYTES = 32
const STORED = 0
const BEYOND_ALL = 2n ** 63n

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

interface Offering {
  readonly rooms: Rooms
  readonly node: NodeService
  /** When the restore was noticed, in milliseconds since the Unix epoch: only what was stored before it. */
  readonly before: number
}

/**
 * In the order in which it was stored. Who lacks it stands in the epoch that it was sealed for, so that it names no group:
 * else the server would refuse it as stale. What is done is noted, for it may be much.
 * @throws what the link throws; then call it again.
 */
export async function offerSentAgain(offering: Offering): Promise<void> {
  const { store, world } = offering.rooms
  for (let after = offeredUpTo(store); ;) {
    const mails = store.sentMail(after, MAILS_PER_LOOK)
    await offerSome(offering, mails)
    after = mails.at(-1)?.place ?? after
    if (mails.length < MAILS_PER_LOOK) break
  }
  store.write((tx) => {
    tx.unset(OFFERED)
    tx.dropSentBefore(world.clock.now() - RETENTION_MS)
  })
}

/** Whoever lacks it may have been let in to a later epoch meanwhile, or reads it only behind the commit that ended its epoch. */
async function offerSome({ rooms, node, before }: Offering, mails: readonly KeptMail[]): Promise<void> {
  const { store } = rooms
  const asked = mails.filter(({ storedAt }) => storedAt < before && storedAt >= before - RETENTION_MS)
  const missed = new Map<number, Uint8Array>()
  for (const mail of asked) missed.set(mail.place, await offered(node, mail))
  const epochs = await epochsOf(rooms, node, asked)
  const last = mails.at(-1)
  if (!last) return
  store.write((tx) => {
    for (const mail of asked) {
      const keys = missed.get(mail.place) ?? EMPTY
      const isOver = (epochs.get(hex(mail.groupId)) ?? 0n) > mail.epoch
      if (isOver) queueAnew(rooms, tx, mail)
      else if (keys.length > 0) queueAnew(rooms, tx, { ...mail, recipients: keys })
    }
    noteOffered(tx, last.place)
  }, "relaxed")
}

/** The highest epoch of each group that is known here or to the server; of one that went on in another, beyond all. */
async function epochsOf(
  rooms: Rooms,
  node: NodeService,
  mails: readonly KeptMail[],
): Promise<ReadonlyMap<string, bigint>> {
  const { store } = rooms
  const epochs = new Map<string, bigint>()
  for (const { groupId } of mails) {
    if (epochs.has(hex(groupId))) continue
    const group = store.group(groupId)
    const isThere = group?.status === "active" || group?.status === "hidden"
    if (!isThere || !equal(conversationOf(store, groupId), groupId)) epochs.set(hex(groupId), BEYOND_ALL)
    else epochs.set(hex(groupId), highest(group.epoch, await epochAtServer(rooms, node, group)))
  }
  return epochs
}

const highest = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** @returns the device keys of those for whom it was not stored. */
async function offered(node: NodeService, { sealed, recipients }: KeptMail): Promise<Uint8Array> {
  if (sealed.length === 0) return recipients
  const { items, payload, messageId, ttlSecs } = fanOutFrom(sealed)
  const { results } = await node.enqueueMany({ items, payload, messageId, ttlSecs })
  const missed = items.filter((_, at) => results[at]?.code !== STORED)
  return concat(...missed.map(({ recipientKey }) => recipientKey))
}

/** As it reads now; those who have it drop it by its id. What is no message and about none is not said again. */
export function queueAnew({ me, world }: Rooms, tx: ClientTx, mail: KeptMail): void {
  const { messageId, recipients } = mail
  const groupId = conversationOf(tx, mail.groupId)
  const group = tx.group(groupId)
  if (group?.status !== "active" && group?.status !== "hidden") return
  const waiting = waitingRow(tx, { groupId, messageId })
  const known = tx.setting(againName(messageId))
  if (waiting && known) tx.set(againName(messageId), concat(known, recipients))
  if (waiting) return
  const content = contentAgain(tx, { groupId, senderKey: me.accountKey, messageId })
  if (!content) return
  tx.queue({ groupId, messageId, content, since: world.clock.now() })
  tx.set(againName(messageId), recipients)
}

type OwnName = Parameters<ClientReads["timelineRow"]>[0]

function contentAgain(tx: ClientTx, name: OwnName): Uint8Array | undefined {
  const { groupId, senderKey, messageId: id } = name
  const line = tx.timelineRow(name)
  if (line) return isDeleted(tx, name) ? undefined : lineContent(tx, line)
  const timer = tx.timer(groupId)
  if (timer && equal(timer.id, id)) return timerContent(timer)
  const annotation = tx.annotationsBy(groupId, senderKey).find((one) => equal(one.id, id))
  return annotation && encodeAppMessage({ id, sentAt: annotation.sentAt, content: contentOf(annotation) })
}

/** Who had it before, and alone gets it again; undefined for what was not sent before. */
export function againFor(
  store: ClientReads,
  { messageId }: Pick<OutboxRow, "messageId">,
): readonly DeviceKey[] | undefined {
  const stored = store.setting(againName(messageId))
  return stored && keysFrom(stored)
}

/** @param bytes device keys, 32 bytes each */
export const keysFrom = (bytes: Uint8Array): readonly DeviceKey[] =>
  Array.from({ length: bytes.length / KEY_BYTES }, (_, at) =>
    deviceKey(bytes.slice(at * KEY_BYTES, (at + 1) * KEY_BYTES)),
  )

export function forgetAgain(tx: ClientTx, { messageId }: Pick<OutboxRow, "messageId">): void {
  tx.unset(againName(messageId))
}

const OFFERED = "offered-since-restore"

function offeredUpTo(store: ClientReads): number {
  const stored = store.setting(OFFERED)
  return stored ? Number(Buffer.from(stored).readBigUInt64BE()) : 0
}

function noteOffered(tx: ClientTx, place: number): void {
  tx.set(OFFERED, uintBytes(place, 8))
}

/** The server was restored, once more perhaps. */
export function beginOffering(tx: ClientTx): void {
  tx.unset(OFFERED)
}

const againName = (id: MessageId): string => `again-for-${hex(id)}`
