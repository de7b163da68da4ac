/** Commit proofs of past epochs: a server that was restored from a backup asks for the one it knew (PROTOCOL.md section 11). */
import type { CommitAnswer, CommitRequest, NodeService } from "../contract/node-service.ts"
import { concat, hex, uintBytes } from "../domain/bytes.ts"
import type { GroupId } from "../domain/ids.ts"
import type { ClientReads, ClientTx } from "../store/client-store.ts"

/** That of the epoch that counts now, and so many before it. */
const SPENT_MAX = 64
const EPOCH_BYTES = 8
const ENTRY_BYTES = EPOCH_BYTES + 32

/** Call with each new epoch of a group. @param proof 32 bytes */
export function noteProof(tx: ClientTx, id: GroupId, epoch: bigint, proof: Uint8Array): void {
  const others = entriesOf(tx, id).filter((entry) => epochOf(entry) !== epoch)
  tx.set(name(id), concat(...[...others, concat(uintBytes(epoch, EPOCH_BYTES), proof)].slice(-SPENT_MAX - 1)))
}

/** 32 bytes; undefined for an epoch that this device was not in, or that is too long ago. */
export const proofOf = (store: ClientReads, id: GroupId, epoch: bigint): Uint8Array | undefined =>
  entriesOf(store, id)
    .find((entry) => epochOf(entry) === epoch)
    ?.slice(EPOCH_BYTES)

/** A server that was restored to an earlier epoch takes it with the proof of that epoch: it goes on from here. */
export async function offerCommit(
  store: ClientReads,
  node: NodeService,
  id: GroupId,
  request: CommitRequest,
): Promise<CommitAnswer> {
  const answer = await node.commit(request)
  const { accepted, epoch, restoreEpoch } = answer
  if (accepted || epoch >= request.baseEpoch || restoreEpoch === 0n) return answer
  const restoreProof = proofOf(store, id, restoreEpoch)
  return restoreProof ? node.commit({ ...request, restoreProof }) : answer
}

function entriesOf(store: ClientReads, id: GroupId): readonly Uint8Array[] {
  const stored = store.setting(name(id))
  if (!stored) return []
  return Array.from({ length: stored.length / ENTRY_BYTES }, (_, at) =>
    stored.slice(at * ENTRY_BYTES, (at + 1) * ENTRY_BYTES),
  )
}

const epochOf = (entry: Uint8Array): bigint => Buffer.from(entry).readBigUInt64BE()

const name = (id: GroupId): string => `proofs-${hex(id)}`
