/** The ClientStore in one encrypted SQLite file, shared by several processes. */
import { QpqError } from "../domain/errors.ts"
import { storageFailure } from "../sqlite/open.ts"
import type { SqliteDatabase } from "../sqlite/open.ts"
import type { ClientReads, ClientStore, ClientTx } from "./client-store.ts"
import { annotationWrites, settler } from "./sqlite-annotations.ts"
import { conversationWrites } from "./sqlite-conversations.ts"
import { contactWrites } from "./sqlite-contacts.ts"
import { attachmentWrites } from "./sqlite-attachments.ts"
import { directWrites } from "./sqlite-directs.ts"
import { passingWrites } from "./sqlite-passing.ts"
import { orderWrites } from "./sqlite-order.ts"
import { sqliteReads } from "./sqlite-reads.ts"
import { successionWrites } from "./sqlite-successions.ts"
import { storedInteger } from "./stored-integer.ts"
import { sentMailWrites } from "./sqlite-sent-mail.ts"
import { takenWrites } from "./sqlite-taken.ts"

export function sqliteStore(db: SqliteDatabase): ClientStore {
  // What was deleted is overwritten, in the tables as in the index.
  db.pragma("secure_delete = ON")
  const reads = sqliteReads(db)
  // Of what this connection writes it takes no notice (SQLite, PRAGMA data_version).
  const version = db.prepare<[], number>("PRAGMA data_version").pluck()
  const tx: ClientTx = {
    ...reads,
    ...groupWrites(db),
    ...wishWrites(db),
    ...successionWrites(db),
    ...directWrites(db),
    ...conversationWrites(db),
    ...mailWrites(db),
    ...orderWrites(db),
    ...annotationWrites(db),
    ...passingWrites(db),
    ...attachmentWrites(db),
    ...keyWrites(db),
    ...contactWrites(db),
    ...leases(db),
    ...sentMailWrites(db),
    ...takenWrites(db),
  }
  return {
    ...guarded(reads),
    write(change, durability = "durable") {
      try {
        if (durability === "relaxed") db.pragma("synchronous = NORMAL")
        return db.transaction(() => change(tx)).immediate()
      } catch (thrown) {
        throw storageFailure(thrown)
      } finally {
        if (durability === "relaxed") db.pragma("synchronous = FULL")
      }
    },
    dataVersion() {
      try {
        return version.get()
      } catch (thrown) {
        throw storageFailure(thrown)
      }
    },
    close: () => {
      db.close()
    },
  }
}

/** Reads outside of a transaction fail in our terms too. @throws E060 for damage, E063 for what may pass. */
function guarded(reads: ClientReads): ClientReads {
  const entries: readonly (readonly [string, (...args: unknown[]) => unknown])[] = Object.entries(reads)
  const named = entries.map(([name, read]) => {
    const safe = (...args: unknown[]): unknown => {
      try {
        return read(...args)
      } catch (thrown) {
        throw storageFailure(thrown)
      }
    }
    return [name, safe] as const
  })
  return Object.fromEntries(named) as unknown as ClientReads
}

/** Highest version of a group that went. */
const VERSION_FLOOR = `coalesce((SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM settings
  WHERE name = 'group-version-floor'), 0)`

/** What outlives a group: see `saveGroup` and `groupFloor`. */
const REMEMBER = [
  `INSERT INTO settings SELECT 'group-version-floor', CAST(max(version, ${VERSION_FLOOR}) AS BLOB) FROM groups
   WHERE id = ? ON CONFLICT DO UPDATE SET value = excluded.value`,
  `INSERT INTO floors SELECT id, suite, epoch FROM groups WHERE id = ? ON CONFLICT DO UPDATE
   SET suite = excluded.suite, epoch = excluded.epoch WHERE excluded.epoch > floors.epoch`,
]

type Writes<Name extends Exclude<keyof ClientTx, keyof ClientReads>> = Pick<ClientTx, Name>

function groupWrites(
  db: SqliteDatabase,
): Writes<
  | "saveGroup"
  | "stepGroup"
  | "dropGroup"
  | "markRead"
  | "putSecretNode"
  | "dropSecretNodes"
  | "dropEpochKeysBelow"
  | "putEpochKey"
  | "stageCommit"
  | "unstageCommit"
