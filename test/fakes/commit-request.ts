/** Commit requests as an honest author signs them; payloads are noise, which the server does not read. */
import type { CommitRequest } from "../../core/contract/node-service.ts"
import type { Identity } from "../../core/client/identity.ts"
import { signCommit } from "../../core/crypto/account-statements.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { EMPTY } from "../../core/domain/bytes.ts"
import { fresh, freshMessageId } from "./node-device.ts"
import { freshTag } from "./node-stores.ts"

export function commitRequest({ deviceSeed }: Identity, change: Partial<CommitRequest> = {}): CommitRequest {
  const unsigned = {
    groupTag: freshTag(),
    baseEpoch: 0n,
    proof: EMPTY,
    nextVerifier: fresh(32),
    restoreProof: EMPTY,
    messageId: freshMessageId(),
    payload: fresh(30),
    recipients: [],
    welcomeBody: EMPTY,
    welcomes: [],
    ...change,
  }
  const { groupTag, baseEpoch, payload } = unsigned
  const nextVerifier = unsigned.nextVerifier.length === 32 ? unsigned.nextVerifier : fresh(32)
  const authorSig = signCommit(deviceSeed, { groupTag, baseEpoch, nextVerifier, payloadHash: sha256(payload) })
  return { ...unsigned, authorSig }
}
