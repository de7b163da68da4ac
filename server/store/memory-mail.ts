/** The model's mailboxes: rows in order, numbered twice, within a quota (PROTOCOL.md section 9). */
import type { Envelope, FetchAnswer, RowCommit } from "../../core/contract/node-service.ts"
import { concat, EMPTY, equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { ChannelId, DeviceKey, MessageId } from "../../core/domain/ids.ts"
import { RESTORE_STEP } from "../../core/domain/limits.ts"
import { isLostMark, LOST_MARK } from "../../core/domain/lost-mark.ts"
import { EMPTIED_AGAIN_MS, FirstHead, refusedDeposit, ROW_OVERHEAD_BYTES } from "./node-store.ts"
import type { AccountId } from "./account-rows.ts"
import type { Acknowledgement, ChannelCode, Deposit, DepositAnswer, DepositItem, Read } from "./node-store.ts"
import { hasRoom, hasRoomForCommit, hasRoomForMark, MAILBOX_QUOTA } from "./quota.ts"
import type { MailboxUsage, Usage } from "./quota.ts"

interface Row {
  position: number
  seq: number
  readonly channelId: ChannelId
  readonly id: MessageId
  readonly sender: AccountId
  readonly receivedAt: number
  payload: Uint8Array
  bytes: number
  commit: RowCommit | undefined
  expiresAt: number
}

interface Numbers {
  head: number
  expired: number
}

interface Box extends Numbers {
  rows: Row[]
  /** Highest position that an answer held. */
  given: number
  readonly lanes: Map<string, Numbers>
}

interface Tombstone {
  seq: number
  senderHead: number
  readonly until: number
}

/** Whether the owner of a mailbox, and the sender if there is one, may use a channel. */
export type ChannelJudge = (channel: ChannelId, recipient: DeviceKey, sender?: AccountId) => ChannelCode

/** What a row is appended with. */
export interface Letter {
  readonly item: DepositItem
  readonly payload: Uint8Array
  readonly sender: AccountId
  /** Where the sender's mailbox ended before; 0 when that is not known. */
  readonly senderHead: number
  readonly now: number
  readonly expiresAt: number
  readonly rememberUntil: number
  readonly commit?: RowCommit
}

export class MemoryMail {
  readonly #isDevice: (key: DeviceKey) => boolean
  readonly #refusal: ChannelJudge
  readonly #boxes = new Map<string, Box>()
  readonly #tombstones = new Map<string, Tombstone>()
  /** Where mailboxes and lanes begin that are not known yet. */
  #base = 0

  constructor(isDevice: (key: DeviceKey) => boolean, refusal: ChannelJudge) {
    this.#isDevice = isDevice
    this.#refusal = refusal
  }

  counts(): { readonly mailRows: number; readonly mailRowsOfOne: number } {
    const held = [...this.#boxes.values()].map(({ rows }) => rows.length)
    return { mailRows: held.reduce((sum, rows) => sum + rows, 0), mailRowsOfOne: Math.max(0, ...held) }
  }

  deposit(deposit: Deposit, isStale: boolean): Omit<DepositAnswer, "epoch"> {
    const { account: sender, senderKey, now, expiresAt, rememberUntil } = deposit
    const senderHead = senderKey === undefined ? 0 : this.headOf(senderKey)
    const first = new FirstHead()
    const results = deposit.items.map((item) => {
      const payload = concat(item.prefix, deposit.body)
      if (!this.#isDevice(item.recipientKey)) return refusedDeposit(40)
      const barred = deposit.membersOnly === true ? this.#refusal(item.channelId, item.recipientKey, sender) : 0
      if (barred !== 0) return refusedDeposit(barred)
      const known = this.#tombstones.get(tombstoneName(item, sender))
      if (known) first.stored(known.senderHead)
      if (known) return { code: 0, seq: known.seq, duplicate: true }
      if (isStale) return refusedDeposit(42)
      if (!this.hasRoom(item.recipientKey, sender, { rows: 1, bytes: payload.length })) return refusedDeposit(41)
      const seq = this.append({ item, payload, sender, senderHead, now, expiresAt, rememberUntil })
      first.stored(senderHead)
      return { code: 0, seq, duplicate: false }
    })
    return { results, head: first.head }
  }

  /** Position of the newest row there ever was; 0 for nobody's mailbox. */
  headOf(key: DeviceKey): number {
    return this.#isDevice(key) ? this.#box(key).head : 0
  }

  clear(key: DeviceKey): void {
    this.#boxes.delete(hex(key))
  }

  /** @returns its seq. */
  append({ item, payload, sender, senderHead, now, expiresAt, rememberUntil, commit }: Letter): number {
    const box = this.#box(item.recipientKey)
    const lane = laneOf(box, item.channelId, this.#base)
    const { channelId, messageId: id } = item
    const position = ++box.head
    const seq = ++lane.head
    const bytes = payload.length
    box.rows.push({ position, seq, channelId, id, sender, receivedAt: now, payload, bytes, commit, expiresAt })
    this.#tombstones.set(tombstoneName(item, sender), { seq, senderHead, until: rememberUntil })
    return seq
  }

  /** One mark tells of all losses of a group that were not read yet. @returns whether the mailbox grew. */
  markLost(letter: Letter & Required<Pick<Letter, "commit">>): boolean {
    const { item, sender, now, expiresAt, commit } = letter
    const box = this.#box(item.recipientKey)
    const marks = box.rows.filter(isMark)
    const last = marks.findLast((row) => {
      return equal(row.commit.groupTag, commit.groupTag) && equal(row.channelId, item.channelId)
    })
    if (last && last.position > box.given && last.expiresAt > now) {
      last.expiresAt = Math.max(last.expiresAt, expiresAt)
      return false
    }
    const own = marks.filter((row) => row.sender === sender).length
    if (!hasRoomForMark({ all: marks.length, own })) return false
    this.append({ ...letter, payload: LOST_MARK })
    return true
  }

  hasRoom(key: DeviceKey, sender: AccountId, more: Usage): boolean {
    return hasRoom(usageOf(this.#box(key), sender), more, MAILBOX_QUOTA)
  }

  hasRoomForCommit(key: DeviceKey, sender: AccountId, bytes: number): boolean {
    return hasRoomForCommit(usageOf(this.#box(key), sender), bytes, MAILBOX_QUOTA)
  }

  read(read: Read, generation: bigint): FetchAnswer {
    if (!this.#isDevice(read.deviceKey)) return { envelopes: [], head: 0n, expired: 0n, generation, more: false }
    this.#checkAccess(read)
    const box = this.#box(read.deviceKey)
    const isKnown = read.generation === generation
    if (isKnown) this.acknowledge({ ...read, upTo: read.ack }, generation)
    const after = isKnown ? read.after : 0n
    const rows = box.rows.filter((row) => isOf(row, read) && numberOf(row, read) > after)
    const given = rows.slice(0, fitting(rows, read))
    box.given = Math.max(box.given, given.at(-1)?.position ?? 0)
    const { head, expired } = read.allChannels ? box : this.#numbersOf(box, read.channelId)
    return {
      envelopes: given.map((row) => envelopeOf(row, read.now)),
      head: BigInt(head),
      expired: BigInt(expired),
      generation,
      more: given.length < rows.length,
    }
  }

  acknowledge(ack: Acknowledgement, generation: bigint): bigint {
    if (!this.#isDevice(ack.deviceKey)) return 0n
    this.#checkAccess(ack)
    if (ack.generation !== generation) return 0n
    const box = this.#box(ack.deviceKey)
    const { head } = ack.allChannels ? box : this.#numbersOf(box, ack.channelId)
    if (ack.upTo > BigInt(head)) return 0n
    const kept = box.rows.filter((row) => !isOf(row, ack) || numberOf(row, ack) > ack.upTo)
    const removed = box.rows.length - kept.length
    box.rows = kept
    return BigInt(removed)
  }

  /** All numbers go up by RESTORE_STEP. */
  restored(): void {
    this.#base += RESTORE_STEP
    for (const tombstone of this.#tombstones.values()) {
      tombstone.seq += RESTORE_STEP
      if (tombstone.senderHead > 0) tombstone.senderHead += RESTORE_STEP
    }
    for (const box of this.#boxes.values()) {
      for (const numbers of [box, ...box.lanes.values()]) numbers.head += RESTORE_STEP
      for (const row of box.rows) {
        row.position += RESTORE_STEP
        row.seq += RESTORE_STEP
      }
    }
  }

  /** @returns how many rows were removed or emptied. */
  expire(now: number): number {
    for (const [name, tombstone] of this.#tombstones) if (tombstone.until <= now) this.#tombstones.delete(name)
    return [...this.#boxes.values()].reduce((sum, box) => sum + expireIn(box, now), 0)
  }

  #checkAccess({ membersOnly, allChannels, channelId, deviceKey }: Acknowledgement | Read): void {
    const code = membersOnly === true && !allChannels ? this.#refusal(channelId, deviceKey) : 0
    if (code !== 0) throw new QpqError(code === 22 ? "E022" : "E023")
  }

  #numbersOf({ lanes }: Box, channel: ChannelId): Numbers {
    return lanes.get(hex(channel)) ?? { head: this.#base, expired: 0 }
  }

  #box(key: DeviceKey): Box {
    const name = hex(key)
    const box: Box = this.#boxes.get(name) ?? {
      rows: [],
      given: 0,
      head: this.#base,
      expired: 0,
      lanes: new Map(),
    }
    this.#boxes.set(name, box)
    return box
  }
}

const isMark = (row: Row): row is Row & { commit: RowCommit } => row.commit !== undefined && isLostMark(row.payload)

/** The oldest go for good; one with living rows before it is emptied and keeps its place. */
function expireIn(box: Box, now: number): number {
  const due = box.rows.filter((row) => row.expiresAt <= now)
  for (const row of due) {
    if (row === box.rows[0]) {
      box.rows.shift()
      const lane = laneOf(box, row.channelId, 0)
      box.expired = row.position
      lane.expired = row.seq
    } else {
      row.payload = EMPTY
      row.bytes = 0
      row.commit = undefined
      row.expiresAt = now + EMPTIED_AGAIN_MS
    }
  }
  return due.length
}

/** @param base where it begins if it is new. */
function laneOf(box: Box, channel: ChannelId, base: number): Numbers {
  const name = hex(channel)
  const lane = box.lanes.get(name) ?? { head: base, expired: 0 }
  box.lanes.set(name, lane)
  return lane
}

type Which = Pick<Read, "allChannels" | "channelId">

const isOf = (row: Row, { allChannels, channelId }: Which): boolean =>
  allChannels || hex(row.channelId) === hex(channelId)

const numberOf = (row: Row, { allChannels }: Which): bigint => BigInt(allChannels ? row.position : row.seq)

/** Counted anew each time: there is nothing that could get out of step with the rows. */
function usageOf({ rows }: Box, sender: AccountId): MailboxUsage {
  const all = { rows: 0, bytes: 0 }
  const own = { rows: 0, bytes: 0 }
  for (const row of rows) {
    all.rows++
    all.bytes += row.bytes
    if (row.sender !== sender) continue
    own.rows++
    own.bytes += row.bytes
  }
  return { all, own }
}

/** How many of the first rows fit the answer. */
function fitting(rows: readonly Row[], { limit, bytesMax }: Read): number {
  let bytes = 0
  const end = rows.findIndex((row, at) => {
    bytes += row.bytes + ROW_OVERHEAD_BYTES
    return at >= limit || (at > 0 && bytes > bytesMax)
  })
  return end === -1 ? rows.length : end
}

function envelopeOf(
  { seq, position, id, receivedAt, payload, channelId, commit, expiresAt }: Row,
  now: number,
): Envelope {
  const fixed = { seq: BigInt(seq), position: BigInt(position), id, receivedAt, channelId }
  return expiresAt <= now ? { ...fixed, payload: EMPTY } : { ...fixed, payload, ...(commit && { commit }) }
}

const tombstoneName = (item: DepositItem, sender: AccountId): string =>
  [hex(item.recipientKey), hex(item.messageId), sender, hex(item.channelId)].join("/")
