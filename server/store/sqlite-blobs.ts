/** Encrypted files in SQLite, a row for each chunk: no value is larger than what one call carries. */
import type { BlobPiece } from "../../core/contract/node-service.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { checkFits, checkRoom } from "./blob-rules.ts"
import type { BlobUsage } from "./blob-rules.ts"
import type { AccountId } from "./account-rows.ts"
import type { BlobProgress, BlobRead, FinishedBlob, StoredChunk } from "./node-store.ts"

/** Each takes its chunks along, up to a hundred of a mebibyte. */
const SWEPT_AT_ONCE = 4

interface BlobSql {
  id: number
  account: AccountId
  size: number
  hash: Buffer
  received: number
  complete: number
  expires_at: number
}

function blobStatements(db: SqliteDatabase) {
  return {
    find: db.prepare<[Uint8Array], BlobSql>("SELECT *, account_id AS account FROM blobs WHERE blob_id = ?"),
    usage: db.prepare<[number], BlobUsage>(
      "SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM blobs WHERE account_id = ?",
    ),
    begin: db.prepare(
      "INSERT INTO blobs (blob_id, account_id, size, hash, received, expires_at) VALUES (?, ?, ?, ?, 0, ?)",
    ),
    grow: db.prepare("UPDATE blobs SET received = received + ? WHERE id = ?"),
    keep: db.prepare("INSERT INTO blob_chunks VALUES (?, ?, ?)"),
    piece: db.prepare<[{ blob: number; offset: number; limit: number }], { chunk: Buffer }>(
      `SELECT substr(bytes, @offset - start + 1, @limit) AS chunk FROM blob_chunks
       WHERE blob = @blob AND start <= @offset ORDER BY start DESC LIMIT 1`,
    ),
    finish: db.prepare("UPDATE blobs SET complete = 1, expires_at = ? WHERE id = ?"),
    drop: db.prepare("DELETE FROM blobs WHERE id = ?"),
    sweep: db.prepare<[number]>(
      `DELETE FROM blobs WHERE id IN (SELECT id FROM blobs WHERE expires_at <= ? LIMIT ${SWEPT_AT_ONCE})`,
    ),
  }
}

export class SqliteBlobs {
  readonly #sql: ReturnType<typeof blobStatements>

  constructor(db: SqliteDatabase) {
    this.#sql = blobStatements(db)
  }

  /** @throws E029, E085 */
  put(next: StoredChunk): BlobProgress {
    const { account, blobId, chunk, size, hash, now, unfinishedUntil } = next
    const sql = this.#sql
    const known = this.#living(blobId, now)
    checkFits(known ?? { account, size, hash, received: 0 }, next)
    if (chunk.length === 0) return { received: known?.received ?? 0, complete: known?.complete === 1 }
    if (!known) checkRoom(sql.usage.get(account) ?? { count: 0, bytes: 0 }, next)
    const id = known?.id ?? Number(sql.begin.run(blobId, account, size, hash, unfinishedUntil).lastInsertRowid)
    const start = known?.received ?? 0
    sql.keep.run(id, start, chunk)
    sql.grow.run(chunk.length, id)
    return { received: start + chunk.length, complete: false }
  }

  /** @throws E029 */
  read({ blobId, offset, limit, now, unfinishedOf }: BlobRead): BlobPiece | undefined {
    const blob = this.#living(blobId, now)
    if (!blob || !(blob.complete === 1 || blob.account === unfinishedOf)) return undefined
    if (offset > blob.received) throw new QpqError("E029", `beyond ${blob.received} bytes`)
    const piece = this.#sql.piece.get({ blob: blob.id, offset, limit })
    return { chunk: piece ? new Uint8Array(piece.chunk) : EMPTY, size: blob.size }
  }

  finish({ account, blobId, isWhole, expiresAt }: FinishedBlob): boolean {
    const blob = this.#sql.find.get(blobId)
    if (!blob || blob.account !== account || blob.received !== blob.size) return false
    if (blob.complete === 1) return true
    if (isWhole) this.#sql.finish.run(expiresAt, blob.id)
    else this.#sql.drop.run(blob.id)
    return isWhole
  }

  /** Some at a time. @returns how many went. */
  expire(now: number): number {
    return this.#sql.sweep.run(now).changes
  }

  /** One that is over makes room for another of its name. */
  #living(blobId: Uint8Array, now: number): BlobSql | undefined {
    const blob = this.#sql.find.get(blobId)
    if (!blob || blob.expires_at > now) return blob
    this.#sql.drop.run(blob.id)
    return undefined
  }
}
