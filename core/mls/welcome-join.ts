/** From a checked Welcome to a group state (RFC 9420 section 12.4.3.1, the steps after the tree's validation). */
import type { ClientState } from "ts-mls"
import { verifyGroupInfoConfirmationTag } from "ts-mls/groupInfo.js"
import { deriveKeySchedule } from "ts-mls/keySchedule.js"
import { pathToRoot } from "ts-mls/pathSecrets.js"
import { mergePrivateKeyPaths, toPrivateKeyPath } from "ts-mls/privateKeyPath.js"
import type { PrivateKeyPath } from "ts-mls/privateKeyPath.js"
import { findLeafIndex } from "ts-mls/ratchetTree.js"
import { createSecretTree } from "ts-mls/secretTree.js"
import { leafToNodeIndex, leafWidth, toLeafIndex } from "ts-mls/treemath.js"
import { firstCommonAncestor } from "ts-mls/updatePath.js"
import { wipe } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { checkPrivatePath } from "./private-path-check.ts"
import { CLIENT_CONFIG } from "./ts-mls-terms.ts"
import { NO_PSK_SECRET } from "./welcome-check.ts"
import type { OpenedWelcome } from "./welcome-check.ts"

/** Throws whatever it meets; the engine makes an E035 of it. */
export async function stateFromWelcome(opened: OpenedWelcome): Promise<ClientState> {
  const { groupInfo, groupSecrets, pair, suite, tree } = opened
  const { joinerSecret } = groupSecrets
  if (!(await verifyGroupInfoConfirmationTag(groupInfo, joinerSecret, NO_PSK_SECRET, suite)))
    throw new QpqError("E035", "confirmation tag")
  const privatePath = await ownPath(opened)
  const { groupContext, confirmationTag } = groupInfo
  const [keySchedule, encryptionSecret] = await deriveKeySchedule(joinerSecret, NO_PSK_SECRET, groupContext, suite.kdf)
  const secretTree = await createSecretTree(leafWidth(tree.length), encryptionSecret, suite.kdf)
  wipe(encryptionSecret, joinerSecret)
  const state: ClientState = {
    groupContext,
    ratchetTree: tree,
    privatePath,
    signaturePrivateKey: pair.privatePackage.signaturePrivateKey,
    confirmationTag,
    unappliedProposals: {},
    keySchedule,
    secretTree,
    historicalReceiverData: new Map(),
    groupActiveState: { kind: "active" },
    clientConfig: CLIENT_CONFIG,
  }
  await checkPrivatePath(state, {}, "E035")
  return state
}

/** Our leaf's key, and those above it from the inviter's path secret on. */
async function ownPath({ groupInfo, groupSecrets, pair, suite, tree }: OpenedWelcome): Promise<PrivateKeyPath> {
  const leafIndex = findLeafIndex(tree, pair.publicPackage.leafNode)
  if (leafIndex === undefined) throw new QpqError("E035", "our leaf is not in the tree")
  const own = { leafIndex, privateKeys: { [leafToNodeIndex(leafIndex)]: pair.privatePackage.hpkePrivateKey } }
  if (groupSecrets.pathSecret === undefined) return own
  const ancestor = firstCommonAncestor(tree, leafIndex, toLeafIndex(groupInfo.signer))
  const secrets = await pathToRoot(tree, ancestor, groupSecrets.pathSecret, suite.kdf)
  return mergePrivateKeyPaths(await toPrivateKeyPath(secrets, leafIndex, suite), own)
}
