/** Incoming messages: applications in one decryption; handshakes looked into first, then handed to ts-mls. */
import { emptyPskIndex, mlsExporter, processPrivateMessage } from "ts-mls"
import type { ClientState, PrivateMessage } from "ts-mls"
import { sha256 } from "../crypto/hash.ts"
import { EMPTY, equal, hex } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type * as terms from "./group-engine.ts"
import { inspectCommit } from "./commit-policy.ts"
import type { InspectedCommit } from "./commit-policy.ts"
import { checkPrivatePath } from "./private-path-check.ts"
import { droppedEpochSecrets, touchedNode, withSecretTree } from "./secret-tree-record.ts"
import { checkHeader, decodePrivateMessage, unprotect } from "./sender-data.ts"
import type { Unprotected } from "./sender-data.ts"
import { leafAt, memberAt, membersOf, refusedAs, Snapshot, suiteImplOf } from "./ts-mls-terms.ts"

/** MLS-Exporter("qpq commit", "", 32): shows the server that its author was a member. */
export const commitProofOf = (state: ClientState): Promise<Uint8Array> =>
  mlsExporter(state.keySchedule.exporterSecret, "qpq commit", EMPTY, 32, suiteImplOf(state))

/** @throws E030, E034 */
export async function openMessage(state: ClientState, request: terms.OpenRequest): Promise<terms.Opened> {
  const message = decodePrivateMessage(request.message)
  checkHeader(state, message)
  const unprotected = await unprotect(state, message)
  const { content } = unprotected
  switch (content.contentType) {
    case "application":
      return openedApplication(state, unprotected, content)
    case "proposal":
      return openedProposal(state, unprotected)
    case "commit": {
      const inspected = await inspectCommit(state, content.commit, unprotected.sender)
      if (inspected.removed.some(({ leafIndex }) => leafIndex === state.privatePath.leafIndex))
        return openedRemoval(state, unprotected, inspected)
      return openedCommit(state, { message, request, inspected, unprotected })
    }
  }
}

function openedApplication(
  state: ClientState,
  { sender, secretTree, spent }: Unprotected,
  content: { readonly epoch: bigint; readonly applicationData: Uint8Array; readonly authenticatedData: Uint8Array },
): terms.OpenedApplication {
  const { epoch, applicationData: plaintext, authenticatedData: aad } = content
  const group = new Snapshot(withSecretTree(state, epoch, secretTree))
  const touched = touchedNode(secretTree, epoch, sender.leafIndex)
  return { kind: "application", group, sender, plaintext, aad, epoch, touched, spent }
}

/** A Remove within the proposer's own account is passed on as a wish; everything else is dropped. */
function openedProposal(state: ClientState, { content, sender, secretTree, spent }: Unprotected): terms.OpenedProposal {
  const proposal = content.contentType === "proposal" ? content.proposal : undefined
  const target = proposal?.proposalType === "remove" ? proposal.remove.removed : undefined
  const known = target !== undefined && leafAt(state.ratchetTree, target) !== undefined
  const member = known ? memberAt(state.ratchetTree, target) : undefined
  const removal = member && equal(member.accountKey, sender.accountKey) ? member : undefined
  const { epoch } = state.groupContext
  const group = new Snapshot(withSecretTree(state, epoch, secretTree))
  const touched = touchedNode(secretTree, epoch, sender.leafIndex)
  return { kind: "proposal", group, by: sender, removal, touched, spent }
}

/** We cannot follow into the new epoch, and ts-mls throws when our leaf is filled again: the signature is proof enough. */
function openedRemoval(
  state: ClientState,
  { sender, spent }: Unprotected,
  inspected: InspectedCommit,
): terms.OpenedRemoval {
  const group = new Snapshot({ ...state, unappliedProposals: {}, groupActiveState: { kind: "removedFromGroup" } })
  const { added, removed } = inspected
  return { kind: "removed", group, by: sender, added, removed, spent }
}

interface CommitStep {
  readonly message: PrivateMessage
  readonly request: terms.OpenRequest
  readonly inspected: InspectedCommit
  readonly unprotected: Unprotected
}

async function openedCommit(state: ClientState, step: CommitStep): Promise<terms.OpenedCommit> {
  const alone: ClientState = { ...state, unappliedProposals: {} }
  const processed = await refusedAs(
    "E030",
    processPrivateMessage(alone, step.message, emptyPskIndex, suiteImplOf(state)),
  )
  const next = processed.newState
  if (processed.kind !== "newState" || next.groupContext.epoch !== state.groupContext.epoch + 1n)
    throw new QpqError("E030", "no new epoch")
  await refusedAs("E030", checkPrivatePath(next, state.privatePath.privateKeys, "E030"))
  await checkVerifier(next, step.request.expectedVerifier)
  const group = new Snapshot(next)
  const { removed, updated } = step.inspected
  const { sender: by, spent: opened } = step.unprotected
  const spent = [...opened, ...processed.consumed, ...droppedEpochSecrets(state, next)]
  return { kind: "commit", group, by, added: placed(next, step.inspected), removed, updated, spent }
}

/** A commit whose new epoch does not export the announced verifier's preimage would shut everyone out of committing. */
async function checkVerifier(next: ClientState, expected: Uint8Array | undefined): Promise<void> {
  if (expected === undefined) return
  if (!equal(sha256(await commitProofOf(next)), expected)) throw new QpqError("E030", "next verifier")
}

/** The added members with the leaves they were given. */
function placed(next: ClientState, { added }: InspectedCommit): readonly terms.AddedMember[] {
  const leaves = new Map(membersOf(next.ratchetTree).map((member) => [hex(member.deviceKey), member.leafIndex]))
  return added.map((member) => {
    const leafIndex = leaves.get(hex(member.deviceKey))
    if (leafIndex === undefined) throw new QpqError("E030", "an added member without a leaf")
    return { ...member, leafIndex }
  })
}
