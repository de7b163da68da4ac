/** Group epochs in SQLite: the compare-and-swap of a commit with its fan-out and Welcomes (PROTOCOL.md section 7). */
import { concat, EMPTY, equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey, GroupTag } from "../../core/domain/ids.ts"
import { DAY_MS, NEW_GROUPS_PER_DAY_MAX } from "../../core/domain/limits.ts"
import { isLostMark } from "../../core/domain/lost-mark.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import type { CommitOutcome, DepositItem, StoredCommit } from "./node-store.ts"
import { withRow } from "./quota.ts"
import type { Usage } from "./quota.ts"
import type { SqliteChannels } from "./sqlite-channels.ts"
import { SqliteLostMarks } from "./sqlite-lost-marks.ts"
import { sharedBody } from "./sqlite-mail.ts"
import { isRestored } from "./sqlite-restored.ts"
import type { CommitOrigin, SqliteMail } from "./sqlite-mail.ts"
import type { Mailbox, Mailboxes } from "./sqlite-mailboxes.ts"

const EPOCH_MAX = BigInt(Number.MAX_SAFE_INTEGER)

interface LogRow {
  readonly message_id: Buffer
  readonly author_key: Buffer
  readonly payload_hash: Buffer
  readonly author_head: number
}

interface TagRow {
  readonly epoch: number
  readonly verifier: Buffer
  /** As the server was restored; 0 and empty when it was not. */
  readonly restore_epoch: number
  readonly restore_verifier: Buffer
}

function groupStatements(db: SqliteDatabase) {
  return {
    tag: db.prepare<[Uint8Array], TagRow>(
      "SELECT epoch, verifier, restore_epoch, restore_verifier FROM group_tags WHERE tag = ?",
    ),
    register: db.prepare("INSERT INTO group_tags VALUES (?, ?, ?, ?, ?, ?, ?)"),
    advance: db.prepare("UPDATE group_tags SET epoch = ?, verifier = ? WHERE tag = ?"),
    madeSince: db.prepare<[number, number], { count: number }>(
      "SELECT count(*) AS count FROM group_tags WHERE created_by = ? AND created_at > ?",
    ),
    logged: db.prepare<[Uint8Array, bigint], LogRow>(
      "SELECT message_id, author_key, payload_hash, author_head FROM commit_log WHERE tag = ? AND base_epoch = ?",
    ),
    log: db.prepare("INSERT INTO commit_log VALUES (?, ?, ?, ?, ?, ?)"),
  }
}

interface GroupRooms {
  readonly mail: SqliteMail
  readonly boxes: Mailboxes
  readonly channels: SqliteChannels
}

export class SqliteGroups {
  readonly #sql: ReturnType<typeof groupStatements>
  readonly #mail: SqliteMail
  readonly #marks: SqliteLostMarks
  readonly #boxes: Mailboxes
  readonly #channels: SqliteChannels
  #isRestored: boolean

  constructor(db: SqliteDatabase, { mail, boxes, channels }: GroupRooms) {
    this.#sql = groupStatements(db)
    this.#mail = mail
    this.#marks = new SqliteLostMarks(db, mail)
    this.#boxes = boxes
    this.#channels = channels
    this.#isRestored = isRestored(db)
  }

  /** Tags that are not known may be younger than the backup. */
  restored(): void {
    this.#isRestored = true
  }

