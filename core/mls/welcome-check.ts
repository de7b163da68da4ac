/** Looks into a Welcome before anything is joined (RFC 9420 section 12.4.3.1): whose group, which epoch, who invites. */
import type { CiphersuiteImpl, GroupInfo, RatchetTree, Welcome } from "ts-mls"
import { verifyGroupInfoSignature } from "ts-mls/groupInfo.js"
import type { GroupSecrets } from "ts-mls/groupSecrets.js"
import { makeKeyPackageRef } from "ts-mls/keyPackage.js"
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js"
import {
  decodeEncryptedGroupSecrets,
  decryptGroupInfo,
  decryptGroupSecrets,
  encodeEncryptedGroupSecrets,
} from "ts-mls/welcome.js"
import { concat, equal, uintBytes } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import { GROUP_ID_BYTES } from "../domain/ids.ts"
import { ENVELOPE_PREFIX_BYTES_MAX, PAYLOAD_BYTES_MAX } from "../domain/limits.ts"
import { SUITE_IDS, suiteOf } from "../domain/suite.ts"
import type { CheckedKeyPackage } from "./key-package-check.ts"
import type { Invitation, WelcomeParts } from "./group-engine.ts"
import { readKeyPackagePair } from "./key-package.ts"
import type { DeviceSigner, KeyPackagePair } from "./key-package.ts"
import { ciphersuiteOf } from "./provider.ts"
import { nameOfSuite, suiteOfName } from "./suites.ts"
import { checkTree, checkTreeShape } from "./tree-check.ts"
import { decodeExactly, leafAt } from "./ts-mls-terms.ts"

/** Without PSKs the PSK secret is zeros (RFC 9420 section 8.4). */
export const NO_PSK_SECRET = new Uint8Array(32)
const SUITE_ID_BYTES = 2

export interface OpenedWelcome {
  readonly pair: KeyPackagePair
  readonly suite: CiphersuiteImpl
  readonly groupInfo: GroupInfo
  readonly groupSecrets: GroupSecrets
  readonly tree: RatchetTree
}

/** `shared` = suite(2) ‖ encrypted GroupInfo; each recipient's `secrets` = one EncryptedGroupSecrets. */
export function splitWelcome(welcome: Welcome, added: readonly CheckedKeyPackage[]): WelcomeParts {
  const id = SUITE_IDS[suiteOfName(welcome.cipherSuite)]
  const shared = concat(uintBytes(id, SUITE_ID_BYTES), welcome.encryptedGroupInfo)
  const perRecipient = added.map(({ deviceKey, fingerprint }) => {
    const own = welcome.secrets.find((secrets) => equal(secrets.newMember, fingerprint))
    if (own === undefined) throw new QpqError("E099", "a Welcome without one of its recipients")
    return { deviceKey, secrets: encodeEncryptedGroupSecrets(own) }
  })
  return { shared, perRecipient }
}

/** Back to an MLS Welcome with exactly one recipient. @throws E035 */
export function joinParts({ shared, secrets }: Pick<Invitation, "shared" | "secrets">): Welcome {
  if (shared.length <= SUITE_ID_BYTES || shared.length > PAYLOAD_BYTES_MAX) throw refused("length")
  const suite = suiteOf((shared[0] ?? 0) * 256 + (shared[1] ?? 0))
  if (suite === undefined) throw refused("suite")
  const own = decodeExactly(secrets, {
    decode: decodeEncryptedGroupSecrets,
    encode: encodeEncryptedGroupSecrets,
    bytesMax: ENVELOPE_PREFIX_BYTES_MAX,
    refusal: "E035",
  })
  return { cipherSuite: nameOfSuite(suite), secrets: [own], encryptedGroupInfo: shared.slice(SUITE_ID_BYTES) }
}

/**
 * Decrypts and checks all but the key schedule: terms of the group, the tree, every certificate, the inviter's
 * signature. Throws whatever it meets; the engine makes an E035 of it.
 */
export async function openWelcome(signer: DeviceSigner, invitation: Invitation): Promise<OpenedWelcome> {
  const welcome = joinParts(invitation)
  const pair = readKeyPackagePair(signer, invitation.keyPackage)
  if (pair.publicPackage.cipherSuite !== welcome.cipherSuite) throw refused("another suite than the KeyPackage's")
  const suite = ciphersuiteOf(suiteOfName(welcome.cipherSuite))
  const groupSecrets = await secretsOf(welcome, pair, suite)
  const groupInfo = await decryptGroupInfo(welcome, groupSecrets.joinerSecret, NO_PSK_SECRET, suite)
  if (groupInfo === undefined) throw refused("GroupInfo")
  checkTerms(groupInfo, welcome)
  const tree = treeOf(groupInfo)
  checkTreeShape(tree)
  const inviter = leafAt(tree, groupInfo.signer)
  if (inviter === undefined) throw refused("signer is no leaf")
  if (!(await verifyGroupInfoSignature(groupInfo, inviter.signaturePublicKey, suite.signature)))
    throw refused("GroupInfo signature")
  await checkTree({ tree, groupContext: groupInfo.groupContext }, suite)
  return { pair, suite, groupInfo, groupSecrets, tree }
}

async function secretsOf(welcome: Welcome, pair: KeyPackagePair, suite: CiphersuiteImpl): Promise<GroupSecrets> {
  const initKey = await suite.hpke.importPrivateKey(pair.privatePackage.initPrivateKey)
  const reference = await makeKeyPackageRef(pair.publicPackage, suite.hash)
  const secrets = await decryptGroupSecrets(initKey, reference, welcome, suite.hpke)
  if (secrets === undefined) throw refused("GroupSecrets")
  if (secrets.psks.length > 0) throw refused("PSK")
  return secrets
}

function checkTerms({ groupContext, extensions }: GroupInfo, welcome: Welcome): void {
  if (groupContext.cipherSuite !== welcome.cipherSuite) throw refused("another suite inside")
  if (groupContext.groupId.length !== GROUP_ID_BYTES) throw refused("group id length")
  if (groupContext.extensions.length > 0) throw refused("group extension")
  if (extensions.length !== 1) throw refused("GroupInfo extension")
}

function treeOf({ extensions }: GroupInfo): RatchetTree {
  const extension = extensions.find((one) => one.extensionType === "ratchet_tree")
  if (extension === undefined) throw refused("no ratchet tree")
  return decodeExactly(extension.extensionData, {
    decode: decodeRatchetTree,
    encode: encodeRatchetTree,
    bytesMax: PAYLOAD_BYTES_MAX,
    refusal: "E035",
  })
}

const refused = (detail: string): QpqError => new QpqError("E035", detail)
