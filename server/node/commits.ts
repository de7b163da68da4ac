/** Commits for one caller: the author's signature, then the compare-and-swap in the store (PROTOCOL.md section 7). */
import type { CommitAnswer, CommitRequest } from "../../core/contract/node-service.ts"
import { encodeCommitInfo, verifyCommit } from "../../core/crypto/account-statements.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { exactly, KEY_BYTES } from "../../core/domain/ids.ts"
import { GROUP_LEAVES_MAX, PAYLOAD_BYTES_MAX } from "../../core/domain/limits.ts"
import { isLostMark } from "../../core/domain/lost-mark.ts"
import { isPrefixOf } from "../../core/domain/shared-prefix.ts"
import type { KnownCaller } from "./caller.ts"
import { deviceOf } from "./known-device.ts"
import { checkRow } from "./mailboxes.ts"
import type { MailRooms } from "./mail-rooms.ts"

/** @throws E012 without identity, E024, E025, E027, E031, E043, and what the store refuses. */
export async function commitFor(known: KnownCaller, rooms: MailRooms, request: CommitRequest): Promise<CommitAnswer> {
  const { deviceKey } = deviceOf(known)
  checkSizes(request)
  rooms.limits.many(known, request.recipients.length + request.welcomes.length)
  const { groupTag, baseEpoch, nextVerifier, authorSig } = request
  const payloadHash = sha256(request.payload)
  if (!verifyCommit(deviceKey, { groupTag, baseEpoch, nextVerifier, payloadHash }, authorSig)) {
    throw new QpqError("E043", "author signature")
  }
  const now = rooms.world.clock.now()
  const { rung, head, ...outcome } = await rooms.store.commit({
    account: known.accountId,
    now,
    authorKey: deviceKey,
    groupTag,
    baseEpoch,
    proofHash: sha256(request.proof),
    restoreHash: request.restoreProof.length === 0 ? EMPTY : sha256(request.restoreProof),
    nextVerifier,
    messageId: request.messageId,
    payload: request.payload,
    payloadHash,
    commitInfo: encodeCommitInfo({ author: deviceKey, nextVerifier, authorSig }),
    recipients: request.recipients,
    welcomeBody: request.welcomeBody,
    welcomes: request.welcomes,
    expiresAt: now + rooms.retentionMs,
    membersOnly: rooms.membersOnly,
  })
  rooms.bell.ring(rung)
  const isLost = outcome.epoch > request.baseEpoch
  rooms.onCommit(outcome.accepted ? "accepted" : isLost ? "lost" : "refused")
  return { ...outcome, head: BigInt(head) }
}

function checkSizes(request: CommitRequest): void {
  exactly(request.nextVerifier, KEY_BYTES, "next verifier")
  exactly(request.proof, request.baseEpoch === 0n && request.proof.length === 0 ? 0 : KEY_BYTES, "proof")
  if (request.payload.length > PAYLOAD_BYTES_MAX) throw new QpqError("E025")
  if (request.welcomeBody.length > PAYLOAD_BYTES_MAX) throw new QpqError("E025", "Welcome")
  if (request.recipients.length > GROUP_LEAVES_MAX) throw new QpqError("E027", "recipients")
  if (request.welcomes.length > GROUP_LEAVES_MAX) throw new QpqError("E027", "Welcomes")
  for (const { prefix } of request.recipients) {
    // For a device without a hybrid key its author can only say that there was a commit (PROTOCOL.md section 6).
    if (isLostMark(prefix) && request.payload.length > 1) continue
    checkRow(prefix, request.payload)
    // Else a recipient could not check the author's signature over the payload, and not tell who broke the group.
    if (!isPrefixOf(prefix, request.payload)) throw new QpqError("E031", "prefix")
  }
  for (const { prefix } of request.welcomes) checkRow(prefix, request.welcomeBody)
}