  /** 0 for an unknown tag. */
  epoch(tag: GroupTag): bigint {
    return BigInt(this.#sql.tag.get(tag)?.epoch ?? 0)
  }

  /** @throws E041, E040 for a Welcome, E044, E022, E023; nothing is then written. */
  commit(commit: StoredCommit): CommitOutcome {
    // No group ever gets there, and SQLite's integers end before UInt64 does.
    if (commit.baseEpoch > EPOCH_MAX) return lost(this.#sql.tag.get(commit.groupTag), EMPTY)
    const logged = this.#sql.logged.get(commit.groupTag, commit.baseEpoch)
    const tag = this.#sql.tag.get(commit.groupTag)
    if (logged) return answered(logged, commit, tag)
    if (commit.membersOnly === true) this.#checkAccess(commit)
    if (!this.#mayAdvance(commit, tag)) return lost(tag, EMPTY)
    const usage = new Map<string, Usage>()
    const welcomed = commit.welcomes.map((item) => ({ item, box: this.#roomForWelcome(item, commit, usage) }))

    const epoch = commit.baseEpoch + 1n
    if (tag) this.#sql.advance.run(epoch, commit.nextVerifier, commit.groupTag)
    else this.#register(commit, epoch)
    const { groupTag, baseEpoch, messageId, authorKey, payloadHash } = commit
    const head = this.#boxes.headOf(authorKey)
    this.#sql.log.run(groupTag, baseEpoch, messageId, authorKey, payloadHash, head)

    const origin = {
      sender: commit.account,
      senderHead: head,
      now: commit.now,
      expiresAt: commit.expiresAt,
      rememberUntil: commit.expiresAt,
      commit: { tag: groupTag, epoch: baseEpoch, info: commit.commitInfo },
    }
    const rung = this.#fanOut(commit, origin)
    const welcomeBody = sharedBody(commit.welcomeBody)
    for (const { item, box } of welcomed) this.#mail.append(box, item, welcomeBody, origin)
    rung.push(...commit.welcomes.map((item) => item.recipientKey))
    return { accepted: true, epoch, winner: concat(messageId, authorKey), head, restoreEpoch: 0n, rung }
  }

  /** One that is younger than the backup may be behind other members: they show the proof of this epoch. */
  #register({ groupTag, baseEpoch, proofHash, nextVerifier, account, now }: StoredCommit, epoch: bigint): void {
    const verifier = baseEpoch === 0n ? EMPTY : proofHash
    this.#sql.register.run(groupTag, epoch, nextVerifier, account, now, baseEpoch, verifier)
  }

  /** One row to the wrong place refuses all: a commit that only some of the members get would split them. */
  #checkAccess({ account, recipients, welcomes }: StoredCommit): void {
    for (const { recipientKey, channelId } of [...recipients, ...welcomes]) {
      if (channelId.length === 0) continue
      const box = this.#boxes.open(recipientKey)
      this.#channels.check(channelId, account, box?.accountId ?? account)
    }
  }

  #mayAdvance(commit: StoredCommit, tag: TagRow | undefined): boolean {
    if (tag) return mayFollow(tag, commit)
    if (commit.baseEpoch !== 0n && !this.#isRestored) return false
    const made = this.#sql.madeSince.get(commit.account, commit.now - DAY_MS)?.count ?? 0
    if (made >= NEW_GROUPS_PER_DAY_MAX) throw new QpqError("E044")
    return true
  }

  #roomForWelcome(item: DepositItem, commit: StoredCommit, usage: Map<string, Usage>): Mailbox {
    const box = this.#boxes.open(item.recipientKey)
    const who = hex(item.recipientKey)
    if (!box) throw new QpqError("E040", who)
    const more = withRow(usage, who, item.prefix.length + commit.welcomeBody.length)
    if (!this.#boxes.hasRoom(box, commit.account, more)) throw new QpqError("E041", who)
    return box
  }

  /** Commit rows go beyond the quota; past the reserve a lost mark tells of them. Unknown mailboxes are skipped. */
  #fanOut(commit: StoredCommit, origin: CommitOrigin): DeviceKey[] {
    const body = sharedBody(commit.payload)
    const rung: DeviceKey[] = []
    for (const recipient of commit.recipients) {
      const box = this.#boxes.open(recipient.recipientKey)
      if (!box) continue
      const item = { ...recipient, messageId: commit.messageId }
      const bytes = item.prefix.length + body.bytes.length
      const room = !isLostMark(item.prefix) && this.#boxes.hasRoomForCommit(box, commit.account, bytes)
      if (room) this.#mail.append(box, item, body, origin)
      if (room || this.#marks.note(box, item, origin)) rung.push(recipient.recipientKey)
    }
    return rung
  }
}

/** The same commit from the same device gets the same answer for ever; any other has lost. */
function answered(logged: LogRow, commit: StoredCommit, tag: TagRow | undefined): CommitOutcome {
  const winner = concat(logged.message_id, logged.author_key)
  const same =
    equal(logged.message_id, commit.messageId) &&
    equal(logged.author_key, commit.authorKey) &&
    equal(logged.payload_hash, commit.payloadHash)
  if (!same) return lost(tag, winner)
  const epoch = commit.baseEpoch + 1n
  return { accepted: true, epoch, winner, head: logged.author_head, restoreEpoch: 0n, rung: [] }
}

/** From the tag's epoch by its proof, or from a later one by the proof of the epoch that was restored. */
function mayFollow(tag: TagRow, { baseEpoch, proofHash, restoreHash }: StoredCommit): boolean {
  const epoch = BigInt(tag.epoch)
  if (baseEpoch === epoch) return equal(tag.verifier, proofHash)
  return baseEpoch > epoch && tag.restore_verifier.length > 0 && equal(tag.restore_verifier, restoreHash)
}

const lost = (tag: TagRow | undefined, winner: Uint8Array): CommitOutcome => ({
  accepted: false,
  epoch: BigInt(tag?.epoch ?? 0),
  restoreEpoch: BigInt(tag?.restore_epoch ?? 0),
  winner,
  head: 0,
  rung: [],
})
