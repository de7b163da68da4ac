/** What the server dropped before it was fetched, told in each conversation as far as it can be known (docs/decisions/0017). */
import type { Envelope, NodeService } from "../contract/node-service.ts"
import { EMPTY, hex, textFrom, uintBytes, utf8 } from "../domain/bytes.ts"
import { hasCode } from "../domain/errors.ts"
import type { ChannelId } from "../domain/ids.ts"
import type { ClientReads, ClientTx, StoredGroup, TimelineRow } from "../store/client-store.ts"
import { isBehindTheScenes, notice } from "./heirs.ts"
import { storedCursor } from "./mail-cursor.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

const UNTOLD = "expired-untold"
/** Beyond all numbers: the question is for what the answer says of the channel, not for its rows. */
const BEHIND_ALL = 2n ** 53n - 1n

interface Untold {
  readonly total: number
  /** Numbers of 1:1 channels, in hex, that were passed over. */
  readonly channels: Readonly<Record<string, number>>
}

/** Positions that the server has forgotten: of which conversation they were, it does not say. */
export function noteExpired(tx: ClientTx, count: number): void {
  const { total, channels } = untold(tx)
  save(tx, { total: total + count, channels })
}

/** A row that was taken: what is missing before it in its 1:1 channel, and an emptied row, went to that conversation. */
export function noteSeq(tx: ClientTx, { channelId, seq, payload }: Envelope): void {
  const isEmptied = payload.length === 0
  if (isEmptied) noteExpired(tx, 1)
  if (channelId.length === 0) return
  const before = beginsAnew(tx, channelId) ? seq - 1n : seqOf(tx, channelId)
  if (seq <= before) return
  tx.set(seqName(channelId), uintBytes(seq, 8))
  const passed = Number(seq - before) - (isEmptied ? 0 : 1)
  const { total, channels } = untold(tx)
  const name = hex(channelId)
  if (passed > 0) save(tx, { total, channels: { ...channels, [name]: (channels[name] ?? 0) + passed } })
}

/** A restored server has other numbers: what is missing shows from the first on that is read. */
export function beginSeqsAnew(tx: ClientTx): void {
  for (const { channel } of tx.directs()) if (tx.setting(seqName(channel))) tx.set(seqName(channel), EMPTY)
}

interface Share {
  readonly group: StoredGroup
  readonly text: string
}

/**
 * Call at the head of the mailbox. What was stored and not told, as when the program ended, is told by the next call.
 * @returns whether something had expired.
 */
export async function tellExpired(rooms: Rooms, node: NodeService): Promise<boolean> {
  const { store } = rooms
  const stored = store.setting(UNTOLD)
  if (!stored) return false
  const { shares, ends } = await sharesOf(rooms, node, untold(store))
  const lines = shares.map(({ group, text }) => notice(rooms, group, text))
  const isOurs = store.write((tx) => {
    // Another process of the profile has told it, or there is more.
    if (!isSame(tx.setting(UNTOLD), stored)) return false
    tx.unset(UNTOLD)
    for (const { channel, seq } of ends) tx.set(seqName(channel), uintBytes(seq, 8))
    for (const line of lines) tx.addTimeline(line)
    return true
  })
  if (isOurs) for (const line of lines) tellLine(rooms, line)
  return true
}

interface Shares {
  readonly shares: readonly Share[]
  /** How far 1:1 channels are accounted for now. */
  readonly ends: readonly { readonly channel: ChannelId; readonly seq: bigint }[]
}

async function sharesOf(rooms: Rooms, node: NodeService, { total, channels }: Untold): Promise<Shares> {
  const { store } = rooms
  const shares: Share[] = []
  const ends: { readonly channel: ChannelId; readonly seq: bigint }[] = []
  let left = total
  for (const { channel, groupId } of total > 0 ? store.directs() : []) {
    const end = await expiredIn(rooms, node, channel)
    const before = beginsAnew(store, channel) ? end : seqOf(store, channel)
    const behind = end > before ? Number(end - before) : 0
    if (behind > 0) ends.push({ channel, seq: end })
    const count = Math.min(left, (channels[hex(channel)] ?? 0) + behind)
    left -= count
    const group = store.group(groupId)
    if (count > 0 && group && isSeen(rooms, group)) shares.push({ group, text: ownText(count) })
  }
  return { shares: left > 0 ? [...shares, ...groupShares(rooms, left)] : shares, ends }
}

const isSame = (now: Uint8Array | undefined, before: Uint8Array): boolean =>
  now !== undefined && Buffer.from(now).equals(before)

function tellLine(rooms: Rooms, { groupId, senderKey, messageId }: Omit<TimelineRow, "place">): void {
  tellOutcome(rooms, { group: groupId, line: { group: groupId, sender: senderKey, id: messageId } })
}

/** Groups share one channel: nothing shows which of them the mail was for. */
function groupShares(rooms: Rooms, count: number): readonly Share[] {
  const { store } = rooms
  const groups = store.groups().filter((group) => isSeen(rooms, group) && group.epoch > 0n && !store.direct(group.id))
  return groups.map((group) => ({ group, text: groups.length === 1 ? ownText(count) : sharedText(count) }))
}

const isSeen = (rooms: Rooms, group: StoredGroup): boolean =>
  group.status === "active" && group.leftAt === undefined && !isBehindTheScenes(rooms, group)

/** Among them may be requests and changes that are no messages. */
const ownText = (count: number): string =>
  count === 1
    ? "A message may have expired while you were away."
    : `Up to ${count} messages expired while you were away.`

const sharedText = (count: number): string =>
  count === 1
    ? "A message that expired while you were away may have been for this group."
    : `Some of ${count} messages that expired while you were away may have been for this group.`

/** The highest number that the server has dropped of this channel; 0 also when it does not know the channel any more. */
async function expiredIn({ me, store }: Rooms, node: NodeService, channel: ChannelId): Promise<bigint> {
  const { generation } = storedCursor(store)
  const where = { recipientKey: me.deviceKey, channelId: channel, allChannels: false, generation }
  try {
    const { expired } = await node.fetch({ ...where, limit: 1, after: BEHIND_ALL, ack: 0n, ackMode: "explicit" })
    return expired
  } catch (thrown) {
    if (hasCode(thrown, "E022", "E023")) return 0n
    throw thrown
  }
}

function untold(store: ClientReads): Untold {
  const stored = store.setting(UNTOLD)
  return stored ? (JSON.parse(textFrom(stored)) as Untold) : { total: 0, channels: {} }
}

function save(tx: ClientTx, value: Untold): void {
  tx.set(UNTOLD, utf8(JSON.stringify(value)))
}

const beginsAnew = (store: ClientReads, channel: ChannelId): boolean => store.setting(seqName(channel))?.length === 0

function seqOf(store: ClientReads, channel: ChannelId): bigint {
  const stored = store.setting(seqName(channel))
  return stored && stored.length > 0 ? Buffer.from(stored).readBigUInt64BE() : 0n
}

const seqName = (channel: ChannelId): string => `read-in-${hex(channel)}`
