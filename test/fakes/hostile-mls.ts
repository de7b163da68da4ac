/** What a hostile member or inviter can build with the library directly, past every guard of the engine. */
import { encodeMlsMessage } from "ts-mls"
import type { ClientState, Proposal, RatchetTree } from "ts-mls"
import { createContentCommitSignature } from "ts-mls/framedContent.js"
import { extractWelcomeSecret, signGroupInfo } from "ts-mls/groupInfo.js"
import { makeKeyPackageRef } from "ts-mls/keyPackage.js"
import { protect, protectApplicationData, protectProposal } from "ts-mls/messageProtection.js"
import { encodeRatchetTree } from "ts-mls/ratchetTree.js"
import type { UpdatePath } from "ts-mls/updatePath.js"
import { encryptGroupInfo, encryptGroupSecrets } from "ts-mls/welcome.js"
import type { Invitation, MlsGroup, OwnKeyPackage } from "../../core/mls/group-engine.ts"
import { decodeKeyPackageExactly } from "../../core/mls/key-package.ts"
import { Snapshot, suiteImplOf } from "../../core/mls/ts-mls-terms.ts"
import { splitWelcome } from "../../core/mls/welcome-check.ts"
import type { Person } from "./mls-people.ts"

const NOTHING = new Uint8Array(0)

/** A private commit with these proposals, well signed by its author, and whatever path. */
export async function hostileCommit(group: MlsGroup, proposals: Proposal[], path?: UpdatePath): Promise<Uint8Array> {
  const state = Snapshot.stateOf(group)
  const suite = suiteImplOf(state)
  const sender = { senderType: "member" as const, leafIndex: state.privatePath.leafIndex }
  const content = {
    proposals: proposals.map((proposal) => ({ proposalOrRefType: "proposal" as const, proposal })),
    path,
  }
  const { signature, framedContent } = await createContentCommitSignature(
    state.groupContext,
    "mls_private_message",
    content,
    sender,
    NOTHING,
    state.signaturePrivateKey,
    suite.signature,
  )
  const auth = { contentType: "commit" as const, signature, confirmationTag: new Uint8Array(32) }
  return protectedBy(state, { ...framedContent, auth })
}

/** A commit that names a proposal nobody keeps. */
export async function commitByReference(group: MlsGroup): Promise<Uint8Array> {
  const state = Snapshot.stateOf(group)
  const reference = { proposalOrRefType: "reference" as const, reference: new Uint8Array(32) }
  const { signature, framedContent } = await createContentCommitSignature(
    state.groupContext,
    "mls_private_message",
    { proposals: [reference], path: undefined },
    { senderType: "member", leafIndex: state.privatePath.leafIndex },
    NOTHING,
    state.signaturePrivateKey,
    suiteImplOf(state).signature,
  )
  const auth = { contentType: "commit" as const, signature, confirmationTag: new Uint8Array(32) }
  return protectedBy(state, { ...framedContent, auth })
}

async function protectedBy(state: ClientState, content: Parameters<typeof protect>[4]): Promise<Uint8Array> {
  const { privateMessage } = await protect(
    state.keySchedule.senderDataSecret,
    NOTHING,
    state.groupContext,
    state.secretTree,
    content,
    state.privatePath.leafIndex,
    state.clientConfig.paddingConfig,
    suiteImplOf(state),
  )
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage })
}

/** A standalone private proposal. */
export async function hostileProposal(group: MlsGroup, proposal: Proposal): Promise<Uint8Array> {
  const [message] = await hostileProposals(group, [proposal])
  return message ?? NOTHING
}

/** One after the other, each by a key of its own. */
export async function hostileProposals(group: MlsGroup, proposals: readonly Proposal[]): Promise<Uint8Array[]> {
  const state = Snapshot.stateOf(group)
  let { secretTree } = state
  const messages: Uint8Array[] = []
  for (const proposal of proposals) {
    const { privateMessage, newSecretTree } = await protectProposal(
      state.signaturePrivateKey,
      state.keySchedule.senderDataSecret,
      proposal,
      NOTHING,
      state.groupContext,
      secretTree,
      state.privatePath.leafIndex,
      state.clientConfig.paddingConfig,
      suiteImplOf(state),
    )
    secretTree = newSecretTree
    messages.push(encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage }))
  }
  return messages
}

/** A Welcome for `who`, well signed by the group's owner, whose tree is anything. */
export async function hostileInvitation(
  group: MlsGroup,
  tree: RatchetTree,
  to: { readonly who: Person; readonly own: OwnKeyPackage },
): Promise<Invitation> {
  const state = Snapshot.stateOf(group)
  const suite = suiteImplOf(state)
  const { groupContext, confirmationTag, privatePath } = state
  const joinerSecret = new Uint8Array(32).fill(7)
  const extensions = [{ extensionType: "ratchet_tree" as const, extensionData: encodeRatchetTree(tree) }]
  const claim = { groupContext, extensions, confirmationTag, signer: privatePath.leafIndex }
  const groupInfo = await signGroupInfo(claim, state.signaturePrivateKey, suite.signature)
  const welcomeSecret = await extractWelcomeSecret(joinerSecret, new Uint8Array(32), suite.kdf)
  const encryptedGroupInfo = await encryptGroupInfo(groupInfo, welcomeSecret, suite)
  const keyPackage = decodeKeyPackageExactly(to.own.publicBytes)
  const initKey = await suite.hpke.importPublicKey(keyPackage.initKey)
  const secrets = { joinerSecret, pathSecret: undefined, psks: [] }
  const sealed = await encryptGroupSecrets(initKey, encryptedGroupInfo, secrets, suite.hpke)
  const newMember = await makeKeyPackageRef(keyPackage, suite.hash)
  const encryptedGroupSecrets = { kemOutput: sealed.enc, ciphertext: sealed.ct }
  const welcome = {
    cipherSuite: suite.name,
    secrets: [{ newMember, encryptedGroupSecrets }],
    encryptedGroupInfo,
  }
  const parts = splitWelcome(welcome, [to.own])
  return { shared: parts.shared, secrets: parts.perRecipient[0]?.secrets ?? NOTHING, keyPackage: to.own }
}

/** A text of `from`, or so it says: whoever is in the group has the keys for it, but for the one that signs. */
export async function spoofedMessage(group: MlsGroup, from: number, text: Uint8Array): Promise<Uint8Array> {
  const state = Snapshot.stateOf(group)
  const { privateMessage } = await protectApplicationData(
    state.signaturePrivateKey,
    state.keySchedule.senderDataSecret,
    text,
    NOTHING,
    state.groupContext,
    state.secretTree,
    from,
    state.clientConfig.paddingConfig,
    suiteImplOf(state),
  )
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage })
}
