/** Steps a sender's ratchet over many messages that never came; ts-mls takes ten times as long for each step. */
import type { CiphersuiteImpl, PrivateMessage } from "ts-mls"
import { decryptSenderData } from "ts-mls/privateMessage.js"
import type { SecretTree } from "ts-mls/secretTree.js"
import { hkdfExpand } from "../crypto/hash.ts"
import { concat, uintBytes, utf8, wipe } from "../domain/bytes.ts"
import { GENERATIONS_AHEAD_MAX } from "./group-engine.ts"

/** Messages of one sender that may be skipped and still be read later: the last ones before the newest. */
export const SKIPPED_MESSAGES_KEPT = 64
/** How far ts-mls goes by itself. */
export const STEPS_BY_TS_MLS = 1000
const SECRET_BYTES = 32

export interface SteppedTree {
  readonly tree: SecretTree
  /** Held by the tree before, too. */
  readonly spent: Uint8Array
}

/**
 * The tree with the sender of an application message as far as the keys that are kept of those before it. Unverified: only
 * members can make one step, and ten thousand steps take no longer than the thousand that anybody may ask of ts-mls.
 * @returns undefined where ts-mls could go by itself, or nobody may.
 */
export async function steppedAhead(
  tree: SecretTree,
  message: PrivateMessage,
  { senderDataSecret, suite }: { readonly senderDataSecret: Uint8Array; readonly suite: CiphersuiteImpl },
): Promise<SteppedTree | undefined> {
  if (message.contentType !== "application") return undefined
  const sender = await decryptSenderData(message, senderDataSecret, suite).catch(() => undefined)
  const node = sender && tree[sender.leafIndex * 2]
  if (!node) return undefined
  const { generation: from, secret: first } = node.application
  const ahead = sender.generation - from
  if (ahead <= STEPS_BY_TS_MLS || ahead > GENERATIONS_AHEAD_MAX) return undefined
  const generation = sender.generation - SKIPPED_MESSAGES_KEPT
  const application = { secret: secretAt(first, from, generation), generation, unusedGenerations: {} }
  const stepped = tree.slice()
  stepped[sender.leafIndex * 2] = { ...node, application }
  return { tree: stepped, spent: first }
}

/** DeriveTreeSecret(secret, "secret", generation, 32) for each step (RFC 9420 section 9). */
function secretAt(first: Uint8Array, from: number, to: number): Uint8Array {
  let secret = first
  for (let generation = from; generation < to; generation++) {
    const next = hkdfExpand(secret, concat(STEP_INFO, uintBytes(generation, 4)), SECRET_BYTES)
    if (secret !== first) wipe(secret)
    secret = next
  }
  return secret
}

/** uint16 length, the label and the length of the context in one byte each (RFC 9420 section 8). */
const LABEL = utf8("MLS 1.0 secret")
const STEP_INFO = concat(uintBytes(SECRET_BYTES, 2), Uint8Array.of(LABEL.length), LABEL, Uint8Array.of(4))