> {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ${VERSION_FLOOR} + 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const remember = REMEMBER.map((sql) => db.prepare(sql))
  const update = db.prepare(
    `UPDATE groups SET name = ?, status = ?, inviter = ?, epoch = ?, version = version + 1, state = ?, owes_update = ?,
       left_at = ?, rejoin_since = ?, rejoin_asked = ?, epoch_at = ?
     WHERE id = ? AND version = ?`,
  )
  const step = db.prepare("UPDATE groups SET version = version + 1 WHERE id = ? AND version = ?")
  const drop = db.prepare("DELETE FROM groups WHERE id = ?")
  const read = db.prepare("UPDATE groups SET read_up_to = max(read_up_to, ?) WHERE id = ?")
  const node = db.prepare("INSERT OR REPLACE INTO secret_nodes VALUES (?, ?, ?, ?)")
  const key = db.prepare("INSERT OR REPLACE INTO epoch_keys VALUES (?, ?, ?, ?, ?)")
  const oldNodes = db.prepare("DELETE FROM secret_nodes WHERE group_id = ?")
  const oldKeys = db.prepare("DELETE FROM epoch_keys WHERE group_id = ? AND epoch < ?")
  const stage = db.prepare("INSERT OR IGNORE INTO staged_commits VALUES (?, ?, ?, ?, ?, ?)")
  const unstage = db.prepare("DELETE FROM staged_commits WHERE group_id = ?")
  return {
    saveGroup(group, expected) {
      const { id, tag, suite, name, status, inviter = null, state, readUpTo, joinedAt, leftAt = null } = group
      const epoch = storedInteger(group.epoch)
      const owes = group.owesUpdate ? 1 : 0
      const changing = [leftAt, group.rejoin?.since ?? null, group.rejoin?.asked ?? null, group.epochAt]
      const done =
        expected === undefined
          ? insert.run(id, tag, suite, name, status, inviter, epoch, state, owes, readUpTo, joinedAt, ...changing)
          : update.run(name, status, inviter, epoch, state, owes, ...changing, id, expected)
      if (done.changes !== 1) throw new QpqError("E064", "group")
    },
    stepGroup(id, expected) {
      if (step.run(id, expected).changes !== 1) throw new QpqError("E064", "group")
    },
    dropGroup(id) {
      for (const step of remember) step.run(id)
      drop.run(id)
    },
    markRead: (id, upTo) => void read.run(upTo, id),
    putSecretNode: (id, { epoch, leaf, record }) => void node.run(id, storedInteger(epoch), leaf, record),
    dropSecretNodes: (id) => void oldNodes.run(id),
    dropEpochKeysBelow: (id, epoch) => void oldKeys.run(id, epoch),
    putEpochKey: (row) => void key.run(row.groupId, storedInteger(row.epoch), row.keyTag, row.key, row.heirs),
    stageCommit(row) {
      const { groupId, messageId, request, nextState, intent } = row
      const done = stage.run(groupId, messageId, storedInteger(row.baseEpoch), request, nextState, intent)
      if (done.changes !== 1) throw new QpqError("E064", "staged commit")
    },
    unstageCommit: (id) => void unstage.run(id),
  }
}

