/** Any bytes at all as the content of a member's message: sealed with the keys of the group, past every encoder. */
import { encodeMlsMessage } from "ts-mls"
import type { ContentTypeName, MLSMessage, Proposal } from "ts-mls"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { decodeMlsMessage } from "ts-mls"
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js"
import { encodePrivateMessageContent, encryptSenderData, privateContentAADEncoder } from "ts-mls/privateMessage.js"
import { decodeProposal, encodeProposal } from "ts-mls/proposal.js"
import { consumeRatchet } from "ts-mls/secretTree.js"
import type { MlsGroup } from "../../core/mls/group-engine.ts"
import { Snapshot, suiteImplOf } from "../../core/mls/ts-mls-terms.ts"
import { hostileCommit, hostileProposal } from "./hostile-mls.ts"

const KINDS: readonly ContentTypeName[] = ["application", "proposal", "commit"]
const NOTHING = new Uint8Array(0)

/** @param bytes the first says which kind of content the others are. */
export async function hostileContent(group: MlsGroup, bytes: Uint8Array): Promise<Uint8Array> {
  const state = Snapshot.stateOf(group)
  const suite = suiteImplOf(state)
  const contentType = KINDS[(bytes[0] ?? 0) % KINDS.length] ?? "application"
  const { leafIndex } = state.privatePath
  const { groupId, epoch } = state.groupContext
  const ratchet = await consumeRatchet(state.secretTree, leafIndex * 2, contentType, suite)
  const aad = encode(privateContentAADEncoder)({ groupId, epoch, contentType, authenticatedData: NOTHING })
  const ciphertext = await suite.hpke.encryptAead(ratchet.key, ratchet.nonce, aad, bytes.slice(1))
  const senderData = { leafIndex, generation: ratchet.generation, reuseGuard: ratchet.reuseGuard }
  const senderAad = { groupId, epoch, contentType }
  const { senderDataSecret } = state.keySchedule
  const encryptedSenderData = await encryptSenderData(senderDataSecret, senderData, senderAad, ciphertext, suite)
  const privateMessage = { groupId, epoch, contentType, authenticatedData: NOTHING, encryptedSenderData, ciphertext }
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage })
}

/** The content of a good message as `hostileContent` takes it. */
export async function reencoded(reader: MlsGroup, message: Uint8Array): Promise<readonly Uint8Array[]> {
  const state = Snapshot.stateOf(reader)
  const [decoded] = (decodeMlsMessage(message, 0) ?? []) as readonly [MLSMessage?]
  if (decoded?.wireformat !== "mls_private_message") return []
  const { content } = await unprotectPrivateMessage(
    state.keySchedule.senderDataSecret,
    decoded.privateMessage,
    state.secretTree,
    state.ratchetTree,
    state.groupContext,
    state.clientConfig.keyRetentionConfig,
    suiteImplOf(state),
  )
  const { content: inner, auth } = content
  const kind = KINDS.indexOf(inner.contentType)
  const whole = encodePrivateMessageContent({ kind: "padUntilLength", padUntilLength: 0 })({ ...inner, auth } as never)
  return [new Uint8Array(Buffer.concat([Uint8Array.of(kind), whole]))]
}

const remove = (removed: number): Proposal => ({ proposalType: "remove", remove: { removed } })

/** As a member sends them, alone or in a commit. */
export const PROPOSALS: readonly Uint8Array[] = [
  remove(2),
  remove(99),
  { proposalType: "external_init" as const, externalInit: { kemOutput: new Uint8Array(32) } },
  { proposalType: "group_context_extensions" as const, groupContextExtensions: { extensions: [] } },
].map(encodeProposal)

/** A commit with these proposals, and the first of them alone, all well signed; nothing where they cannot be decoded. */
export async function hostileProposalBytes(group: MlsGroup, bytes: Uint8Array): Promise<readonly Uint8Array[]> {
  const proposals: Proposal[] = []
  for (let at = 0; at < bytes.length && proposals.length < 8;) {
    const decoded = decodedAt(bytes, at)
    if (!decoded) break
    proposals.push(decoded[0])
    at += decoded[1]
  }
  const [first] = proposals
  return first ? [await hostileCommit(group, proposals), await hostileProposal(group, first)] : []
}

function decodedAt(bytes: Uint8Array, at: number): [Proposal, number] | undefined {
  try {
    return decodeProposal(bytes, at)
  } catch {
    return undefined
  }
}
