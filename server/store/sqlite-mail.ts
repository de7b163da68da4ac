/** Depositing, reading, acknowledging and expiring mail in SQLite (PROTOCOL.md section 9). */
import type { Envelope, FetchAnswer } from "../../core/contract/node-service.ts"
import { concat, EMPTY } from "../../core/domain/bytes.ts"
import { channelId, groupTag, messageId } from "../../core/domain/ids.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { EMPTIED_AGAIN_MS, FirstHead, refusedDeposit, ROW_OVERHEAD_BYTES } from "./node-store.ts"
import type { AccountId } from "./account-rows.ts"
import type { Acknowledgement, Deposit, DepositAnswer, DepositItem, DepositResult, Read } from "./node-store.ts"
import type { SqliteChannels } from "./sqlite-channels.ts"
import type { Mailbox, Mailboxes } from "./sqlite-mailboxes.ts"

const EXPIRE_BATCH = 500

/** What must be known of a row to remove it. */
interface HeldRow {
  readonly id: number
  readonly device_id: number
  readonly sender_id: number
  readonly body_id: number | null
  readonly bytes: number
}

interface MailRow extends HeldRow {
  readonly position: number
  readonly channel: Buffer
  readonly seq: number
  readonly message_id: Buffer
  readonly prefix: Buffer
  readonly group_tag: Buffer | null
  readonly epoch: number | null
  readonly commit_info: Buffer | null
  readonly received_at: number
  readonly expires_at: number
}

type DueRow = Pick<MailRow, keyof HeldRow | "position" | "channel" | "seq"> & { readonly device_key: Buffer }

/** What a stored row carries beside its payload. */
export interface RowOrigin {
  readonly sender: AccountId
  /** Where the sender's mailbox ended before; 0 when that is not known. */
  readonly senderHead: number
  readonly now: number
  readonly expiresAt: number
  readonly rememberUntil: number
  readonly commit?: { readonly tag: Uint8Array; readonly epoch: bigint; readonly info: Uint8Array }
}

export type CommitOrigin = RowOrigin & Required<Pick<RowOrigin, "commit">>

/** A body that several rows share; it is written with the first of them. */
export interface SharedBody {
  readonly bytes: Uint8Array
  id: number | undefined
}

export const sharedBody = (bytes: Uint8Array): SharedBody => ({ bytes, id: undefined })

/** What all rows of a deposit have in common. */
interface Round {
  readonly deposit: Deposit
  readonly stale: boolean
  readonly body: SharedBody
  /** Where the sender's mailbox ends now. */
  readonly now: number
  readonly first: FirstHead
}

export class SqliteMail {
  readonly #sql: ReturnType<typeof mailStatements>
  readonly #boxes: Mailboxes
  readonly #channels: SqliteChannels

  constructor(db: SqliteDatabase, boxes: Mailboxes, channels: SqliteChannels) {
    this.#sql = mailStatements(db)
    this.#boxes = boxes
    this.#channels = channels
  }