function wishWrites(db: SqliteDatabase): Writes<"wish" | "unwish" | "saveRejoinRequest" | "dropRejoinRequests"> {
  const request = db.prepare("INSERT OR REPLACE INTO rejoin_requests VALUES (?, ?, ?, ?, ?)")
  const oldRequests = db.prepare("DELETE FROM rejoin_requests WHERE since < ?")
  const wish = db.prepare("INSERT INTO wishes VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
  const unwish = db.prepare("DELETE FROM wishes WHERE group_id = ? AND device_key = ?")
  return {
    wish: (id, { deviceKey, since }) => void wish.run(id, deviceKey, since),
    unwish: (id, deviceKey) => void unwish.run(id, deviceKey),
    saveRejoinRequest: ({ id, groupId, deviceKey, keyPackage = null, since }) =>
      void request.run(id, groupId, deviceKey, keyPackage, since),
    dropRejoinRequests: (before) => void oldRequests.run(before),
  }
}

function mailWrites(
  db: SqliteDatabase,
): Writes<"addTimeline" | "setDelivery" | "queue" | "seal" | "unqueue" | "buffer" | "unbuffer" | "mark" | "unmark"> {
  const line = db.prepare(
    `INSERT INTO timeline (group_id, kind, message_id, sender_key, own, body, epoch, sent_at, received_at, delivery,
         reply_author, reply_id, mention, expires_after, expires_at)
       SELECT @groupId, @kind, @messageId, @senderKey, @own, @body, @epoch, @sentAt, @receivedAt, @delivery,
         @replyAuthor, @replyId, @mention, @expiresAfter, @expiresAt
       WHERE NOT EXISTS (
         SELECT 1 FROM timeline WHERE group_id = @groupId AND sender_key = @senderKey AND message_id = @messageId
       )`,
  )
  const delivery = db.prepare(
    `UPDATE timeline SET delivery = @state, head = NULL,
       expires_at = CASE WHEN expires_after > 0 THEN coalesce(expires_at, @at + expires_after * 1000) END
     WHERE group_id = @id AND message_id = @messageId AND own = 1`,
  )
  const queue = db.prepare("INSERT INTO outbox (group_id, message_id, content, since) VALUES (?, ?, ?, ?)")
  const seal = db.prepare(
    "UPDATE outbox SET epoch = @epoch, sealed = @bytes WHERE place = @place AND (sealed IS NULL OR @bytes IS NULL)",
  )
  const unqueue = db.prepare("DELETE FROM outbox WHERE place = ?")
  const buffer = db.prepare("INSERT OR REPLACE INTO buffered VALUES (?, ?, ?)")
  const unbuffer = db.prepare("DELETE FROM buffered WHERE position = ?")
  const mark = db.prepare("INSERT OR REPLACE INTO processing VALUES (?, ?, ?, ?)")
  const unmark = db.prepare("DELETE FROM processing WHERE position = ?")
  const settle = settler(db)
  return {
    addTimeline(row) {
      const { replyTo, own, mention, expiresAfter = 0, expiresAt = null, ...plain } = row
      const reply = { replyAuthor: replyTo?.author ?? null, replyId: replyTo?.id ?? null }
      const flags = { own: own ? 1 : 0, mention: mention ? 1 : 0 }
      const bound = { ...plain, ...reply, ...flags, expiresAfter, expiresAt, epoch: storedInteger(row.epoch) }
      if (line.run(bound).changes !== 1) return false
      settle(row)
      return true
    },
    setDelivery: (id, messageId, state, at) => void delivery.run({ state, id, messageId, at: at ?? null }),
    queue: (row) => void queue.run(row.groupId, row.messageId, row.content, row.since),
    seal(place, sealed) {
      const epoch = sealed ? storedInteger(sealed.epoch) : null
      return seal.run({ place, epoch, bytes: sealed?.bytes ?? null }).changes === 1
    },
    unqueue: (place) => void unqueue.run(place),
    buffer: ({ position, row, since }) => void buffer.run(storedInteger(position), row, since),
    unbuffer: (position) => unbuffer.run(position).changes === 1,
    mark: ({ position, owner, heartbeat, attempts }) =>
      void mark.run(storedInteger(position), owner, heartbeat, attempts),
    unmark: (position) => void unmark.run(position),
  }
}

function keyWrites(
  db: SqliteDatabase,
): Writes<"set" | "unset" | "addKeyPackage" | "useKeyPackage" | "dropKeyPackage" | "addHybridKey" | "dropHybridKey"> {
  const set = db.prepare("INSERT OR REPLACE INTO settings VALUES (?, ?)")
  const unset = db.prepare("DELETE FROM settings WHERE name = ?")
  const add = db.prepare("INSERT OR REPLACE INTO key_packages VALUES (?, ?, ?, ?, ?, ?, ?)")
  const use = db.prepare("UPDATE key_packages SET used = 1 WHERE ref = ?")
  const drop = db.prepare("DELETE FROM key_packages WHERE ref = ?")
  const addHybrid = db.prepare("INSERT OR REPLACE INTO hybrid_keys VALUES (?, ?, ?, ?)")
  const dropHybrid = db.prepare("DELETE FROM hybrid_keys WHERE record = ?")
  return {
    set: (name, value) => void set.run(name, value),
    unset: (name) => void unset.run(name),
    addKeyPackage(row) {
      const { ref, suite, publicBytes, privateBytes, notAfter } = row
      add.run(ref, suite, row.lastResort ? 1 : 0, publicBytes, privateBytes, notAfter, row.used ? 1 : 0)
    },
    useKeyPackage: (ref) => void use.run(ref),
    dropKeyPackage: (ref) => void drop.run(ref),
    addHybridKey: (row) => void addHybrid.run(row.keyId, row.record, row.privateKey, row.notAfter),
    dropHybridKey: (record) => void dropHybrid.run(record),
  }
}

function leases(db: SqliteDatabase): Writes<"lease" | "release"> {
  const take = db.prepare(
    `INSERT INTO leases VALUES (@name, @owner, @until) ON CONFLICT DO UPDATE SET owner = @owner, until = @until
     WHERE owner = @owner OR until <= @now`,
  )
  const release = db.prepare("DELETE FROM leases WHERE name = ? AND owner = ?")
  return {
    lease: (name, owner, now, untilMs) => take.run({ name, owner, now, until: untilMs }).changes === 1,
    release: (name, owner) => void release.run(name, owner),
  }
}
