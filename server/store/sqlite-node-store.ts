/** The server's store in one SQLite file: the operations, and batches of them in one transaction. */
import { QpqError } from "../../core/domain/errors.ts"
import { storageFailure } from "../../core/sqlite/open.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { operationsFrom } from "./node-operations.ts"
import type { NamedOperations } from "./node-operations.ts"
import { TAKES_COUNTED_MS } from "./node-store.ts"
import type { NodeOperations, SweepResult } from "./node-store.ts"
import { MAILBOX_QUOTA } from "./quota.ts"
import type { Usage } from "./quota.ts"
import { NO_COUNTS } from "./store-counts.ts"
import type { StoreCounts } from "./store-counts.ts"
import type { StoreCall, StoreError, StoreReply } from "./store-messages.ts"
import { SqliteAccounts } from "./sqlite-accounts.ts"
import { SqliteBlobs } from "./sqlite-blobs.ts"
import { SqliteChannels } from "./sqlite-channels.ts"
import { SqliteGroups } from "./sqlite-groups.ts"
import { SqliteKeys } from "./sqlite-keys.ts"
import { SqliteLogins } from "./sqlite-logins.ts"
import { SqliteMail } from "./sqlite-mail.ts"
import { Mailboxes } from "./sqlite-mailboxes.ts"
import { becomeRestored } from "./sqlite-restored.ts"

const SWEEP_BATCH = 1000
const GENERATION = "generation"

export interface SqliteNodeStore {
  /**
   * Runs all calls in one transaction. Answers only after COMMIT; a failure of the storage fails them all, undone.
   * After any other failure each call runs in a transaction of its own, so that only the faulty one fails.
   * Once damage was found nothing runs any more: what is written into a damaged file makes it worse.
   */
  run(calls: readonly StoreCall[]): readonly StoreReply[]
  close(): void
}

/** Callers keep what they have and try again: nothing of theirs was stored. */
const DAMAGED: StoreError = { code: "E063", detail: "the database is damaged" }

/**
 * @param newGeneration 8 random bytes for a database that has none yet.
 * @param onDamage called once with an E060, before the calls that met the damage are answered.
 * @throws E060 when the damage shows at once, E063
 */
export function sqliteNodeStore(
  db: SqliteDatabase,
  newGeneration: Uint8Array,
  onDamage: (error: QpqError) => void = () => undefined,
  mailboxQuota: Usage = MAILBOX_QUOTA,
): SqliteNodeStore {
  const boxes = new Mailboxes(db, mailboxQuota)
  const operations = openedOperations(db, boxes, newGeneration)
  let isDamaged = false
  const begin = db.prepare("BEGIN IMMEDIATE")
  const commit = db.prepare("COMMIT")

  const answer = (call: StoreCall): StoreReply => {
    try {
      return { ok: true, value: operations[call.name](...call.args) }
    } catch (thrown) {
      if (thrown instanceof QpqError) return { ok: false, error: { code: thrown.code, detail: thrown.detail } }
      throw thrown
    }
  }

  const run = (calls: readonly StoreCall[]): readonly StoreReply[] => {
    if (isDamaged) return calls.map(() => ({ ok: false, error: DAMAGED }))
    try {
      begin.run()
      const replies = calls.map(answer)
      boxes.flush()
      commit.run()
      return replies
    } catch (thrown) {
      if (db.inTransaction) db.exec("ROLLBACK")
      boxes.reset()
      const failure = storageFailure(thrown)
      if (failure.code === "E060") {
        isDamaged = true
        onDamage(failure)
        return run(calls)
      }
      // One caller's call that SQLite cannot take must not fail the others'.
      if (calls.length > 1 && isFaultOfOneCall(failure)) return calls.flatMap((call) => run([call]))
      const { code, detail } = failure
      return calls.map(() => ({ ok: false, error: { code, detail } }))
    }
  }

  return {
    run,
    close: () => {
      db.close()
    },
  }
}