  deposit(deposit: Deposit, stale: boolean): Omit<DepositAnswer, "epoch"> {
    const { senderKey, items } = deposit
    const now = senderKey === undefined ? 0 : this.#boxes.headOf(senderKey)
    const round = { deposit, stale, body: sharedBody(deposit.body), now, first: new FirstHead() }
    const results = items.map((item) => this.#place(item, round))
    return { results, head: round.first.head }
  }

  /** Inserts one row without asking the quota. @returns its seq. */
  append(box: Mailbox, item: DepositItem, body: SharedBody, origin: RowOrigin): number {
    if (body.bytes.length > 0) {
      body.id ??= Number(this.#sql.insertBody.run(body.bytes).lastInsertRowid)
      this.#sql.keepBody.run(body.id)
    }
    const { position, seq } = this.#boxes.allot(box, item.channelId)
    const bytes = item.prefix.length + body.bytes.length
    const { sender, senderHead, now, expiresAt, rememberUntil, commit } = origin
    const numbers = [box.deviceId, position, item.channelId, seq, item.messageId, sender]
    const ended = [commit?.tag ?? null, commit?.epoch ?? null, commit?.info ?? null]
    this.#sql.insertMail.run(...numbers, item.prefix, body.id ?? null, bytes, ...ended, now, expiresAt)
    this.#sql.bury.run(box.deviceId, item.messageId, sender, item.channelId, seq, rememberUntil, senderHead)
    this.#boxes.grew(box, sender, bytes)
    return seq
  }

  read(read: Read, generation: bigint): FetchAnswer {
    const box = this.#boxes.open(read.deviceKey)
    if (!box) return { envelopes: [], head: 0n, expired: 0n, generation, more: false }
    this.#checkAccess(box, read)
    const known = read.generation === generation
    if (known) this.#acknowledgeIn(box, { ...read, upTo: read.ack })
    const rows = this.#page(box, read, known ? safe(read.after) : 0)
    const envelopes = this.#fitting(rows.slice(0, read.limit), read)
    box.given = Math.max(box.given, Number(envelopes.at(-1)?.position ?? 0))
    const lane = read.allChannels ? box : this.#boxes.lane(box, read.channelId)
    return {
      envelopes,
      head: BigInt(lane.head),
      expired: BigInt(lane.expired),
      generation,
      more: envelopes.length < rows.length,
    }
  }

  /** @returns how many rows went. */
  acknowledge(ack: Acknowledgement, generation: bigint): bigint {
    const box = this.#boxes.open(ack.deviceKey)
    if (box) this.#checkAccess(box, ack)
    return box && ack.generation === generation ? BigInt(this.#acknowledgeIn(box, ack)) : 0n
  }

  /** All mail of a device, revoked or not. */
  clear(key: Uint8Array): void {
    const device = this.#sql.device.get(key)
    if (device) this.#removeAll(this.#sql.upTo.all(device.id, Number.MAX_SAFE_INTEGER))
    this.#boxes.forget(key)
  }

  /** Removes expired rows from the old end of each mailbox and empties those behind living ones. @returns how many. */
  expire(now: number): number {
    const rows = this.#sql.due.all(now, EXPIRE_BATCH)
    for (const row of rows) {
      const box = this.#boxes.open(row.device_key)
      this.#release(row)
      if (this.#sql.oldest.get(row.device_id)?.position === row.position) {
        this.#sql.remove.run(row.id)
        if (box) this.#boxes.expire(box, row)
      } else {
        this.#sql.hollow.run(now + EMPTIED_AGAIN_MS, row.id)
        if (box) this.#boxes.grew(box, row.sender_id, 0)
      }
    }
    return rows.length
  }

  #place(item: DepositItem, { deposit, stale, body, now: senderHead, first }: Round): DepositResult {
    const box = this.#boxes.open(item.recipientKey)
    if (!box) return refusedDeposit(40)
    if (deposit.membersOnly === true) {
      const code = this.#channels.refusal(item.channelId, deposit.account, box.accountId)
      if (code !== 0) return refusedDeposit(code)
    }
    const known = this.#sql.seen.get(box.deviceId, item.messageId, deposit.account, item.channelId)
    if (known) first.stored(known.sender_head)
    if (known) return { code: 0, seq: known.seq, duplicate: true }
    if (stale) return refusedDeposit(42)
    const row = { rows: 1, bytes: item.prefix.length + body.bytes.length }
    if (!this.#boxes.hasRoom(box, deposit.account, row)) return refusedDeposit(41)
    const { account: sender, now, expiresAt, rememberUntil } = deposit
    const origin = { sender, senderHead, now, expiresAt, rememberUntil }
    first.stored(senderHead)
    return { code: 0, seq: this.append(box, item, body, origin), duplicate: false }
  }

  /** @throws E022, E023 */
  #checkAccess({ accountId }: Mailbox, { membersOnly, allChannels, channelId: channel }: Acknowledgement | Read): void {
    if (membersOnly === true && !allChannels) this.#channels.check(channel, accountId)
  }

  #page(box: Mailbox, read: Read, after: number): readonly MailRow[] {
    return read.allChannels
      ? this.#sql.next.all(box.deviceId, after, read.limit + 1)
      : this.#sql.nextInLane.all(box.deviceId, read.channelId, after, read.limit + 1)
  }

  /** As many rows as fit the answer, always one. */
  #fitting(rows: readonly MailRow[], { bytesMax, now }: Read): readonly Envelope[] {
    const envelopes: Envelope[] = []
    let bytes = 0
    for (const row of rows) {
      bytes += row.bytes + ROW_OVERHEAD_BYTES
      if (envelopes.length > 0 && bytes > bytesMax) break
      envelopes.push(this.#envelope(row, row.expires_at <= now))
    }
    return envelopes
  }

  #envelope(row: MailRow, expired: boolean): Envelope {
    const { group_tag: tag, epoch, commit_info: commitInfo } = row
    return {
      seq: BigInt(row.seq),
      position: BigInt(row.position),
      id: messageId(row.message_id),
      receivedAt: row.received_at,
      payload: expired ? EMPTY : this.#payload(row),
      channelId: channelId(row.channel),
      ...(!expired &&
        tag !== null &&
        epoch !== null &&
        commitInfo !== null && { commit: { groupTag: groupTag(tag), epoch: BigInt(epoch), commitInfo } }),
    }
  }

