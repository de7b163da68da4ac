/** Who sent a PrivateMessage, and what it says: one decryption that verifies the sender's signature (RFC 9420 section 6.3). */
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls"
import type { ClientState, EpochReceiverData, PrivateMessage } from "ts-mls"
import type { AuthenticatedContent } from "ts-mls/authenticatedContent.js"
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js"
import type { SecretTree } from "ts-mls/secretTree.js"
import { equal } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { PAYLOAD_BYTES_MAX } from "../domain/limits.ts"
import type { Member } from "./group-engine.ts"
import { steppedAhead } from "./ratchet-ahead.ts"
import { decodeExactly, memberAt, refusedAs, suiteImplOf } from "./ts-mls-terms.ts"

/** Exactly one private MLSMessage. PublicMessages can hang ts-mls and show the sender, so none is looked into. @throws E030 */
export function decodePrivateMessage(bytes: Uint8Array): PrivateMessage {
  const decoding = { decode: decodeMlsMessage, encode: encodeMlsMessage, bytesMax: PAYLOAD_BYTES_MAX }
  const message = decodeExactly(bytes, { ...decoding, refusal: "E030" })
  if (message.wireformat !== "mls_private_message") throw new QpqError("E030", "not a PrivateMessage")
  return message.privateMessage
}

/** ts-mls answers these with an opaque AEAD error, or worse. @throws E030 another group, E034 an epoch not held. */
export function checkHeader(state: ClientState, message: PrivateMessage): void {
  if (!equal(message.groupId, state.groupContext.groupId)) throw new QpqError("E030", "message of another group")
  if (message.epoch === state.groupContext.epoch) return
  const past = message.epoch < state.groupContext.epoch
  if (!past || message.contentType !== "application" || !state.historicalReceiverData.has(message.epoch))
    throw new QpqError("E034", past ? "too old" : "too early")
}

export interface Unprotected {
  readonly content: AuthenticatedContent["content"]
  readonly sender: Member
  readonly secretTree: SecretTree
  readonly spent: readonly Uint8Array[]
}

/** @throws E030 forged, damaged, replayed, or of a leaf that does not exist. */
export async function unprotect(state: ClientState, message: PrivateMessage): Promise<Unprotected> {
  const source = epochSource(state, message.epoch)
  const suite = suiteImplOf(state)
  const { keyRetentionConfig } = state.clientConfig
  const { senderDataSecret, secretTree, ratchetTree, groupContext } = source
  const open = (tree: SecretTree): ReturnType<typeof unprotectPrivateMessage> =>
    unprotectPrivateMessage(senderDataSecret, message, tree, ratchetTree, groupContext, keyRetentionConfig, suite)
  const openAhead = async (thrown: unknown): ReturnType<typeof unprotectPrivateMessage> => {
    const ahead = await steppedAhead(secretTree, message, { senderDataSecret, suite })
    if (!ahead) throw thrown
    const opened = await open(ahead.tree)
    return { ...opened, consumed: [ahead.spent, ...opened.consumed] }
  }
  const { tree, content, consumed } = await refusedAs("E030", open(secretTree).catch(openAhead))
  const { sender } = content.content
  if (sender.senderType !== "member") throw new QpqError("E030", "not sent by a member")
  const member = memberAt(source.ratchetTree, sender.leafIndex)
  return { content: content.content, sender: member, secretTree: tree, spent: consumed }
}

type EpochSource = Omit<EpochReceiverData, "resumptionPsk">

function epochSource(state: ClientState, epoch: bigint): EpochSource {
  if (epoch !== state.groupContext.epoch) {
    const past = state.historicalReceiverData.get(epoch)
    if (past === undefined) throw new QpqError("E034")
    return past
  }
  const { secretTree, ratchetTree, groupContext, keySchedule } = state
  return { secretTree, ratchetTree, groupContext, senderDataSecret: keySchedule.senderDataSecret }
}