function openedOperations(db: SqliteDatabase, boxes: Mailboxes, newGeneration: Uint8Array): NamedOperations {
  try {
    boxes.begin()
    const channels = new SqliteChannels(db)
    const mail = new SqliteMail(db, boxes, channels)
    const blobs = new SqliteBlobs(db)
    const settings = settingsOf(db)
    const groups = new SqliteGroups(db, { mail, boxes, channels })
    let generation = settings.settle(GENERATION, newGeneration)
    const restored = (next: Uint8Array): void => {
      becomeRestored(db, next)
      boxes.begin()
      groups.restored()
      generation = next
    }
    return operationsFrom({
      generation: () => Buffer.from(generation).readBigUInt64BE(),
      settings,
      upkeep: { ...upkeepOf(db, mail, blobs), restored },
      accounts: new SqliteAccounts(db),
      logins: new SqliteLogins(db),
      keys: new SqliteKeys(db),
      channels,
      blobs,
      mail,
      groups,
    })
  } catch (thrown) {
    db.close()
    throw storageFailure(thrown)
  }
}

const isFaultOfOneCall = ({ code, detail }: QpqError): boolean =>
  code === "E099" || detail?.startsWith("SQLITE_CONSTRAINT") === true

function settingsOf(db: SqliteDatabase): Pick<NodeOperations, "setting" | "settle"> {
  const get = db.prepare<[string], { value: Buffer }>("SELECT value FROM settings WHERE name = ?")
  const put = db.prepare("INSERT OR IGNORE INTO settings VALUES (?, ?)")
  return {
    setting: (name) => get.get(name)?.value,
    settle(name, value) {
      put.run(name, value)
      return get.get(name)?.value ?? value
    },
  }
}

function upkeepOf(
  db: SqliteDatabase,
  mail: SqliteMail,
  blobs: SqliteBlobs,
): Pick<NodeOperations, "sweep" | "probe" | "counts"> {
  const bounded = (table: string, key: string, column: string) =>
    db.prepare<[number]>(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${column} <= ? LIMIT ${SWEEP_BATCH})`,
    )
  const tombstones = db.prepare<[number]>(
    `DELETE FROM tombstones WHERE (device_id, message_id, sender_id, channel) IN
       (SELECT device_id, message_id, sender_id, channel FROM tombstones WHERE expires_at <= ? LIMIT ${SWEEP_BATCH})`,
  )
  const due = [
    tombstones,
    bounded("families", "id", "expires_at"),
    bounded("access_tokens", "hash", "expires_at"),
    bounded("key_packages", "id", "not_after"),
    bounded("invites", "hash", "expires_at"),
  ]
  const takes = bounded("key_package_takes", "rowid", "taken_at")
  const touch = db.prepare("INSERT OR REPLACE INTO settings VALUES ('probe', ?)")
  const counts = db.prepare<[{ now: number }], StoreCounts>(
    `SELECT (SELECT count(*) FROM accounts) AS accounts,
       (SELECT count(*) FROM devices WHERE status = 'active') AS devices,
       (SELECT count(*) FROM devices WHERE status = 'active' AND NOT EXISTS
         (SELECT 1 FROM key_packages WHERE device_id = devices.id AND last_resort = 0 AND not_after > @now)) AS devicesWithoutKeyPackages,
       (SELECT count(*) FROM key_packages WHERE last_resort = 0 AND not_after > @now) AS keyPackages,
       (SELECT count(*) FROM families WHERE expires_at > @now) AS logins,
       mailboxes.total AS mailRows, mailboxes.largest AS mailRowsOfOne,
       (SELECT count(*) FROM group_tags) AS groupTags,
       (SELECT coalesce(sum(received), 0) FROM blobs) AS fileBytes
     FROM (SELECT coalesce(sum(held), 0) AS total, coalesce(max(held), 0) AS largest
           FROM (SELECT count(*) AS held FROM mail GROUP BY device_id)) AS mailboxes`,
  )
  return {
    sweep(now): SweepResult {
      const expiredRows = mail.expire(now)
      const removed = [...due.map((statement) => statement.run(now).changes), takes.run(now - TAKES_COUNTED_MS).changes]
      const expiredBlobs = blobs.expire(now)
      return { expiredRows, more: expiredRows + expiredBlobs > 0 || removed.some((count) => count >= SWEEP_BATCH) }
    },
    probe(now) {
      touch.run(Buffer.from(String(now)))
    },
    counts: (now) => counts.get({ now }) ?? NO_COUNTS,
  }
}