  #payload(row: MailRow): Uint8Array {
    if (row.body_id === null) return row.prefix
    const body = this.#sql.body.get(row.body_id)?.body ?? EMPTY
    return row.prefix.length === 0 ? body : concat(row.prefix, body)
  }

  #acknowledgeIn(box: Mailbox, ack: Acknowledgement): number {
    const upTo = safe(ack.upTo)
    const { head } = ack.allChannels ? box : this.#boxes.lane(box, ack.channelId)
    if (upTo === 0 || upTo > head) return 0
    const rows = ack.allChannels
      ? this.#sql.upTo.all(box.deviceId, upTo)
      : this.#sql.upToInLane.all(box.deviceId, ack.channelId, upTo)
    return this.#removeAll(rows)
  }

  #removeAll(rows: readonly HeldRow[]): number {
    for (const row of rows) {
      this.#release(row)
      this.#sql.remove.run(row.id)
    }
    return rows.length
  }

  #release(row: HeldRow): void {
    this.#boxes.shrank(row.device_id, row.sender_id, row.bytes)
    if (row.body_id !== null && this.#sql.dropBody.get(row.body_id)?.refs === 0) this.#sql.deleteBody.run(row.body_id)
  }
}

/** Cursor numbers beyond 2^53 name no row. */
const safe = (cursor: bigint): number => Number(cursor > 0x1f_ffff_ffff_ffffn ? 0x1f_ffff_ffff_ffffn : cursor)

function mailStatements(db: SqliteDatabase) {
  return {
    insertBody: db.prepare<[Uint8Array]>("INSERT INTO bodies (refs, body) VALUES (0, ?)"),
    keepBody: db.prepare<[number]>("UPDATE bodies SET refs = refs + 1 WHERE id = ?"),
    dropBody: db.prepare<[number], { refs: number }>("UPDATE bodies SET refs = refs - 1 WHERE id = ? RETURNING refs"),
    deleteBody: db.prepare<[number]>("DELETE FROM bodies WHERE id = ?"),
    body: db.prepare<[number], { body: Buffer }>("SELECT body FROM bodies WHERE id = ?"),
    insertMail: db.prepare(
      `INSERT INTO mail (device_id, position, channel, seq, message_id, sender_id, prefix, body_id, bytes,
         group_tag, epoch, commit_info, received_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    device: db.prepare<[Uint8Array], { id: number }>("SELECT id FROM devices WHERE device_key = ?"),
    seen: db.prepare<[number, Uint8Array, AccountId, Uint8Array], { seq: number; sender_head: number }>(
      "SELECT seq, sender_head FROM tombstones WHERE device_id = ? AND message_id = ? AND sender_id = ? AND channel = ?",
    ),
    bury: db.prepare("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?, ?, ?)"),
    upTo: db.prepare<[number, number], HeldRow>(
      "SELECT id, device_id, sender_id, body_id, bytes FROM mail WHERE device_id = ? AND position <= ?",
    ),
    upToInLane: db.prepare<[number, Uint8Array, number], HeldRow>(
      `SELECT id, device_id, sender_id, body_id, bytes FROM mail WHERE device_id = ? AND channel = ? AND seq <= ?`,
    ),
    next: db.prepare<[number, number, number], MailRow>(
      "SELECT * FROM mail WHERE device_id = ? AND position > ? ORDER BY position LIMIT ?",
    ),
    nextInLane: db.prepare<[number, Uint8Array, number, number], MailRow>(
      "SELECT * FROM mail WHERE device_id = ? AND channel = ? AND seq > ? ORDER BY position LIMIT ?",
    ),
    remove: db.prepare<[number]>("DELETE FROM mail WHERE id = ?"),
    due: db.prepare<[number, number], DueRow>(
      `SELECT mail.id, mail.device_id, mail.sender_id, mail.body_id, mail.bytes, mail.position, mail.channel, mail.seq,
         devices.device_key FROM mail JOIN devices ON devices.id = mail.device_id
       WHERE mail.expires_at <= ? ORDER BY mail.device_id, mail.position LIMIT ?`,
    ),
    oldest: db.prepare<[number], { position: number }>(
      "SELECT position FROM mail WHERE device_id = ? ORDER BY position LIMIT 1",
    ),
    hollow: db.prepare<[number, number]>(
      `UPDATE mail SET prefix = x'', body_id = NULL, bytes = 0, group_tag = NULL, epoch = NULL, commit_info = NULL,
         expires_at = ? WHERE id = ?`,
    ),
  }
}
