/** The secret-tree node that one message changes, as a small record: a group is written whole only once per epoch. */
import type { ClientState } from "ts-mls"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { decodeSecretTreeNode, secretTreeNodeEncoder } from "ts-mls/secretTree.js"
import type { SecretTree } from "ts-mls/secretTree.js"
import { QpqError } from "../domain/errors.ts"
import type { TouchedNode } from "./group-engine.ts"
import { decodeExactly } from "./ts-mls-terms.ts"

/** Two secrets and 64 skipped messages in each of both ratchets stay below. */
const RECORD_BYTES_MAX = 8192

const encodeNode = encode(secretTreeNodeEncoder)

/** The record of a leaf's node in `tree`, the secret tree of `epoch`. */
export function touchedNode(tree: SecretTree, epoch: bigint, leafIndex: number): TouchedNode {
  const node = tree[leafIndex * 2]
  if (node === undefined) throw new QpqError("E099", "no such secret-tree node")
  return { epoch, leafIndex, record: encodeNode(node) }
}

/** The state with another secret tree in `epoch`, the current one or one that is still held. */
export function withSecretTree(state: ClientState, epoch: bigint, secretTree: SecretTree): ClientState {
  if (epoch === state.groupContext.epoch) return { ...state, secretTree }
  const past = state.historicalReceiverData.get(epoch)
  if (past === undefined) return state
  const historicalReceiverData = new Map(state.historicalReceiverData).set(epoch, { ...past, secretTree })
  return { ...state, historicalReceiverData }
}

/** @throws E060 when the record is damaged or of no leaf of the tree; one of an epoch no longer held changes nothing. */
export function withTouchedNode(state: ClientState, { epoch, leafIndex, record }: TouchedNode): ClientState {
  const tree =
    epoch === state.groupContext.epoch ? state.secretTree : state.historicalReceiverData.get(epoch)?.secretTree
  if (tree === undefined) return state
  if (tree[leafIndex * 2] === undefined) throw new QpqError("E060", "secret-tree record of no leaf")
  const changed = tree.slice()
  changed[leafIndex * 2] = decodeExactly(record, {
    decode: decodeSecretTreeNode,
    bytesMax: RECORD_BYTES_MAX,
    refusal: "E060",
  })
  return withSecretTree(state, epoch, changed)
}

/** Secrets of past epochs that `next` no longer holds; ts-mls only forgets them. */
export function droppedEpochSecrets(previous: ClientState, next: ClientState): readonly Uint8Array[] {
  const dropped: Uint8Array[] = []
  for (const [epoch, past] of previous.historicalReceiverData) {
    if (next.historicalReceiverData.has(epoch)) continue
    dropped.push(past.senderDataSecret, past.resumptionPsk)
    for (const { application, handshake } of past.secretTree)
      for (const ratchet of [application, handshake])
        dropped.push(ratchet.secret, ...Object.values(ratchet.unusedGenerations))
  }
  return dropped
}
