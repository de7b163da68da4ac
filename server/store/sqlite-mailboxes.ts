/** Mailboxes in SQLite: numbering and quota. The counters live in memory between transactions. */
import { hex } from "../../core/domain/bytes.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type { AccountId } from "./account-rows.ts"
import { hasRoom, hasRoomForCommit, NO_USAGE } from "./quota.ts"
import type { MailboxUsage, Usage } from "./quota.ts"

const MAILBOXES_IN_MEMORY_MAX = 10_000

interface Lane {
  readonly channel: Uint8Array
  head: number
  expired: number
}

/** What a device's mailbox holds, kept in step with the rows. */
export interface Mailbox {
  readonly deviceId: number
  readonly accountId: AccountId
  head: number
  expired: number
  /** Highest position that an answer held; 0 again when the mailbox was not in memory for a while. */
  given: number
  all: Usage
  readonly bySender: Map<AccountId, Usage>
  readonly lanes: Map<string, Lane>
}

function mailboxStatements(db: SqliteDatabase) {
  return {
    device: db.prepare<[Uint8Array], { id: number; account: number; head: number; expired: number }>(
      `SELECT id, account_id AS account, head_position AS head, expired_position AS expired FROM devices
       WHERE device_key = ? AND status = 'active'`,
    ),
    usage: db.prepare<[number], { sender: number; rows: number; bytes: number }>(
      "SELECT sender_id AS sender, count(*) AS rows, sum(bytes) AS bytes FROM mail WHERE device_id = ? GROUP BY sender_id",
    ),
    lane: db.prepare<[number, Uint8Array], { head: number; expired: number }>(
      "SELECT head_seq AS head, expired_seq AS expired FROM lanes WHERE device_id = ? AND channel = ?",
    ),
    base: db.prepare<[], { value: Buffer }>("SELECT value FROM settings WHERE name = 'restored'"),
    saveDevice: db.prepare("UPDATE devices SET head_position = ?, expired_position = ? WHERE id = ?"),
    saveLane: db.prepare(
      `INSERT INTO lanes VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET head_seq = excluded.head_seq, expired_seq = excluded.expired_seq`,
    ),
  }
}

export class Mailboxes {
  readonly #sql: ReturnType<typeof mailboxStatements>
  readonly #quota: Usage
  readonly #byKey = new Map<string, Mailbox>()
  readonly #byId = new Map<number, Mailbox>()
  /** Lanes with numbers not yet written. */
  readonly #touched = new Map<Lane, Mailbox>()
  /** Where mailboxes and lanes begin that have no number yet: a restored server reuses none. */
  #base = 0

  constructor(db: SqliteDatabase, quota: Usage) {
    this.#quota = quota
    this.#sql = mailboxStatements(db)
  }

  /** Where numbers begin; call before the first use, and when the store was restored. */
  begin(): void {
    this.#base = Number(this.#sql.base.get()?.value.readBigUInt64BE() ?? 0)
    this.reset()
  }

  /** undefined for an unknown or revoked device. */
  open(deviceKey: Uint8Array): Mailbox | undefined {
    const name = hex(deviceKey)
    return this.#byKey.get(name) ?? this.#load(name, deviceKey)
  }

  /** Position of the newest row there ever was; 0 for nobody's mailbox. */
  headOf(deviceKey: Uint8Array): number {
    return this.open(deviceKey)?.head ?? 0
  }

  /** A channel that never had a row is not kept in memory: anybody can ask for one. */
  lane(box: Mailbox, channel: Uint8Array): Lane {
    const name = hex(channel)
    const known = box.lanes.get(name)
    if (known) return known
    const row = this.#sql.lane.get(box.deviceId, channel)
    const lane = { channel, head: row?.head ?? this.#base, expired: row?.expired ?? 0 }
    if (row) box.lanes.set(name, lane)
    return lane
  }

  /** Numbers of the next row in `channel`. */
  allot(box: Mailbox, channel: Uint8Array): { position: number; seq: number } {
    const lane = this.lane(box, channel)
    box.lanes.set(hex(channel), lane)
    this.#touched.set(lane, box)
    return { position: ++box.head, seq: ++lane.head }
  }

  /** Notes that these numbers went without acknowledgement. */
  expire(box: Mailbox, row: { position: number; channel: Uint8Array; seq: number }): void {
    const lane = this.lane(box, row.channel)
    this.#touched.set(lane, box)
    box.expired = Math.max(box.expired, row.position)
    lane.expired = Math.max(lane.expired, row.seq)
  }

  /** Whether more rows from `sender` fit the quota. */
  hasRoom(box: Mailbox, sender: AccountId, more: Usage): boolean {
    return hasRoom(usageOf(box, sender), more, this.#quota)
  }

  /** Whether a commit row fits the quota and its reserve. */
  hasRoomForCommit(box: Mailbox, sender: AccountId, bytes: number): boolean {
    return hasRoomForCommit(usageOf(box, sender), bytes, this.#quota)
  }

  /** Books one row. Call after its insert. */
  grew(box: Mailbox, sender: AccountId, bytes: number): void {
    book(box, sender, { rows: 1, bytes })
  }

  shrank(deviceId: number, sender: AccountId, bytes: number): void {
    const box = this.#byId.get(deviceId)
    if (box) book(box, sender, { rows: -1, bytes: -bytes })
  }

  /** Its device is revoked. */
  forget(deviceKey: Uint8Array): void {
    const name = hex(deviceKey)
    const box = this.#byKey.get(name)
    if (!box) return
    this.#byKey.delete(name)
    this.#byId.delete(box.deviceId)
    for (const [lane, owner] of this.#touched) if (owner === box) this.#touched.delete(lane)
  }

  /** Writes the changed counters; call before COMMIT. */
  flush(): void {
    for (const box of new Set(this.#touched.values())) this.#sql.saveDevice.run(box.head, box.expired, box.deviceId)
    for (const [lane, box] of this.#touched) {
      this.#sql.saveLane.run(box.deviceId, lane.channel, lane.head, lane.expired)
    }
    this.#touched.clear()
    if (this.#byKey.size > MAILBOXES_IN_MEMORY_MAX) this.reset()
  }

  /** Forgets what is in memory; call after a ROLLBACK. */
  reset(): void {
    this.#byKey.clear()
    this.#byId.clear()
    this.#touched.clear()
  }

  #load(name: string, deviceKey: Uint8Array): Mailbox | undefined {
    const row = this.#sql.device.get(deviceKey)
    if (!row) return undefined
    const { id: deviceId, account: accountId, head, expired } = row
    const numbers = { head: Math.max(head, this.#base), expired, given: 0 }
    const box: Mailbox = { deviceId, accountId, ...numbers, all: NO_USAGE, bySender: new Map(), lanes: new Map() }
    for (const used of this.#sql.usage.all(deviceId)) book(box, used.sender, used)
    this.#byKey.set(name, box)
    this.#byId.set(deviceId, box)
    return box
  }
}

const usageOf = (box: Mailbox, sender: AccountId): MailboxUsage => ({
  all: box.all,
  own: box.bySender.get(sender) ?? NO_USAGE,
})

function book(box: Mailbox, sender: AccountId, change: Usage): void {
  box.bySender.set(sender, sum(usageOf(box, sender).own, change))
  box.all = sum(box.all, change)
}

const sum = (a: Usage, b: Usage): Usage => ({ rows: a.rows + b.rows, bytes: a.bytes + b.bytes })
