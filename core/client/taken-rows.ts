/** Rows that this profile has read: a server that was restored from a backup, and who offers again, gives them out twice. */
import type { Envelope, RowCommit } from "../contract/node-service.ts"
import { sha256 } from "../crypto/hash.ts"
import { concat, EMPTY, uintBytes } from "../domain/bytes.ts"
import { DAY_MS, RETENTION_MS } from "../domain/limits.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

const DIGEST_BYTES = 16
/** A row may be offered again while its sender's server keeps mail, and then wait as long for who is away. */
const REMEMBERED_MS = 2 * RETENTION_MS + DAY_MS

export const wasTaken = (store: ClientReads, row: Envelope): boolean => store.isTaken(digestOf(row))

export function noteTaken(tx: ClientTx, row: Envelope, now: number): void {
  tx.noteTaken(digestOf(row), now)
}

export function forgetTaken(tx: ClientTx, now: number): void {
  tx.dropTaken(now - REMEMBERED_MS)
}

/** Of all that it holds: its numbers and its time are others when it comes again. */
const digestOf = ({ id, commit, payload }: Envelope): Uint8Array =>
  sha256(concat(id, commit === undefined ? EMPTY : formOf(commit), sha256(payload))).slice(0, DIGEST_BYTES)

const formOf = ({ groupTag, epoch, commitInfo }: RowCommit): Uint8Array =>
  concat(groupTag, uintBytes(epoch, 8), commitInfo)
